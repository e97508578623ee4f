/** Who is told what about a customer's plan: rows of the outbox in the same transaction, each once. */
import {
  writeDeviceWaits,
  writeGraceBegins,
  writeGraceEndsSoon,
  writeLimitReached,
  writePlacesFree,
  writeUncovered,
} from './rules/plan-letter.ts'
import { spellLimit, whatToDo, type LimitFact, type Percent } from './rules/usage-thresholds.ts'
import { findCustomer, listContacts } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { listPlaces } from '../devices/store/device-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { listDeskAddresses, listManagerAddresses } from '../accounts/store/staff-address-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { newRowId } from '../database/row-id.ts'

const LIMIT_NAMES: Record<Exclude<LimitFact['limit'], 'entitlement'>, string> = {
  devices: 'devices',
  contacts: 'named contacts',
  cases: 'cases of the month',
}

/** Makes the notices. `deskEmail` is the desk's common address; without it every desk user is told. */
export function makePlanNotices(deps: { now: () => number; catalogue: Pick<Catalogue, 'effectivePlanOf'>; deskEmail: string | null }) {
  type Letter = { key: string; deviceId?: string; subject: string; body: string }
  /** Our side and the customer's contacts; `key` makes it this one notice. */
  const tell = async (tx: Tx, customerId: string, notice: Letter, ours = listDeskAddresses): Promise<void> => {
    const desk = deps.deskEmail === null ? await ours(tx, customerId) : [deps.deskEmail]
    const contacts = (await listContacts(tx, customerId)).map(contact => contact.email)
    const { key, ...letter } = notice
    for (const address of new Set([...desk, ...contacts])) {
      await addNotice(tx, { channel: 'email', dedupKey: `${key}:${address}`, address, customerId, nowMs: deps.now(), ...letter })
    }
  }
  const namesOf = async (tx: Tx, customerId: string) => {
    const customer = await findCustomer(tx, customerId)
    const plan = await deps.catalogue.effectivePlanOf(tx, customerId)
    return { customerName: customer?.name ?? '', planName: plan.name, plan }
  }
  const dateIn = (atMs: number, timeZone: string): string =>
    Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate().toString()

  return {
    /** A device began to wait at the plan's limit; told once however often it asks again while it waits. */
    async deviceWaits(
      tx: Tx,
      fact: { customerId: string; deviceId: string; deviceName: string; sinceMs: number; included: number | null },
    ): Promise<void> {
      const { customerId, deviceId, deviceName, sinceMs, included } = fact
      const { customerName, planName } = await namesOf(tx, customerId)
      const letter = writeDeviceWaits({ deviceName, customerName, planName, included })
      await tell(tx, customerId, { key: `device-waits:v1:${deviceId}:${sinceMs}`, deviceId, ...letter })
    },

    /** Devices that waited were admitted without asking again. */
    async placesFree(
      tx: Tx,
      fact: { customerId: string; devices: readonly { id: string; name: string; sinceMs: number; isBilled: boolean }[] },
    ): Promise<void> {
      const { customerId, devices } = fact
      const [first] = devices
      if (first === undefined) return
      const { customerName, planName } = await namesOf(tx, customerId)
      const letter = writePlacesFree({
        customerName,
        planName,
        covered: devices.filter(device => !device.isBilled).map(device => device.name),
        additional: devices.filter(device => device.isBilled).map(device => device.name),
      })
      // A device is admitted once for each time it waited: that makes it this notice.
      const key = `place-free:v1:${first.id}:${first.sinceMs}`
      await tell(tx, customerId, { key, ...(devices.length === 1 ? { deviceId: first.id } : {}), ...letter })
    },

    /** The customer has more devices than its plan now includes, and until `untilMs` to choose. */
    async graceBegins(tx: Tx, fact: { customerId: string; untilMs: number }): Promise<void> {
      const { customerId, untilMs } = fact
      const { customerName, planName, plan } = await namesOf(tx, customerId)
      const held = (await listPlaces(tx, customerId)).filter(device => device.state === 'active' || device.state === 'additional').length
      const letter = writeGraceBegins({
        customerName,
        planName,
        included: plan.devices.included ?? 0,
        held,
        until: dateIn(untilMs, plan.timeZone),
      })
      await tell(tx, customerId, { key: `downgrade:v1:${customerId}:${untilMs}`, ...letter })
    },

    /** The time to choose is nearly over; `leaving` are the names of those that would not be covered any more. */
    async graceEndsSoon(tx: Tx, fact: { customerId: string; untilMs: number; leaving: readonly string[] }): Promise<void> {
      const { customerId, untilMs, leaving } = fact
      const { customerName, planName, plan } = await namesOf(tx, customerId)
      const letter = writeGraceEndsSoon({
        customerName,
        planName,
        included: plan.devices.included ?? 0,
        leaving,
        until: dateIn(untilMs, plan.timeZone),
      })
      await tell(tx, customerId, { key: `downgrade-ends:v1:${customerId}:${untilMs}`, ...letter })
    },

    /** These devices lost their cover, by somebody's choice or because nobody chose. */
    async uncovered(tx: Tx, fact: { customerId: string; deviceNames: readonly string[]; isChosen: boolean }): Promise<void> {
      const { customerId, deviceNames, isChosen } = fact
      if (deviceNames.length === 0) return
      const { customerName, planName, plan } = await namesOf(tx, customerId)
      const letter = writeUncovered({ customerName, planName, included: plan.devices.included, deviceNames, isChosen })
      await tell(tx, customerId, { key: `uncovered:v1:${newRowId()}`, ...letter })
    },

    /** A limit reached 80 or 100 % of its number; `sinceMs` tells this time from an earlier one. */
    async limitReached(
      tx: Tx,
      fact: { customerId: string; key: string; limit: LimitFact; percent: Percent; sinceMs: number },
    ): Promise<void> {
      const { customerId, key, limit, percent, sinceMs } = fact
      const { customerName, plan } = await namesOf(tx, customerId)
      const letter = writeLimitReached({
        customerName,
        percent,
        what: limit.limit === 'entitlement' ? (limit.name ?? limit.id ?? '') : LIMIT_NAMES[limit.limit],
        sentence: spellLimit(limit, percent, plan),
        toDo: whatToDo(limit),
      })
      const notice = { key: `limit:v1:${customerId}:${key}:${limit.period}:${percent}:${sinceMs}`, ...letter }
      await tell(tx, customerId, notice, listManagerAddresses)
    },
  }
}
export type PlanNotices = ReturnType<typeof makePlanNotices>
