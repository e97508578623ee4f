import { expect, it } from 'vitest'
import { Plan } from '../../../shared/api/plans/plan-api.ts'
import { PLAN_TERMS, type TermKey } from '../../../shared/api/plans/plan-terms.ts'
import { TERM_GROUPS } from '../../../shared/api/plans/term-line.ts'
import { shippedPlans } from '../../../server/plans/catalogue-defaults.ts'
import { schemaFaults } from '../../../server/platform/schema-faults.ts'
import { planDifferences, planFacts, tellTerm } from '../../../server/web/plans/plan-words.ts'

/** What a plan is called by; everything else in it is a term. */
const NAMES = ['id', 'offer', 'name']
const keys = Object.keys(PLAN_TERMS) as TermKey[]

it('every term of the schema has a line, and every line is a term', () =>
  expect(Object.keys(Plan.properties).filter(key => !NAMES.includes(key))).toEqual(keys))

it.each(keys)('%s has its words and its place in the editor', key => {
  const line = PLAN_TERMS[key]
  expect(line.title).toMatch(/^[A-Z].{2,80}$/)
  expect(TERM_GROUPS).toHaveProperty(line.group)
  expect(line.editor).toMatch(/^(own|file|zone|switch|choice|several|texts|number)$/)
  if ('choices' in line) for (const word of Object.values(line.choices)) expect(word).not.toBe('')
})

it('no two terms are called the same', () => expect(new Set(keys.map(key => PLAN_TERMS[key].title)).size).toBe(keys.length))

it('only the terms of the very first version are without a default: a new one is read in versions that lack it', () =>
  expect(keys.filter(key => PLAN_TERMS[key].presence === 'always')).toEqual([
    'suggestedTimeZone',
    'devices',
    'contacts',
    'cases',
    'channels',
    'hours',
    'levels',
  ]))

it.each(keys.filter(key => 'default' in PLAN_TERMS[key]))('the default of %s is one of its values', key => {
  const line = PLAN_TERMS[key]
  expect('default' in line && schemaFaults(line.schema, line.default)).toEqual([])
})

it.each(shippedPlans().map(plan => [plan.id, plan] as const))('%s is told in words', (_id, plan) => {
  const told = keys.map(key => tellTerm(plan, key)).filter(words => words !== null)
  expect(told.length).toBeGreaterThan(30)
  expect(told.filter(words => words === '' || /undefined|\[object/.test(words))).toEqual([])
})

it('the facts of a plan come in the order of the editor, those it has', () => {
  const plan = shippedPlans().find(each => each.id === 'op5-premium')
  expect(plan && planFacts(plan).map(({ name, value }) => [name, value])).toEqual([
    ['Devices', 'without limit, more billed separately'],
    ['Named contacts', '15 contacts'],
    ['Cases a month', 'without limit'],
    ['Service hours', 'Always'],
    ['After hours', 'first line only'],
    ['Channels', 'portal, form, email, phone'],
    ['Monitoring', 'raises tickets'],
    ['Required in a report', 'name, e-mail or phone, software version, platform version, description'],
    ['Closes by itself after', '42 days without the customer’s answer'],
    ['On site', 'not part of the plan'],
  ])
})

it('two plans differ in every term that is told, facts or not', () => {
  const [free, production] = ['ombori-free', 'ombori-production'].map(id => shippedPlans().find(each => each.id === id))
  const rows = free && production ? planDifferences(free, production) : []
  expect(rows).toContainEqual({ name: 'Escalation phone', before: 'no', after: 'yes' })
  expect(rows).toContainEqual({ name: 'Monitoring', before: 'not part of the plan', after: 'raises tickets and mends remotely' })
  expect(rows.map(row => row.name)).not.toContain('Self help')
})
