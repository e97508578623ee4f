/** Terms of plans as people read them. */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { LevelTerms, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import { PLAN_TERMS, type TermKey } from '../../../shared/api/plans/plan-terms.ts'
import { TERM_GROUPS } from '../../../shared/api/plans/term-line.ts'
import { weekText } from '../../../shared/week-words.ts'
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

export type PlanFact = { key: TermKey; name: string; value: string; path: string }

/** A term of a plan in words; null when the plan has none, or there is nothing worth telling. */
export function tellTerm<Key extends TermKey>(plan: Plan, key: Key): string | null {
  const value: Plan[Key] = plan[key]
  // Each line tells its own kind of value, which one type for all lines cannot say.
  const { tell } = PLAN_TERMS[key] as { tell(value: NonNullable<Plan[Key]>): string | null }
  return value === undefined ? null : tell(value)
}

const groups = Object.keys(TERM_GROUPS)
/** Every term in the order of the editor. */
const TERM_KEYS = (Object.keys(PLAN_TERMS) as TermKey[]).toSorted(
  (one, other) => groups.indexOf(PLAN_TERMS[one].group) - groups.indexOf(PLAN_TERMS[other].group),
)

function facts(plan: Plan, isWanted: (key: TermKey) => boolean): PlanFact[] {
  return TERM_KEYS.filter(isWanted).flatMap(key => {
    const value = tellTerm(plan, key)
    return value === null ? [] : [{ key, name: PLAN_TERMS[key].title, value, path: `/${key}` }]
  })
}

/** Facts of a plan as name and value, the ones that matter when two are compared; `path` is where it stands in the plan (JSON pointer). */
export function planFacts(plan: Plan): PlanFact[] {
  return facts(plan, key => 'isFact' in PLAN_TERMS[key])
}

/** What changes between two plans, old and new side by side. */
export function planDifferences(before: Plan, after: Plan): { name: string; before: string; after: string }[] {
  const rows = (plan: Plan): Map<string, string> =>
    new Map([
      ...facts(plan, () => true).map(fact => [fact.name, fact.value] as const),
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
