/** When a limit of a plan is nearly or wholly used, what follows under this plan, and whether people hear of it (again). */
import type { EffectivePlan } from '../../plans/rules/plan.ts'

export type Percent = 80 | 100
export type LimitName = 'devices' | 'contacts' | 'cases' | 'entitlement'
/** One limit as it is used now. `period` is '' where the limit has none: devices and contacts come and go. */
export type LimitFact = {
  limit: LimitName
  /** Of an entitlement. */
  id?: string
  name?: string
  unit?: string
  product?: string
  period: string
  used: number
  /** null = without limit. */
  included: number | null
}
/** What was judged before. `toldPercent` is the highest percent that people were told of. */
export type LimitLevel = { included: number; percent: number; toldPercent: number; sinceMs: number }
export type Judgement = { level: LimitLevel; tell: Percent | null }

/** The threshold that is reached: 80 from 80 % of the number on, 100 when all is used. Of three the third reaches both, which is 100. */
export function percentReached(used: number, included: number | null): Percent | null {
  // Where nothing was agreed there is nothing to use up.
  if (included === null || included <= 0) return null
  if (used >= included) return 100
  return used * 100 >= included * 80 ? 80 : null
}

/**
 * The new level of a limit and what people hear: each threshold once. A limit without a period is told again once it fell below
 * and reached it anew; one with a period only in the next period, or when another number was agreed.
 */
export function judgeLimit(before: LimitLevel | null, fact: LimitFact, nowMs: number): Judgement {
  const percent = percentReached(fact.used, fact.included) ?? 0
  const included = fact.included ?? 0
  const isSameNumber = before?.included === included
  const told = before === null || (fact.period !== '' && !isSameNumber) ? 0 : before.toldPercent
  const remembered = fact.period === '' ? Math.min(told, percent) : told
  const tell = percent > remembered ? (percent as Percent) : null
  return {
    level: {
      included,
      percent,
      toldPercent: Math.max(remembered, percent),
      sinceMs: before?.percent === percent && isSameNumber ? before.sinceMs : nowMs,
    },
    tell,
  }
}

const count = (amount: number, singular: string): string => `${amount} ${singular}${amount === 1 ? '' : 's'}`

/** The key of a limit in the store. */
export function limitKey(fact: Pick<LimitFact, 'limit' | 'id' | 'product'>): string {
  return [fact.limit, fact.id, fact.product].filter(part => part !== undefined).join(':')
}

/** `48 of the 60 devices of the plan Production are covered` and the like, without a full stop. */
function spellUse(fact: LimitFact, planName: string): string {
  const { used, included } = fact
  const number = included ?? 0
  switch (fact.limit) {
    case 'devices':
      return `${used} of ${count(number, 'device')} in the plan ${planName} ${used === 1 ? 'is' : 'are'} covered`
    case 'contacts':
      return `${used} of ${count(number, 'named contact')} in the plan ${planName} ${used === 1 ? 'is' : 'are'} used`
    case 'cases':
      return `${used} of ${count(number, 'case')} in ${fact.period} of the plan ${planName} ${used === 1 ? 'is' : 'are'} used`
    case 'entitlement': {
      const what = `${fact.name ?? fact.id ?? ''}${fact.product === undefined ? '' : ` (${fact.product})`}`
      const unit = fact.unit === 'included' ? 'uses' : (fact.unit ?? '')
      return `${used} of ${number} ${unit} are used: ${what}${fact.period === 'contract' ? '' : `, ${fact.period}`}`
    }
  }
}

/** What happens to the next one, under this plan. */
export function whatFollows(fact: LimitFact, plan: Pick<EffectivePlan, 'devices' | 'cases'>): string {
  switch (fact.limit) {
    case 'devices':
      return plan.devices.more === 'billed'
        ? 'Every further device is admitted and billed per device and day.'
        : 'Every further device is refused and waits until a place is free.'
    case 'contacts':
      return 'Every further contact is refused; who is not a named contact can still register, and the ticket is marked.'
    case 'cases':
      return plan.cases.beyond === 'pay-per-incident'
        ? 'Every further case of the month is paid per incident.'
        : 'Every further case of the month is kept and waits for approval, without deadlines until then.'
    case 'entitlement':
      return 'What is more than is left is refused.'
  }
}

/** What people can do about it. */
export function whatToDo(fact: LimitFact): string[] {
  switch (fact.limit) {
    case 'devices':
      return ['To free a place, retire a device that is no longer used.', 'Or agree a larger plan.']
    case 'contacts':
      return ['To name somebody else, remove a contact.', 'Or agree a higher number.']
    case 'cases':
      return ['To have more, agree a higher number of cases or a larger plan.', 'The count begins anew with the next month.']
    case 'entitlement':
      return ['To have more, agree a higher amount.', 'A use that did not take place can be cancelled.']
  }
}

/** One sentence for a screen: what is used, and what follows once all is. */
export function spellLimit(fact: LimitFact, percent: Percent, plan: Pick<EffectivePlan, 'name' | 'devices' | 'cases'>): string {
  const follows = whatFollows(fact, plan)
  const then = percent === 100 ? follows : `When all are used: ${follows.charAt(0).toLowerCase()}${follows.slice(1)}`
  return `${spellUse(fact, plan.name)}. ${then}`
}
