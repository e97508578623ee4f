/** Balances of what a plan gives beside its clocks: periods, what is used, what is left. */
import type { EntitlementBalance } from '../../../shared/api/contracts/entitlement-api.ts'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { DomainError, invalidInput } from '../../platform/errors.ts'
import { monthOf } from '../../tickets/rules/ticket-intake.ts'
import { iso } from '../../../shared/instants.ts'

export type Entitlement = Plan['entitlements'][number]
/** A use as it counts: not cancelled. */
export type Use = { amount: number; atMs: number; product: string | null }
/** Where the periods of a customer come from: the zone of the plan, and when the contract began. */
export type PeriodTerms = { timeZone: string; sinceMs: number }
export type Period = { key: string; fromMs: number; toMs: number | null }

/** Sums of amounts with three decimals, without the dust of binary fractions. */
const tidy = (amount: number): number => Math.round(amount * 1000) / 1000

/** The period an instant falls into: a calendar month or year of the zone, or the whole contract (also for what is given per product). */
export function periodOf(per: Entitlement['per'], atMs: number, terms: PeriodTerms): Period {
  if (per === 'month') {
    const { month, fromMs, toMs } = monthOf(atMs, terms.timeZone)
    return { key: month, fromMs, toMs }
  }
  if (per === 'year') {
    const { year } = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(terms.timeZone)
    const startOf = (which: number): number =>
      Temporal.PlainDate.from({ year: which, month: 1, day: 1 }).toZonedDateTime(terms.timeZone).epochMilliseconds
    return { key: String(year), fromMs: startOf(year), toMs: startOf(year + 1) }
  }
  return { key: 'contract', fromMs: terms.sinceMs, toMs: null }
}

/** What was used in a period, of one product when one is named. */
export function usedIn(uses: readonly Use[], period: Period, product: string | null): number {
  const counted = uses.filter(
    use =>
      // A contract has one period, and what was used before its record was made counts too.
      (period.toMs === null || (use.atMs >= period.fromMs && use.atMs < period.toMs)) && (product === null || use.product === product),
  )
  return tidy(counted.reduce((sum, use) => sum + use.amount, 0))
}

/** What is left of an amount; null = without limit. Less than nothing (a smaller amount was agreed later) is nothing. */
export function leftOf(amount: number | null, used: number): number | null {
  return amount === null ? null : Math.max(0, tidy(amount - used))
}

/** The balance in the period of `atMs`. What is given per product has one balance for each product that was named. */
export function balanceOf(
  entitlement: Entitlement & { isBoughtApart: boolean },
  uses: readonly Use[],
  atMs: number,
  terms: PeriodTerms,
): EntitlementBalance {
  const { id, name, unit, per, amount, addOn } = entitlement
  const period = periodOf(per, atMs, terms)
  const used = usedIn(uses, period, null)
  const products = [...new Set(uses.flatMap(use => use.product ?? []))].toSorted()
  return {
    id,
    name,
    unit,
    per,
    amount,
    used,
    left: addOn ? 0 : leftOf(amount, per === 'product' ? 0 : used),
    addOn: entitlement.isBoughtApart,
    isActive: !addOn,
    periodFrom: iso(period.fromMs),
    periodTo: period.toMs === null ? null : iso(period.toMs),
    ...(per === 'product'
      ? {
          products: products.map(product => {
            const ofProduct = usedIn(uses, period, product)
            return { product, used: ofProduct, left: leftOf(amount, ofProduct) }
          }),
        }
      : {}),
  }
}

/** `2.5 hours`, `1 visit`; what is merely included is counted in uses. */
export function spellAmount(amount: number, unit: Entitlement['unit']): string {
  const word = unit === 'included' ? 'uses' : unit
  return `${amount} ${amount === 1 ? word.slice(0, -1) : word}`
}

/** Refuses an amount that the unit does not have, and a product that is missing or does not belong. */
export function checkUse(entitlement: Entitlement, use: { amount: number; product?: string | undefined }): void {
  const { unit, per } = entitlement
  const isFine =
    unit === 'hours'
      ? Math.abs(use.amount * 1000 - Math.round(use.amount * 1000)) < 1e-6 && use.amount >= 0.001
      : Number.isInteger(use.amount)
  const faults = [
    ...(isFine
      ? []
      : [
          {
            path: 'body/amount',
            message: unit === 'hours' ? 'has at most three decimals' : `must be a whole number of ${unit === 'included' ? 'uses' : unit}`,
          },
        ]),
    ...(per === 'product' && use.product === undefined
      ? [{ path: 'body/product', message: `is missing: ${entitlement.name} is given for each product, name which` }]
      : []),
    ...(per !== 'product' && use.product !== undefined
      ? [{ path: 'body/product', message: `must be left out: ${entitlement.name} is not given by product` }]
      : []),
  ]
  if (faults.length > 0) throw invalidInput(faults)
}

/** Refuses what is more than is left, and what was not bought. `used` is what the period's uses come to so far. */
export function checkLeft(
  entitlement: Entitlement,
  use: { amount: number; product?: string | undefined },
  used: number,
  planName: string,
): void {
  const { id, name, unit, amount } = entitlement
  if (entitlement.addOn)
    throw new DomainError(
      'conflict',
      'entitlement-not-bought',
      `${name} is bought separately in the plan ${planName}, and this customer has not bought it. Once it is bought, set its amount in the customer's own terms: {"entitlements": {"${id}": AMOUNT}}, null = without limit.`,
      { extra: { entitlementId: id } },
    )
  const left = leftOf(amount, used)
  if (left === null || tidy(use.amount) <= left) return
  const per = {
    month: ' this month',
    year: ' this year',
    product: ` for ${use.product ?? 'the product'}`,
    contract: ' under the contract',
  }[entitlement.per]
  throw new DomainError(
    'conflict',
    'entitlement-exhausted',
    `${spellAmount(use.amount, unit)} of ${name} is more than is left: ${left} of ${spellAmount(amount ?? 0, unit)}${per}. Note less, cancel a use that did not take place, or agree a higher amount in the customer's own terms.`,
    { extra: { entitlementId: id, amount, used, left } },
  )
}

/** Own terms for entitlements that the plan does not have, each with the list of those it has. */
export function unknownEntitlements(agreed: unknown, plan: Pick<Plan, 'name' | 'entitlements'>): { path: string; message: string }[] {
  if (typeof agreed !== 'object' || agreed === null || Array.isArray(agreed)) return []
  const known = plan.entitlements.map(entitlement => entitlement.id)
  return Object.keys(agreed)
    .filter(id => !known.includes(id))
    .map(id => ({
      path: `/entitlements/${id}`,
      message: `is not an entitlement of the plan ${plan.name}, which has ${known.length === 0 ? 'none' : known.join(', ')}`,
    }))
}
