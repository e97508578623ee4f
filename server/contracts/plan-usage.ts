/** How much of its plan a customer uses, and who is told when a limit is nearly or wholly used. */
import type { ReachedLimit, Usage } from '../../shared/api/contracts/customer-api.ts'
import { periodOf, usedIn } from './rules/entitlement.ts'
import type { EffectivePlan } from '../plans/rules/plan.ts'
import { monthOf } from '../tickets/rules/ticket-intake.ts'
import { judgeLimit, limitKey, percentReached, spellLimit, type LimitFact } from './rules/usage-thresholds.ts'
import { countUsage } from '../plans/store/catalogue-store.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { listCountedUses } from './store/entitlement-store.ts'
import { listLimitLevels, saveLimitLevel } from './store/limit-store.ts'
import type { LimitLevelRow } from '../database/tables/usage-rows.ts'
import type { Catalogue, Reader } from '../plans/catalogue.ts'
import type { PlanNotices } from './plan-notifications.ts'

const levelKey = (key: string, period: string): string => JSON.stringify([key, period])

/** Makes the usage service. */
export function makeUsage(options: {
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  notices: Pick<PlanNotices, 'limitReached'>
  now: () => number
}) {
  /** Each entitlement that has a number, in its period of now; what is given per product, for each product that was named. */
  const entitlementFacts = async (db: Reader, customerId: string, plan: EffectivePlan): Promise<LimitFact[]> => {
    const limited = plan.entitlements.filter(({ amount, addOn }) => amount !== null && !addOn)
    if (limited.length === 0) return []
    const terms = { timeZone: plan.timeZone, sinceMs: (await findCustomer(db, customerId))?.created_at ?? 0 }
    const uses = await listCountedUses(db, customerId)
    return limited.flatMap(({ id, name, unit, per, amount }) => {
      const own = uses.filter(use => use.entitlement_id === id).map(use => ({ amount: use.amount, atMs: use.at, product: use.product }))
      const period = periodOf(per, options.now(), terms)
      const fact = { limit: 'entitlement', id, name, unit, period: period.key, included: amount } as const
      if (per !== 'product') return [{ ...fact, used: usedIn(own, period, null) }]
      const products = [...new Set(own.flatMap(use => use.product ?? []))]
      return products.map(product => ({ ...fact, product, used: usedIn(own, period, product) }))
    })
  }

  const measure = async (db: Reader, customerId: string) => {
    const plan = await options.catalogue.effectivePlanOf(db, customerId)
    const { month, fromMs, toMs } = monthOf(options.now(), plan.timeZone)
    const { devices, contacts, cases } = await countUsage(db, { customerId, fromMs, toMs })
    const facts: LimitFact[] = [
      { limit: 'devices', period: '', used: devices['active'] ?? 0, included: plan.devices.included },
      { limit: 'contacts', period: '', used: contacts, included: plan.contacts.included },
      { limit: 'cases', period: month, used: cases, included: plan.cases.perMonth },
      ...(await entitlementFacts(db, customerId, plan)),
    ]
    return { plan, month, devices, contacts, cases, facts }
  }
  const levelsOf = async (db: Reader, customerId: string): Promise<Map<string, LimitLevelRow>> =>
    new Map((await listLimitLevels(db, customerId)).map(row => [levelKey(row.limit_key, row.period), row]))

  /** Judges limits anew, remembers them and tells who crossed one. */
  const judge = async (tx: Tx, customerId: string, facts: readonly LimitFact[]): Promise<void> => {
    const levels = await levelsOf(tx, customerId)
    for (const fact of facts) {
      const key = limitKey(fact)
      const row = levels.get(levelKey(key, fact.period))
      const before =
        row === undefined ? null : { included: row.included, percent: row.percent, toldPercent: row.told_percent, sinceMs: row.since_at }
      const { level, tell } = judgeLimit(before, fact, options.now())
      // A limit that never came near has no row.
      const isSame =
        before === null ? level.percent === 0 : Object.entries(level).every(([name, value]) => before[name as keyof typeof level] === value)
      if (isSame) continue
      await saveLimitLevel(tx, {
        customer_id: customerId,
        limit_key: key,
        period: fact.period,
        included: level.included,
        percent: level.percent,
        told_percent: level.toldPercent,
        since_at: level.sinceMs,
      })
      if (tell !== null) await options.notices.limitReached(tx, { customerId, key, limit: fact, percent: tell, sinceMs: level.sinceMs })
    }
  }

  return {
    /**
     * Devices, contacts and this month's cases against the plan; included null = without limit. The month is the calendar
     * month in the plan's zone; only cases that people registered count. Throws `not-found` for an unknown customer.
     */
    async planUsage(db: Reader, customerId: string): Promise<Usage> {
      const { plan, month, devices, contacts, cases, facts } = await measure(db, customerId)
      const levels = await levelsOf(db, customerId)
      const reached = facts.flatMap((fact): ReachedLimit[] => {
        const percent = percentReached(fact.used, fact.included)
        if (percent === null) return []
        const level = levels.get(levelKey(limitKey(fact), fact.period))
        return [
          {
            limit: fact.limit,
            ...(fact.id === undefined ? {} : { id: fact.id }),
            percent,
            ...(level?.percent === percent ? { since: new Date(level.since_at).toISOString() } : {}),
            sentence: spellLimit(fact, percent, plan),
          },
        ]
      })
      return {
        devices: {
          included: plan.devices.included,
          covered: devices['active'] ?? 0,
          additional: devices['additional'] ?? 0,
          waiting: devices['waiting'] ?? 0,
        },
        contacts: { included: plan.contacts.included, used: contacts },
        cases: { included: plan.cases.perMonth, used: cases, month },
        reached,
      }
    },

    /** After anything that counts against the plan, in its transaction and with the customer locked: who crossed a limit is told. */
    async review(tx: Tx, customerId: string): Promise<void> {
      await judge(tx, customerId, (await measure(tx, customerId)).facts)
    },

    /** As `review`, for devices alone and with their count at hand: thousands enrol one after the other. */
    async reviewDevices(tx: Tx, customerId: string, active: number): Promise<void> {
      const { included } = (await options.catalogue.effectivePlanOf(tx, customerId)).devices
      await judge(tx, customerId, [{ limit: 'devices', period: '', used: active, included }])
    },
  }
}
export type UsageService = ReturnType<typeof makeUsage>
