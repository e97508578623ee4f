/** A smaller plan: two weeks in which everything stays covered and somebody chooses, then the rest is uncovered. */
import type { CoverChoice } from '../../shared/api/contracts/customer-api.ts'
import { invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { findCustomer, listEndedGraces, listGracesToRemind, markGraceReminded, updateCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../database/database.ts'
import { listPlaces } from '../devices/store/device-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Places } from './device-cover.ts'
import type { PlanNotices } from './plan-notifications.ts'
import { DAY_MS } from '../../shared/units.ts'

const GRACE_MS = 14 * DAY_MS
const REMIND_MS = 3 * DAY_MS
const MAX_FAULTS = 100

/** Makes the downgrades service. */
export function makeDowngrades(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  places: Places
  notices: Pick<PlanNotices, 'graceBegins' | 'graceEndsSoon' | 'uncovered'>
}) {
  const { db, now, bus, places, notices } = deps

  /** What is wrong with a choice, naming each device. */
  const choiceFaults = async (tx: Tx, customerId: string, deviceIds: readonly string[]): Promise<FieldError[]> => {
    const { included } = (await deps.catalogue.effectivePlanOf(tx, customerId)).devices
    const states = new Map((await listPlaces(tx, customerId)).map(device => [device.id, device.state]))
    const faults = deviceIds.flatMap((id, index): FieldError[] => {
      const state = states.get(id)
      const path = `body/deviceIds/${index}`
      if (state === undefined) return [{ path, message: `${id} is not a device of this customer, or it is retired` }]
      if (state === 'waiting') return [{ path, message: `${id} waits for a place: only devices that hold or held one can be chosen` }]
      return []
    })
    if (included !== null && deviceIds.length > included)
      faults.unshift({ path: 'body/deviceIds', message: `${deviceIds.length} devices are chosen and the plan includes ${included}` })
    return faults.slice(0, MAX_FAULTS)
  }

  return {
    /** After a change of terms: more devices hold a place than the plan gives: all stay active for 14 days; an end that is set stays. */
    async begin(tx: Tx, customerId: string): Promise<void> {
      const before = (await findCustomer(tx, customerId))?.downgrade_until ?? null
      const { included, more } = (await deps.catalogue.effectivePlanOf(tx, customerId)).devices
      const held = (await listPlaces(tx, customerId)).filter(device => device.state === 'active' || device.state === 'additional').length
      const isOver = more === 'refused' && included !== null && held > included
      const untilMs = isOver ? (before ?? now() + GRACE_MS) : null
      await updateCustomer(tx, customerId, { downgrade_until: untilMs })
      if (untilMs !== null && before === null) await notices.graceBegins(tx, { customerId, untilMs })
    },

    /** What there is to choose from. Throws not-found. */
    async choice(customerId: string): Promise<CoverChoice> {
      const customer = await findCustomer(db, customerId)
      if (!customer) throw notFound('customer')
      const { included, items } = await places.forecast(db, customerId)
      return {
        until: customer.downgrade_until === null ? null : new Date(customer.downgrade_until).toISOString(),
        included,
        items: items.map(device => ({
          deviceId: device.id,
          name: device.name,
          siteName: device.siteName,
          state: device.state as CoverChoice['items'][number]['state'],
          enrolledAt: new Date(device.enrolled_at).toISOString(),
          chosen: device.staysCovered,
        })),
      }
    },

    /** The operator says which devices stay covered; the rest is uncovered at once. Throws invalid-input naming each device that cannot be chosen. */
    async choose(customerId: string, deviceIds: readonly string[]): Promise<void> {
      const changes: Change[] = []
      await inTransaction(db, async tx => {
        if (!(await lockCustomer(tx, customerId))) throw notFound('customer')
        const faults = await choiceFaults(tx, customerId, deviceIds)
        if (faults.length > 0) throw invalidInput(faults)
        await updateCustomer(tx, customerId, { downgrade_until: null })
        const { uncovered } = await places.reassess(tx, customerId, changes, { chosen: deviceIds })
        await notices.uncovered(tx, { customerId, deviceNames: uncovered, isChosen: true })
      })
      bus.publish(changes)
    },

    /** Ends the grace of downgrades that are over; answers how many customers it touched. */
    async endGrace(): Promise<number> {
      let ended = 0
      for (const customerId of await listEndedGraces(db, now())) {
        const changes: Change[] = []
        await inTransaction(db, async tx => {
          await lockCustomer(tx, customerId)
          const until = (await findCustomer(tx, customerId))?.downgrade_until ?? null
          // Somebody chose, or another worker was first.
          if (until === null || until > now()) return
          await updateCustomer(tx, customerId, { downgrade_until: null })
          const { uncovered } = await places.reassess(tx, customerId, changes)
          await notices.uncovered(tx, { customerId, deviceNames: uncovered, isChosen: false })
          ended += 1
        })
        bus.publish(changes)
      }
      return ended
    },

    /** Three days before the end, once: whom nobody has chosen for is told what happens. Answers how many customers it told. */
    async remind(): Promise<number> {
      let told = 0
      for (const customerId of await listGracesToRemind(db, { nowMs: now(), beforeMs: now() + REMIND_MS })) {
        await inTransaction(db, async tx => {
          await lockCustomer(tx, customerId)
          const until = (await findCustomer(tx, customerId))?.downgrade_until ?? null
          if (until === null || until <= now() || !(await markGraceReminded(tx, customerId, until))) return
          const { items } = await places.forecast(tx, customerId)
          const leaving = items.filter(device => device.state !== 'waiting' && !device.staysCovered).map(device => device.name)
          await notices.graceEndsSoon(tx, { customerId, untilMs: until, leaving })
          told += 1
        })
      }
      return told
    },
  }
}
export type Downgrades = ReturnType<typeof makeDowngrades>
