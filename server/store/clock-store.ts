/** The clocks of tickets: one row a cycle. */
import { sql } from 'kysely'
import { randomUUIDv7 } from 'node:crypto'
import type { ClockTarget } from '../domain/clock.ts'
import type { TicketClock } from '../domain/ticket-clocks.ts'
import type { Database, Tx } from './database.ts'
import { inChunks } from './row-lock.ts'
import type { ClockRow } from './schema.ts'

const toClock = (row: ClockRow): TicketClock => ({
  kind: row.kind,
  cycle: row.cycle,
  warnedAtMs: row.warned_at,
  why: row.why,
  facts: {
    state: row.state,
    target: JSON.parse(row.target) as ClockTarget,
    calendar: JSON.parse(row.calendar) as TicketClock['facts']['calendar'],
    startedAtMs: row.started_at,
    usedSeconds: row.used_seconds,
    runningSinceMs: row.running_since,
    dueAtMs: row.due_at,
    warnAtMs: row.warn_at,
    breachedAtMs: row.breached_at,
    endedAtMs: row.ended_at,
  },
})

/** Clocks of these tickets, by ticket, each list in order of kind and cycle. */
export async function readClocks(db: Database | Tx, ticketIds: readonly string[]): Promise<Map<string, TicketClock[]>> {
  const clocks = new Map<string, TicketClock[]>(ticketIds.map(id => [id, []]))
  await inChunks(ticketIds, async chunk => {
    const rows = await db.selectFrom('clocks').selectAll().where('ticket_id', 'in', chunk).orderBy('kind').orderBy('cycle').execute()
    for (const row of rows) clocks.get(row.ticket_id)?.push(toClock(row))
  })
  return clocks
}

/** Writes those clocks that are not the same object as before; a finished cycle is never among them. */
export async function writeClocks(tx: Tx, ticketId: string, before: readonly TicketClock[], after: readonly TicketClock[]): Promise<void> {
  const changed = after.filter(clock => !before.includes(clock))
  if (changed.length === 0) return
  const rows = changed.map(({ kind, cycle, facts, warnedAtMs, why }): ClockRow => ({
    id: randomUUIDv7(),
    ticket_id: ticketId,
    kind,
    cycle,
    state: facts.state,
    target: JSON.stringify(facts.target),
    calendar: JSON.stringify(facts.calendar),
    started_at: facts.startedAtMs,
    used_seconds: facts.usedSeconds,
    running_since: facts.runningSinceMs,
    due_at: facts.dueAtMs,
    warn_at: facts.warnAtMs,
    warned_at: warnedAtMs,
    breached_at: facts.breachedAtMs,
    ended_at: facts.endedAtMs,
    why,
  }))
  await tx
    .insertInto('clocks')
    .values(rows)
    .onConflict(conflict =>
      conflict.columns(['ticket_id', 'kind', 'cycle']).doUpdateSet({
        state: sql`excluded.state`,
        target: sql`excluded.target`,
        calendar: sql`excluded.calendar`,
        used_seconds: sql`excluded.used_seconds`,
        running_since: sql`excluded.running_since`,
        due_at: sql`excluded.due_at`,
        warn_at: sql`excluded.warn_at`,
        warned_at: sql`excluded.warned_at`,
        breached_at: sql`excluded.breached_at`,
        ended_at: sql`excluded.ended_at`,
        why: sql`excluded.why`,
      }),
    )
    .execute()
}
