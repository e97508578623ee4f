/** How much of its plan a customer uses. */
import type { Usage } from '../../shared/api/customer-api.ts'
import { countUsage } from '../store/catalogue-store.ts'
import type { Catalogue, Reader } from './catalogue.ts'

/** The calendar month of an instant in a zone: `2026-11` and its bounds. */
function monthOf(atMs: number, timeZone: string): { month: string; fromMs: number; toMs: number } {
  const first = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate().with({ day: 1 })
  return {
    month: first.toString().slice(0, 7),
    fromMs: first.toZonedDateTime(timeZone).epochMilliseconds,
    toMs: first.add({ months: 1 }).toZonedDateTime(timeZone).epochMilliseconds,
  }
}

/** Makes the usage service. */
export function makeUsage(options: { catalogue: Pick<Catalogue, 'effectivePlanOf'>; now: () => number }) {
  return {
    /**
     * Devices, contacts and this month's cases against the plan; included null = without limit. The month is the calendar
     * month in the plan's zone; only cases that people registered count. Throws `not-found` for an unknown customer.
     */
    async planUsage(db: Reader, customerId: string): Promise<Usage> {
      const plan = await options.catalogue.effectivePlanOf(db, customerId)
      const { month, fromMs, toMs } = monthOf(options.now(), plan.timeZone)
      const { devices, contacts, cases } = await countUsage(db, { customerId, fromMs, toMs })
      return {
        devices: {
          included: plan.devices.included,
          covered: devices['active'] ?? 0,
          additional: devices['additional'] ?? 0,
          waiting: devices['waiting'] ?? 0,
        },
        contacts: { included: plan.contacts.included, used: contacts },
        cases: { included: plan.cases.perMonth, used: cases, month },
      }
    },
  }
}
