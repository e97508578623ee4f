/** What is in force for a customer, for people to read. */
import type { Plan } from '../../shared/api/plans/plan-api.ts'
import type { CustomerTerms } from '../../shared/api/contracts/terms-api.ts'
import { calendarWarnings, ownTerms } from '../plans/rules/plan-own.ts'
import { readOverrides } from '../plans/rules/stored-plan.ts'
import { findCustomerTerms } from '../plans/store/catalogue-store.ts'
import type { Database } from '../database/database.ts'
import type { Catalogue } from '../plans/catalogue.ts'

/** Makes the reader of terms. */
export function makeCustomerTerms(deps: { db: Database; now: () => number; catalogue: Pick<Catalogue, 'effectivePlanOf'> }) {
  const { db, now, catalogue } = deps
  const thisYear = (): number => new Date(now()).getUTCFullYear()
  return {
    /** The terms in force. Throws `not-found` for an unknown customer. */
    async read(customerId: string): Promise<CustomerTerms> {
      const { version, timeZone, holidayDates, specialHours: _hours, ...plan } = await catalogue.effectivePlanOf(db, customerId)
      const row = await findCustomerTerms(db, customerId)
      const [from, to] = [`${thisYear()}-01-01`, `${thisYear() + 1}-12-31`]
      return {
        customerId,
        plan: plan satisfies Plan,
        version,
        timeZone,
        holidayDates: holidayDates.filter(date => from <= date && date <= to),
        own: ownTerms(readOverrides(row?.overrides ?? '{}')),
        warnings: calendarWarnings({ holidays: plan.holidays, holidayDates }, thisYear()),
      }
    },

    /** What people should be told about the customer's calendar. Throws `not-found`. */
    async warnings(customerId: string): Promise<string[]> {
      return calendarWarnings(await catalogue.effectivePlanOf(db, customerId), thisYear())
    },
  }
}
export type CustomerTermsReader = ReturnType<typeof makeCustomerTerms>
