/** What happened to a ticket since a version of it. */
import type { Database, Tx } from './database.ts'
import type { TicketEventRow } from './schema.ts'

/** Newest first, those that happened to this version or a later one. */
export async function listEventsSince(db: Database | Tx, ticketId: string, version: number, limit: number): Promise<TicketEventRow[]> {
  return db
    .selectFrom('ticket_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('ticket_version', '>=', version)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
