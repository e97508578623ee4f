/** Places in a plan: who is covered, additional, waiting or uncovered after any change, exact under concurrency. */
import { allocatePlaces, type Candidate, type PlaceState } from '../domain/allowance.ts'
import type { Tx } from '../store/database.ts'
import { findCustomer } from '../store/customer-store.ts'
import { listPlaces, updateDevice } from '../store/device-store.ts'
import { insertTimeline } from '../store/timeline-store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Change } from './changes.ts'
import type { Incidents } from './incidents.ts'

const PLACE_TEXT: Record<PlaceState, string> = {
  active: 'Covered by the plan',
  additional: 'Additional device: beyond the plan, billed separately',
  waiting: 'Waits for a free place in the plan',
  uncovered: 'Not covered any more: watched, but raises no ticket',
}

/** Reads the limits of the customer's plan and moves devices accordingly. Call with the customer locked. */
export function makePlaces(deps: {
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  incidents: Pick<Incidents, 'coverDevices'>
  now: () => number
}) {
  return {
    /** Applies the plan to all devices of a customer; `chosen` are those an operator wants covered first. */
    async reassess(
      tx: Tx,
      customerId: string,
      changes: Change[],
      chosen: readonly string[] = [],
    ): Promise<{ included: number | null; covered: number }> {
      const plan = await deps.catalogue.effectivePlanOf(tx, customerId)
      const customer = await findCustomer(tx, customerId)
      const rows = await listPlaces(tx, customerId)
      const preferred = new Set(chosen)
      const candidates: Candidate[] = rows.map(row => ({
        id: row.id,
        state: row.state as PlaceState,
        enrolledAtMs: row.enrolled_at,
        waitingSinceMs: row.waiting_since,
        chosen: preferred.has(row.id),
      }))
      const inGrace =
        customer?.downgrade_until !== null &&
        customer?.downgrade_until !== undefined &&
        customer.downgrade_until > deps.now() &&
        chosen.length === 0
      const moved = allocatePlaces(candidates, { included: plan.devices.included, more: plan.devices.more, inGrace })
      const byId = new Map(rows.map(row => [row.id, row]))
      const coveredAgain: string[] = []
      for (const [deviceId, state] of moved) {
        const before = byId.get(deviceId)
        if (before?.state === 'uncovered' && state !== 'waiting') coveredAgain.push(deviceId)
        await updateDevice(tx, deviceId, { state, waiting_since: state === 'waiting' ? (before?.waiting_since ?? deps.now()) : null })
        await insertTimeline(tx, {
          device_id: deviceId,
          at: deps.now(),
          received_at: deps.now(),
          kind: 'place',
          text: PLACE_TEXT[state],
          state,
        })
        changes.push({ kind: 'device', id: deviceId, customerId })
      }
      if (coveredAgain.length > 0) await deps.incidents.coverDevices(tx, coveredAgain, changes)
      const covered = candidates.filter(device => {
        const state = moved.get(device.id) ?? device.state
        return state === 'active' || state === 'additional'
      }).length
      return {
        included: plan.devices.included,
        covered: plan.devices.included === null ? covered : Math.min(covered, plan.devices.included),
      }
    },
  }
}
export type Places = ReturnType<typeof makePlaces>
