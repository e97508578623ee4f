/** What is known about signals is whole, is true of the code that says them, and the page about them shows what the house does. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shippedArticles } from '../../server/knowledge/article-files.ts'
import { schemaFaults } from '../../server/platform/schema-faults.ts'
import { shippedRules } from '../../server/plans/catalogue-defaults.ts'
import { Rule } from '../../shared/api/incidents/rule-api.ts'
import { LANGUAGES } from '../../shared/languages.ts'
import { CAUSES } from '../../shared/signals/causes.ts'
import type { SignalLine } from '../../shared/signals/signal-line.ts'
import { bearingOf, SIGNAL_NAMES, SIGNALS } from '../../shared/signals/signals.ts'
import { signalsPage } from './signals-page.ts'

const ROOT = join(import.meta.dirname, '../..')
const LINES = SIGNAL_NAMES.map((name): { name: string; line: SignalLine } => ({ name, line: SIGNALS[name] }))

/** Names that the sources below a folder write down, alone or before a component. */
function namesIn(pattern: string, except: RegExp): Set<string> {
  const files = globSync(pattern, { cwd: ROOT }).filter(file => !except.test(file))
  expect(files.length).toBeGreaterThan(10)
  const text = files.map(file => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  return new Set(SIGNAL_NAMES.filter(name => new RegExp(`['\`]${name.replaceAll('.', '\\.')}['\`:]`).test(text)))
}

describe('every line', () => {
  it('has words in each language, each its own, and none is a sentence', () => {
    const unfit = LINES.flatMap(({ name, line }) =>
      LANGUAGES.filter(language => {
        const words = line.words[language]
        return !/^\S.*[^\s.:]$/.test(words) || (language !== 'en' && words === line.words.en)
      }).map(language => `${name} ${language}`),
    )
    expect(unfit).toEqual([])
  })

  it('has a rule the server takes, but for the outage of everything', () => {
    expect(LINES.filter(({ line }) => line.rule === null).map(({ name }) => name)).toEqual(['platform.offline'])
    expect(shippedRules().flatMap(rule => schemaFaults(Rule, rule).map(fault => `${rule.signal} ${fault.path} ${fault.message}`))).toEqual(
      [],
    )
  })

  it('that sends somebody says with which skill, and no other does', () => {
    expect(LINES.filter(({ line }) => (line.rule?.fixedBy === 'onsite') !== (line.rule?.skill !== undefined))).toEqual([])
  })

  it('is said by whom it says', () => {
    const byAgent = namesIn('agent/**/*.ts', /^agent.remedy/)
    const byServer = namesIn('server/**/*.ts', /^server.web|.rules.|.store./)
    const wrong = LINES.filter(({ name, line }) => {
      if (line.saidBy === 'agent') return !byAgent.has(name)
      return byAgent.has(name) || byServer.has(name) !== (line.saidBy === 'server')
    })
    expect(wrong.map(({ name, line }) => `${name}: ${line.saidBy}`)).toEqual([])
  })

  it('names articles that ship, and each of them is named but for the one about writing', () => {
    const families = [...new Set(shippedArticles().flatMap(({ article }) => article.family ?? []))]
    const named = new Set(LINES.flatMap(({ line }) => line.articles))
    expect([...named].filter(family => !families.includes(family))).toEqual([])
    expect(families.filter(family => !named.has(family))).toEqual(['update-letter'])
  })
})

describe('causes', () => {
  it('say why, explain something, and are symptoms only of what is worse', () => {
    expect(
      LINES.filter(({ line }) => line.because !== undefined)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(CAUSES.toSorted())
    const explaining = new Set(LINES.flatMap(({ line }) => line.symptomOf))
    expect(CAUSES.filter(cause => !explaining.has(cause))).toEqual(['agent.offline'])
    const upsideDown = CAUSES.filter((cause, rank) => {
      const { symptomOf }: SignalLine = SIGNALS[cause]
      return symptomOf.some(worse => CAUSES.indexOf(worse) >= rank)
    })
    expect(upsideDown).toEqual([])
  })

  it('take over the ticket of what grows into them only when they explain it', () => {
    const growing = LINES.filter(({ line }) => line.growsInto !== undefined)
    expect(growing.map(({ name }) => name).toSorted()).toEqual(['disk.filling', 'usb.missing'])
    expect(growing.filter(({ line }) => line.growsInto && !line.symptomOf.includes(line.growsInto))).toEqual([])
  })
})

it.each([
  { why: 'of a known kind', signal: 'printer.ink-out', is: { waitsForOpening: true, serving: 'peripheral' } },
  { why: 'of the kiosk app', signal: 'app.slow', is: { waitsForOpening: true, serving: 'needed' } },
  { why: 'of a kind that does not agree', signal: 'agent.sleepy', is: { waitsForOpening: false, serving: 'other' } },
  { why: 'of no known kind', signal: 'lift.stuck', is: { waitsForOpening: false, serving: 'other' } },
])('a signal of another version $why takes after it', ({ signal, is }) => {
  expect(bearingOf(signal)).toEqual(is)
})

it('the page says what the house does', () => {
  expect(readFileSync(join(ROOT, 'docs/signals.md'), 'utf8')).toBe(signalsPage())
})
