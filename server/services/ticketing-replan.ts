/** What a change of the customer's plan does to its open tickets. */
import { addFlags } from '../domain/ticket.ts'
import { retargetClocks } from '../domain/ticket-clocks.ts'
import type { TicketRow } from '../store/schema.ts'
import { listOpenTicketIds } from '../store/ticket-store.ts'
import { clocksFor, flagsOf, loadCase, note, saveCase, whyOf } from './ticketing-core.ts'
import type { Act } from './ticketing-people.ts'

/** The customer's plan or terms changed: the remainder of running clocks follows, what is finished stays. */
export async function replanTickets({ tx, desk, changes, author }: Act, customerId: string): Promise<void> {
  const nowMs = desk.now()
  for (const ticketId of await listOpenTicketIds(tx, customerId)) {
    const one = await loadCase(tx, desk, ticketId)
    const { row, plan, promises } = one
    const moved = retargetClocks(one.clocks, promises, nowMs)
    const after = clocksFor(one, moved.clocks, row.status, nowMs)
    await note(tx, row, {
      atMs: nowMs,
      nowMs,
      kind: 'plan',
      text: `The ${plan.name} plan is in force from now on.`,
      author,
      isPublic: true,
    })
    const change: Partial<TicketRow> = {
      plan_id: plan.id,
      plan_version: plan.version,
      level: promises.level,
      flags: JSON.stringify(addFlags(flagsOf(row), ...promises.flags)),
      why: JSON.stringify(addFlags(whyOf(row), promises.response.why, ...promises.why)),
    }
    await saveCase(tx, desk, one, { change, clocks: after.clocks, byChange: [...moved.byChange, ...after.byChange] }, { nowMs, changes })
  }
}
