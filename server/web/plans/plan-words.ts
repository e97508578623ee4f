/** Terms of plans as people read them. */
import type { LevelTerms, Plan, PlanTarget } from '../../../shared/api/plans/plan-api.ts'
import { weekText } from '../components/hours-text.ts'
import { minutesWords } from '../components/time-words.ts'

/** `30 min`, `next business day`, `best effort`, `when done`. */
export function targetText(target: PlanTarget): string {
  if ('minutes' in target) return minutesWords(target.minutes)
  if ('days' in target) {
    if (target.firstDays !== undefined) return `${target.firstDays}–${target.days} business days`
    return target.days === 1 ? 'next business day' : `${target.days} business days`
  }
  return target.kind === 'best-effort' ? 'best effort' : 'when done'
}

/** What limits a level. */
export function levelNote(terms: LevelTerms): string {
  const parts: string[] = []
  if (terms.environments) parts.push(`only ${terms.environments.join(', ')}`)
  if (terms.categories) parts.push(`for ${terms.categories.map(category => category.replaceAll('-', ' ')).join(', ')}`)
  if (terms.needsCustomerStaff) parts.push('needs the customer’s staff')
  if (terms.hours) parts.push(weekText(terms.hours))
  return parts.join('; ')
}

const limitText = (included: number | null, one: string, many: string): string =>
  included === null ? 'without limit' : `${included} ${included === 1 ? one : many}`

/** Facts of a plan as name and value, the ones that matter when two are compared; `path` is where it stands in the plan (JSON pointer). */
export function planFacts(plan: Plan): { name: string; value: string; path: string }[] {
  const facts = [
    {
      path: '/devices',
      name: 'Devices',
      value: `${limitText(plan.devices.included, 'device', 'devices')}, more ${plan.devices.more === 'billed' ? 'billed separately' : 'refused'}`,
    },
    { path: '/contacts', name: 'Contacts', value: limitText(plan.contacts.included, 'contact', 'contacts') },
    { path: '/cases', name: 'Cases a month', value: limitText(plan.cases.perMonth, 'case', 'cases') },
    { path: '/hours', name: 'Service hours', value: weekText(plan.hours) },
    { path: '/channels', name: 'Channels', value: plan.channels.join(', ') || 'none' },
    {
      path: '/monitoring',
      name: 'Monitoring',
      value: { none: 'no', tickets: 'raises tickets', proactive: 'raises tickets and mends remotely' }[plan.monitoring],
    },
    { path: '/onsite', name: 'Onsite', value: plan.onsite === 'partner' ? 'routed to a partner' : 'none' },
  ]
  if (plan.afterHours)
    facts.push({
      path: '/afterHours',
      name: 'After hours',
      value:
        plan.afterHours.kind === 'levels' && 'levels' in plan.afterHours
          ? `levels ${plan.afterHours.levels.join(', ')} by ${plan.afterHours.channels.join(', ')}`
          : 'first line only',
    })
  if (plan.autoCloseAfterDays !== null)
    facts.push({
      path: '/autoCloseAfterDays',
      name: 'Closes itself',
      value: `${plan.autoCloseAfterDays} days after a question without an answer`,
    })
  if (plan.requiredFields.length > 0)
    facts.push({
      path: '/requiredFields',
      name: 'Required in a report',
      value: plan.requiredFields
        .map(field =>
          field
            .replaceAll('-', ' ')
            .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
            .toLowerCase(),
        )
        .join(', '),
    })
  return facts
}

/** What changes between two plans, old and new side by side. */
export function planDifferences(before: Plan, after: Plan): { name: string; before: string; after: string }[] {
  const rows = (plan: Plan): Map<string, string> =>
    new Map([
      ...planFacts(plan).map(fact => [fact.name, fact.value] as const),
      ...(['1', '2', '3', '4'] as const).map(
        level =>
          [
            `Level ${level}: response / update`,
            `${targetText(plan.levels[level].response)} / ${targetText(plan.levels[level].update)}`,
          ] as const,
      ),
    ])
  const old = rows(before)
  const now = rows(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .map(name => ({ name, before: old.get(name) ?? '–', after: now.get(name) ?? '–' }))
    .filter(row => row.before !== row.after)
}
