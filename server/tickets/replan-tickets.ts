/** What a change of the customer's plan does to its open tickets; the preview of an edit asks the very same. */
import { setImmediate } from 'node:timers/promises'
import type { TicketPromises } from '../sla/rules/promise.ts'
import { addFlags } from './rules/ticket.ts'
import { retargetClocks, setClocksToStatus, type ClockKind, type Clocks } from '../sla/rules/ticket-clocks.ts'
import { readClocks } from '../sla/store/clock-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { insertTicketEvents, listOpenTicketIds, lockTickets, stampPlan } from './store/ticket-store.ts'
import { flagsOf, owedSinceMs, pauseTerms, promisesOf, whyOf } from './loaded-ticket.ts'
import type { Case, PlanInForce, Act } from './ticket-context.ts'
import { savePromised } from './save-ticket.ts'

/** Tickets read and written at once. */
export const REPLAN_BATCH = 500

/** What of a ticket decides its promise. */
export type PromisedTicket = Pick<
  TicketRow,
  'level' | 'environment' | 'category' | 'channel' | 'flags' | 'approved_at' | 'created_at' | 'status' | 'scope_reason'
>
export type Replanned = { promises: TicketPromises; clocks: Clocks; byChange: ClockKind[]; isChanged: boolean }

/** An open ticket under a plan from `nowMs` on: what is finished stays, a promise that stays the same changes nothing. */
export function replanTicket(ticket: PromisedTicket, clocks: Clocks, plan: Omit<PlanInForce, 'version'>, nowMs: number): Replanned {
  const promises = promisesOf(plan, ticket, owedSinceMs(ticket))
  const moved = retargetClocks(clocks, promises, nowMs)
  const after = setClocksToStatus(moved.clocks, ticket.status, pauseTerms(plan, promises), nowMs)
  const flags = flagsOf(ticket)
  const isChanged = after.clocks !== clocks || promises.level !== ticket.level || promises.flags.some(flag => !flags.includes(flag))
  return { promises, clocks: after.clocks, byChange: [...moved.byChange, ...after.byChange], isChanged }
}

function changeOf(row: TicketRow, plan: PlanInForce, { promises }: Replanned): Partial<TicketRow> {
  return {
    plan_id: plan.id,
    plan_version: plan.version,
    level: promises.level,
    flags: JSON.stringify(addFlags(flagsOf(row), ...promises.flags)),
    why: JSON.stringify(addFlags(whyOf(row), promises.response.why, ...promises.why)),
  }
}

/** The customer's plan or terms changed: the remainder of running clocks follows. Tickets whose promise stays are only stamped. */
export async function replanTickets({ tx, desk, changes, author }: Act, customerId: string): Promise<void> {
  const nowMs = desk.now()
  const plan = await desk.catalogue.effectivePlanOf(tx, customerId)
  const ids = await listOpenTicketIds(tx, customerId)
  for (let start = 0; start < ids.length; start += REPLAN_BATCH) {
    const rows = await lockTickets(tx, ids.slice(start, start + REPLAN_BATCH))
    const clocksOf = await readClocks(
      tx,
      rows.map(row => row.id),
      'movable',
    )
    const moved = rows.flatMap(row => {
      const clocks = clocksOf.get(row.id) ?? []
      const after = replanTicket(row, clocks, plan, nowMs)
      if (!after.isChanged) return []
      const before: Case = { row, clocks, plan, promises: after.promises }
      return [{ before, after: { ...after, change: changeOf(row, plan, after) } }]
    })
    await insertTicketEvents(
      tx,
      moved.map(({ before: { row } }) => ({
        ticket_id: row.id,
        at: nowMs,
        kind: 'plan',
        text: `The ${plan.name} plan is in force from now on.`,
        visibility: 'public',
        ...author,
      })),
    )
    await savePromised(tx, desk, moved, { nowMs, changes })
    // A batch is computed in one go: what else the server has to do gets its turn in between.
    await setImmediate()
  }
  await stampPlan(tx, customerId, plan)
}
