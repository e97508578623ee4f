/** Merges, links and watchers of tickets. */
import type { Database, Tx } from '../../database/database.ts'
import type { TicketLinkRow, TicketMergeRow, TicketWatcherRow } from '../../database/tables/relation-rows.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { TicketRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

export async function insertMerge(tx: Tx, row: Omit<TicketMergeRow, 'id'>): Promise<void> {
  await tx
    .insertInto('ticket_merges')
    .values({ id: newRowId(), ...row })
    .execute()
}
/** The newest merge of a ticket, undone or not. */
export async function findLastMerge(db: Database | Tx, ticketId: string): Promise<TicketMergeRow | null> {
  const query = db.selectFrom('ticket_merges').selectAll().where('ticket_id', '=', ticketId).orderBy('at', 'desc').orderBy('id', 'desc')
  return (await query.limit(1).executeTakeFirst()) ?? null
}
export async function markMergeUndone(tx: Tx, id: string, atMs: number): Promise<void> {
  await tx.updateTable('ticket_merges').set({ undone_at: atMs }).where('id', '=', id).execute()
}
/** Tickets that go on in this one, oldest first. */
export async function listMergedInto(db: Database | Tx, intoId: string): Promise<TicketRow[]> {
  return db.selectFrom('tickets').selectAll().where('merged_into_id', '=', intoId).orderBy('created_at').orderBy('id').execute()
}

/** Ties two tickets; false when they are tied so already. */
export async function insertLink(tx: Tx, row: Omit<TicketLinkRow, 'id'>): Promise<boolean> {
  const result = await tx
    .insertInto('ticket_links')
    .values({ id: newRowId(), ...row })
    .onConflict(conflict => conflict.columns(['kind', 'from_id', 'to_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
export async function deleteLink(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('ticket_links').where('id', '=', id).execute()
}
/** Every tie of a ticket, oldest first. */
export async function listLinks(db: Database | Tx, ticketId: string): Promise<TicketLinkRow[]> {
  return db
    .selectFrom('ticket_links')
    .selectAll()
    .where(e => e.or([e('from_id', '=', ticketId), e('to_id', '=', ticketId)]))
    .orderBy('at')
    .orderBy('id')
    .execute()
}
/** Who is a part of whom among the tickets of a customer: child to parent. */
export async function readParents(db: Database | Tx, customerId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('ticket_links')
    .innerJoin('tickets', 'tickets.id', 'ticket_links.from_id')
    .select(['ticket_links.from_id', 'ticket_links.to_id'])
    .where('tickets.customer_id', '=', customerId)
    .where('ticket_links.kind', '=', 'child')
    .execute()
  return new Map(rows.map(row => [row.from_id, row.to_id]))
}

/** Adds somebody; false when they watch already. */
export async function insertWatcher(tx: Tx, row: TicketWatcherRow): Promise<boolean> {
  const result = await tx
    .insertInto('ticket_watchers')
    .values(row)
    .onConflict(conflict => conflict.columns(['ticket_id', 'email']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
/** False when there was none. */
export async function deleteWatcher(tx: Tx, ticketId: string, id: string): Promise<boolean> {
  const result = await tx.deleteFrom('ticket_watchers').where('ticket_id', '=', ticketId).where('id', '=', id).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}
export async function deleteReporterWatcher(tx: Tx, ticketId: string, email: string): Promise<void> {
  await tx
    .deleteFrom('ticket_watchers')
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'reporter')
    .where('email', '=', email)
    .execute()
}
export async function listWatchers(db: Database | Tx, ticketId: string): Promise<TicketWatcherRow[]> {
  return db.selectFrom('ticket_watchers').selectAll().where('ticket_id', '=', ticketId).orderBy('at').orderBy('id').execute()
}
/** Staff who may watch tickets of a customer: not disabled, and not limited to others. */
export async function listStaffFor(db: Database | Tx, customerId: string): Promise<{ id: string; name: string; email: string }[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'name', 'email', 'customer_ids'])
    .where('role', 'in', ['admin', 'manager', 'desk', 'viewer'])
    .where('disabled_at', 'is', null)
    .orderBy('name')
    .execute()
  return rows
    .filter(row => {
      const limitedTo = JSON.parse(row.customer_ids) as string[]
      return limitedTo.length === 0 || limitedTo.includes(customerId)
    })
    .map(({ id, name, email }) => ({ id, name, email }))
}

/** Tickets by id, in no order. */
export async function readTickets(db: Database | Tx, ids: readonly string[]): Promise<Map<string, TicketRow>> {
  const found = new Map<string, TicketRow>()
  await inChunks([...new Set(ids)], async chunk => {
    for (const row of await db.selectFrom('tickets').selectAll().where('id', 'in', chunk).execute()) found.set(row.id, row)
  })
  return found
}
/** Newest open tickets of a customer, for likeness. */
export async function listRecentOpen(db: Database | Tx, customerId: string, limit: number): Promise<TicketRow[]> {
  return db
    .selectFrom('tickets')
    .selectAll()
    .where('customer_id', '=', customerId)
    .where('status', 'not in', ['resolved', 'closed'])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
