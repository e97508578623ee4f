/** The log of the clocks: written once, never changed. */
import type { ClockEvent } from '../rules/clock-history.ts'
import type { ClockEventRow } from '../../database/tables/clock-event-rows.ts'
import type { Database, Tx } from '../../database/database.ts'
import { newRowId } from '../../database/row-id.ts'

const ROWS_AT_ONCE = 200

/** Adds lines to the log. Throws when something that happens once is there already: the transaction that did it again is undone. */
export async function insertClockEvents(
  tx: Tx,
  items: readonly { ticketId: string; event: ClockEvent }[],
  recordedAtMs: number,
): Promise<void> {
  const rows = items.map(({ ticketId, event }): ClockEventRow => ({
    id: newRowId(),
    ticket_id: ticketId,
    kind: event.kind,
    cycle: event.cycle,
    what: event.what,
    step: event.step,
    once_key: event.onceKey,
    at: event.atMs,
    recorded_at: recordedAtMs,
    state: event.facts.state,
    due_at: event.facts.dueAtMs,
    used_seconds: event.facts.usedSeconds,
    text: event.text,
  }))
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await tx
      .insertInto('clock_events')
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute()
}

/** The log of one ticket's clocks, oldest first. */
export async function listClockEvents(db: Database, ticketId: string): Promise<ClockEventRow[]> {
  return db
    .selectFrom('clock_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('at')
    .orderBy('recorded_at')
    .orderBy('id')
    .execute()
}
