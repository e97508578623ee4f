/** The clocks of tickets: one row a cycle. A finished cycle is never rewritten; the statement itself refuses it. */
import { sql } from 'kysely'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import type { ClockTarget } from '../rules/clock.ts'
import type { ClockStep } from '../rules/escalation.ts'
import type { TicketClock } from '../rules/ticket-clocks.ts'
import type { Database, Tx } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { ClockRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

/** Rows of one statement: 18 columns each, within every database's parameter limit. */
const ROWS_AT_ONCE = 200
const MAX_KEPT = 2_000
const parsed = new Map<string, unknown>()

/** Calendars, targets and steps repeat from clock to clock: each text is parsed once. Nobody changes what is given out. */
function parseOnce(text: string): unknown {
  const known = parsed.get(text)
  if (known !== undefined) return known
  if (parsed.size >= MAX_KEPT) parsed.clear()
  const value: unknown = JSON.parse(text)
  parsed.set(text, value)
  return value
}

const toClock = (row: ClockRow): TicketClock => ({
  kind: row.kind,
  cycle: row.cycle,
  why: row.why,
  steps: parseOnce(row.steps) as ClockStep[],
  fired: parseOnce(row.fired) as string[],
  reminded: row.reminded,
  facts: {
    state: row.state,
    target: parseOnce(row.target) as ClockTarget,
    calendar: parseOnce(row.calendar) as CalendarSpec,
    startedAtMs: row.started_at,
    usedSeconds: row.used_seconds,
    runningSinceMs: row.running_since,
    dueAtMs: row.due_at,
    breachedAtMs: row.breached_at,
    endedAtMs: row.ended_at,
  },
})

/**
 * Clocks of these tickets, by ticket, each list in order of kind and cycle. `movable`: only those that a change of plan can move or
 * has to know of, the open ones and every resolution.
 */
export async function readClocks(
  db: Database | Tx,
  ticketIds: readonly string[],
  which: 'all' | 'movable' = 'all',
): Promise<Map<string, TicketClock[]>> {
  const clocks = new Map<string, TicketClock[]>(ticketIds.map(id => [id, []]))
  await inChunks(ticketIds, async chunk => {
    let query = db.selectFrom('clocks').selectAll().where('ticket_id', 'in', chunk)
    if (which === 'movable') query = query.where(e => e.or([e('ended_at', 'is', null), e('kind', '=', 'resolution')]))
    const rows = await query.orderBy('ticket_id').orderBy('kind').orderBy('cycle').execute()
    for (const row of rows) clocks.get(row.ticket_id)?.push(toClock(row))
  })
  return clocks
}

function toRow(ticketId: string, { kind, cycle, facts, steps, fired, reminded, why }: TicketClock): ClockRow {
  return {
    id: newRowId(),
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
    breached_at: facts.breachedAtMs,
    ended_at: facts.endedAtMs,
    why,
    steps: JSON.stringify(steps),
    fired: JSON.stringify(fired),
    reminded,
  }
}

export type ClockChange = { ticketId: string; before: readonly TicketClock[]; after: readonly TicketClock[] }

/** Writes those clocks that are not the same object as before. Throws when one of them was finished: that is a fault of ours. */
export async function writeClocks(tx: Tx, changes: readonly ClockChange[]): Promise<void> {
  const rows: ClockRow[] = []
  for (const { ticketId, before, after } of changes) {
    for (const clock of after) if (!before.includes(clock)) rows.push(toRow(ticketId, clock))
  }
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const piece = rows.slice(start, start + ROWS_AT_ONCE)
    const result = await tx
      .insertInto('clocks')
      .values(piece)
      .onConflict(conflict =>
        conflict
          .columns(['ticket_id', 'kind', 'cycle'])
          .doUpdateSet({
            state: sql`excluded.state`,
            target: sql`excluded.target`,
            calendar: sql`excluded.calendar`,
            used_seconds: sql`excluded.used_seconds`,
            running_since: sql`excluded.running_since`,
            due_at: sql`excluded.due_at`,
            breached_at: sql`excluded.breached_at`,
            ended_at: sql`excluded.ended_at`,
            why: sql`excluded.why`,
            steps: sql`excluded.steps`,
            fired: sql`excluded.fired`,
            reminded: sql`excluded.reminded`,
          })
          .where('clocks.ended_at', 'is', null),
      )
      .executeTakeFirst()
    if (Number(result.numInsertedOrUpdatedRows ?? 0) !== piece.length)
      throw new Error(
        `a finished cycle of a clock was to be rewritten, on one of ${piece
          .map(row => row.ticket_id)
          .join(', ')
          .slice(0, 500)}`,
      )
  }
}
