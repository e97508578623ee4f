/** Who is told what about a customer's plan: rows of the outbox in the same transaction, each once. */
import { writeDeviceWaits, writeGraceBegins } from '../domain/plan-letter.ts'
import { findCustomer, listContacts } from '../store/customer-store.ts'
import type { Tx } from '../store/database.ts'
import { listPlaces } from '../store/device-store.ts'
import { addNotice } from '../store/outbox-store.ts'
import { listDeskAddresses } from '../store/ticket-store.ts'
import type { Catalogue } from './catalogue.ts'

/** Makes the notices. `deskEmail` is the desk's common address; without it every desk user is told. */
export function makePlanNotices(deps: { now: () => number; catalogue: Pick<Catalogue, 'effectivePlanOf'>; deskEmail: string | null }) {
  /** Desk and the customer's contacts; `key` makes it this one notice. */
  const tell = async (
    tx: Tx,
    customerId: string,
    notice: { key: string; deviceId?: string; subject: string; body: string },
  ): Promise<void> => {
    const desk = deps.deskEmail === null ? await listDeskAddresses(tx, customerId) : [deps.deskEmail]
    const contacts = (await listContacts(tx, customerId)).map(contact => contact.email)
    const { key, ...letter } = notice
    for (const address of new Set([...desk, ...contacts])) {
      await addNotice(tx, { channel: 'email', dedupKey: `${key}:${address}`, address, customerId, nowMs: deps.now(), ...letter })
    }
  }

  return {
    /** A device began to wait at the plan's limit; told once however often it asks again while it waits. */
    async deviceWaits(
      tx: Tx,
      fact: { customerId: string; deviceId: string; deviceName: string; sinceMs: number; included: number | null },
    ): Promise<void> {
      const { customerId, deviceId, sinceMs, included } = fact
      const customer = await findCustomer(tx, customerId)
      const plan = await deps.catalogue.effectivePlanOf(tx, customerId)
      const letter = writeDeviceWaits({ deviceName: fact.deviceName, customerName: customer?.name ?? '', planName: plan.name, included })
      await tell(tx, customerId, { key: `device-waits:v1:${deviceId}:${sinceMs}`, deviceId, ...letter })
    },

    /** The customer has more devices than its plan now includes, and until `untilMs` to choose. */
    async graceBegins(tx: Tx, fact: { customerId: string; untilMs: number }): Promise<void> {
      const { customerId, untilMs } = fact
      const customer = await findCustomer(tx, customerId)
      const plan = await deps.catalogue.effectivePlanOf(tx, customerId)
      const until = Temporal.Instant.fromEpochMilliseconds(untilMs).toZonedDateTimeISO(plan.timeZone).toPlainDate().toString()
      const held = (await listPlaces(tx, customerId)).filter(device => device.state === 'active' || device.state === 'additional').length
      const letter = writeGraceBegins({
        customerName: customer?.name ?? '',
        planName: plan.name,
        included: plan.devices.included ?? 0,
        held,
        until,
      })
      await tell(tx, customerId, { key: `downgrade:v1:${customerId}:${untilMs}`, ...letter })
    },
  }
}
export type PlanNotices = ReturnType<typeof makePlanNotices>
