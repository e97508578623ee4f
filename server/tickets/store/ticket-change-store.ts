/** What happened to a ticket since a version of it. */
import type { Database, Tx } from '../../database/database.ts'
import type { TicketEventRow } from '../../database/tables/schema.ts'

/** Lines of a history that change nothing somebody could overwrite. */
const ASIDE = ['tied', 'watching', 'defect', 'mail', 'symptom', 'clock-warning', 'clock-escalated', 'clock-breached', 'update-reminder']

/** Newest first, those that happened to this version or a later one. */
export async function listEventsSince(db: Database | Tx, ticketId: string, version: number, limit: number): Promise<TicketEventRow[]> {
  return db
    .selectFrom('ticket_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('ticket_version', '>=', version)
    .where('kind', 'not in', ASIDE)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Changes of line and person with the reason given at the same moment, newest first. */
export async function listHandOvers(db: Database | Tx, ticketId: string): Promise<{ event: TicketEventRow; reason: string | null }[]> {
  const rows = await db
    .selectFrom('ticket_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('kind', 'in', ['line', 'assignee', 'reason'])
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(200)
    .execute()
  const reasonOf = (event: TicketEventRow): string | null =>
    rows.find(row => row.kind === 'reason' && row.at === event.at && row.ticket_version === event.ticket_version)?.text ?? null
  return rows.filter(row => row.kind !== 'reason').map(event => ({ event, reason: reasonOf(event) }))
}
