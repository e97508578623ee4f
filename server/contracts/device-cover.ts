/** Places in a plan: who is covered, additional, waiting or uncovered after any change, exact under concurrency. */
import { allocatePlaces, type Allowance, type Candidate, type PlaceState } from './rules/cover-allocation.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { listPlaces, type PlacedDevice } from '../devices/store/device-store.ts'
import { movePlace, nameDevices } from '../devices/store/device-state-store.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import type { Catalogue, Reader } from '../plans/catalogue.ts'
import type { Change } from '../platform/change-bus.ts'
import type { Incidents } from '../incidents/incidents.ts'
import type { PlanNotices } from './plan-notifications.ts'
import type { UsageService } from './plan-usage.ts'

const PLACE_TEXT: Record<PlaceState, string> = {
  active: 'Covered by the plan',
  additional: 'Additional device: beyond the plan, billed separately',
  waiting: 'Waits for a free place in the plan',
  uncovered: 'Not covered any more: watched, but raises no ticket',
}
const byAge = (one: PlacedDevice, other: PlacedDevice): number => one.enrolled_at - other.enrolled_at || (one.id < other.id ? -1 : 1)
const holdsPlace = (state: PlaceState): boolean => state === 'active' || state === 'additional'

export type Forecast = PlacedDevice & { siteName: string; staysCovered: boolean }
export type Reassessed = {
  included: number | null
  covered: number
  /** Names of devices that lost their cover. */
  uncovered: string[]
}

/** Reads the limits of the customer's plan and moves devices accordingly. Call with the customer locked. */
export function makePlaces(deps: {
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  incidents: Pick<Incidents, 'coverDevices'>
  notices: Pick<PlanNotices, 'placesFree'>
  usage: Pick<UsageService, 'reviewDevices'>
  now: () => number
}) {
  const candidatesOf = (rows: readonly PlacedDevice[], chosen: ReadonlySet<string>): Candidate[] =>
    rows.map(row => ({
      id: row.id,
      state: row.state as PlaceState,
      enrolledAtMs: row.enrolled_at,
      waitingSinceMs: row.waiting_since,
      chosen: chosen.has(row.id),
    }))
  const allowanceOf = async (db: Reader, customerId: string): Promise<Omit<Allowance, 'inGrace'>> => {
    const { included, more } = (await deps.catalogue.effectivePlanOf(db, customerId)).devices
    return { included, more }
  }

  return {
    /** Applies the plan to all devices of a customer; `chosen` are those an operator wants covered first, `enteringId` is the one that asks now. */
    async reassess(
      tx: Tx,
      customerId: string,
      changes: Change[],
      options: { chosen?: readonly string[]; enteringId?: string } = {},
    ): Promise<Reassessed> {
      const allowance = await allowanceOf(tx, customerId)
      const customer = await findCustomer(tx, customerId)
      const rows = await listPlaces(tx, customerId)
      const candidates = candidatesOf(rows, new Set(options.chosen))
      const inGrace = (customer?.downgrade_until ?? 0) > deps.now()
      const moved = allocatePlaces(candidates, { ...allowance, inGrace })
      const uncovered: string[] = []
      const coveredAgain: string[] = []
      const freed: { id: string; name: string; sinceMs: number; isBilled: boolean }[] = []
      for (const before of rows.filter(row => moved.has(row.id)).sort(byAge)) {
        const state = moved.get(before.id)
        if (state === undefined) continue
        await movePlace(tx, before, {
          state,
          atMs: deps.now(),
          more: { waiting_since: state === 'waiting' ? (before.waiting_since ?? deps.now()) : null },
        })
        await insertTimeline(tx, {
          device_id: before.id,
          at: deps.now(),
          received_at: deps.now(),
          kind: 'place',
          text: PLACE_TEXT[state],
          state,
        })
        changes.push({ kind: 'device', id: before.id, customerId })
        if (state === 'uncovered') uncovered.push(before.name)
        if (before.state === 'uncovered' && holdsPlace(state)) coveredAgain.push(before.id)
        if (before.state === 'waiting' && holdsPlace(state) && before.id !== options.enteringId)
          freed.push({
            id: before.id,
            name: before.name,
            sinceMs: before.waiting_since ?? before.enrolled_at,
            isBilled: state === 'additional',
          })
      }
      if (coveredAgain.length > 0) await deps.incidents.coverDevices(tx, coveredAgain, changes)
      await deps.notices.placesFree(tx, { customerId, devices: freed })
      const stateAfter = (device: Candidate): PlaceState => moved.get(device.id) ?? device.state
      const active = candidates.filter(device => stateAfter(device) === 'active').length
      await deps.usage.reviewDevices(tx, customerId, active)
      const covered = candidates.filter(device => holdsPlace(stateAfter(device))).length
      const { included } = allowance
      return { included, covered: included === null ? covered : Math.min(covered, included), uncovered }
    },

    /** Every device of a customer, the longest enrolled first, with what it would be if the grace of a downgrade ended now and nobody had chosen. */
    async forecast(db: Reader, customerId: string): Promise<{ included: number | null; items: Forecast[] }> {
      const allowance = await allowanceOf(db, customerId)
      const rows = await listPlaces(db, customerId)
      const moved = allocatePlaces(candidatesOf(rows, new Set()), { ...allowance, inGrace: false })
      const names = await nameDevices(
        db,
        rows.map(row => row.id),
      )
      const items = rows.sort(byAge).map(row => ({
        ...row,
        siteName: names.get(row.id)?.siteName ?? '',
        staysCovered: (moved.get(row.id) ?? row.state) === 'active',
      }))
      return { included: allowance.included, items }
    },
  }
}
export type Places = ReturnType<typeof makePlaces>
