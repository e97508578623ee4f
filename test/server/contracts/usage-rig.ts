/** A customer with devices on a real store, at a time the test says: what tests of limits, places and statements start from. */
import type { CustomerPatch } from '../../../shared/api/contracts/customer-api.ts'
import type { EnrolOutcome } from '../../../server/enrolment/enrolment.ts'
import type { Store } from '../../../server/database/database.ts'
import { makeTestHouse } from '../../support/test-house.ts'

/** Services on a store; the first device asks at `startAt`. */
export async function makeUsageRig(store: Store, startAt = '2026-11-02T09:00:00Z') {
  const time = { nowMs: Date.parse(startAt) }
  const house = makeTestHouse(store, () => time.nowMs)
  await house.catalogue.load()

  return {
    ...house,
    db: store.db,
    time,
    at: (text: string) => void (time.nowMs = Date.parse(text)),
    /** The same services once more, as a second server on the same store has them. */
    another: () => makeTestHouse(store, () => time.nowMs),

    async shop(terms: Partial<CustomerPatch> & { planId: string }) {
      const customer = await house.customers.create({ name: 'Corner shop', timeZone: 'Europe/Stockholm', ...terms })
      const site = await house.sites.createSite(customer.id, { name: 'High street' })
      const tokenFor = async (maxUses = 5_000): Promise<string> =>
        (await house.enrolment.createToken({ customerId: customer.id, siteId: site.id, maxUses, expiresAtMs: null, createdBy: 'test' }))
          .token
      const enrol = async (machine: string, token?: string): Promise<EnrolOutcome> =>
        house.enrolment.enrol({
          token: token ?? (await tokenFor()),
          machineId: `${customer.id}-${machine}`,
          hostname: `kiosk-${machine}`,
          platform: 'linux',
          agentVersion: '1.0.0',
        })
      const devices = () =>
        store.db.selectFrom('devices').selectAll().where('customer_id', '=', customer.id).orderBy('enrolled_at').execute()
      return {
        id: customer.id,
        siteId: site.id,
        tokenFor,
        enrol,
        devices,
        device: async (machine: string): Promise<string> => (await devices()).find(row => row.hostname === `kiosk-${machine}`)?.id ?? '',
        states: async (): Promise<Record<string, string>> => Object.fromEntries((await devices()).map(row => [row.hostname, row.state])),
        /** By instant, then by subject and address: ids of one millisecond have no order. */
        mails: async (): Promise<{ address: string; subject: string; body: string }[]> => {
          const rows = await store.db.selectFrom('outbox').selectAll().where('customer_id', '=', customer.id).execute()
          const key = (row: (typeof rows)[number]): string => `${row.created_at} ${row.subject} ${row.address}`
          return rows.sort((one, other) => (key(one) < key(other) ? -1 : 1))
        },
        report: (subject = 'It is broken') =>
          house.ticketing.register(
            {
              customerId: customer.id,
              level: 3,
              subject,
              description: 'Since this morning.',
              channel: 'form',
              reporter: { name: 'Carl', email: 'carl@shop.example' },
            },
            { author_kind: 'person', author_name: 'Ada' },
          ),
      }
    },
  }
}
export type UsageRig = Awaited<ReturnType<typeof makeUsageRig>>
