/** The terms of a plan in words: what people read on a ticket beside each deadline. */
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { Category } from '../../../shared/api/sla/sla-api.ts'
import { spellSeconds } from '../../sla/rules/clock.ts'

const NAMES: Record<Category, string> = {
  incident: 'incidents',
  information: 'questions',
  'feature-request': 'feature requests',
  cosmetic: 'cosmetic defects',
  hardware: 'hardware',
  'third-party': 'third-party software',
  'operating-system': 'operating systems',
  network: 'networks',
  printer: 'printers',
  consulting: 'consulting',
}

/** `30 min`, `48 h`, `next business day`, `1-3 business days`, `best effort`, `when done`. */
export function spellTarget(target: PlanTarget): string {
  if (target.kind === 'minutes') return spellSeconds(target.minutes * 60)
  if (target.kind === 'best-effort') return 'best effort'
  if (target.kind === 'none') return 'when done'
  if (target.firstDays !== undefined) return `${target.firstDays}-${target.days} business days`
  return target.days === 1 ? 'next business day' : `${target.days} business days`
}

/** A category as a plural noun in a sentence. */
export function spellCategory(category: Category): string {
  return NAMES[category]
}
