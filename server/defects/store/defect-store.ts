/** Defects, their history, and the tickets linked to them. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import { likePattern, readCursor } from '../../database/paging.ts'
import type { DefectEventRow, DefectRow, DefectTicketRow } from '../../database/tables/relation-rows.ts'
import { rowLock } from '../../database/row-lock.ts'
import type { TicketRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

export async function insertDefect(tx: Tx, row: DefectRow): Promise<void> {
  await tx.insertInto('defects').values(row).execute()
}
export async function updateDefect(tx: Tx, id: string, change: Partial<DefectRow>): Promise<void> {
  await tx.updateTable('defects').set(change).where('id', '=', id).execute()
}
export async function findDefect(db: Database | Tx, id: string): Promise<DefectRow | null> {
  return (await db.selectFrom('defects').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** The defect, locked until the transaction ends. */
export async function lockDefect(tx: Tx, id: string): Promise<DefectRow | null> {
  return (await tx.selectFrom('defects').selectAll().where('id', '=', id).modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}

export async function insertDefectEvent(tx: Tx, row: Omit<DefectEventRow, 'id'>): Promise<void> {
  await tx
    .insertInto('defect_events')
    .values({ id: newRowId(), ...row })
    .execute()
}
/** Newest first. */
export async function listDefectEvents(db: Database | Tx, defectId: string): Promise<DefectEventRow[]> {
  const query = db.selectFrom('defect_events').selectAll().where('defect_id', '=', defectId)
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(500).execute()
}

/** Links a ticket; false when it is linked already. */
export async function insertDefectTicket(tx: Tx, row: Omit<DefectTicketRow, 'id' | 'told'>): Promise<boolean> {
  const result = await tx
    .insertInto('defect_tickets')
    .values({ id: newRowId(), told: null, ...row })
    .onConflict(conflict => conflict.columns(['defect_id', 'ticket_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
/** False when it was not linked. */
export async function deleteDefectTicket(tx: Tx, defectId: string, ticketId: string): Promise<boolean> {
  const query = tx.deleteFrom('defect_tickets').where('defect_id', '=', defectId).where('ticket_id', '=', ticketId)
  return Number((await query.executeTakeFirst()).numDeletedRows) === 1
}
export async function markTold(tx: Tx, defectId: string, ticketId: string, told: string): Promise<void> {
  await tx.updateTable('defect_tickets').set({ told }).where('defect_id', '=', defectId).where('ticket_id', '=', ticketId).execute()
}
export type LinkedTicket = { ticket: TicketRow; told: string | null }
/** Tickets linked to a defect, oldest link first. `scope`: customers the caller is limited to; null = all. */
export async function listDefectTickets(db: Database | Tx, defectId: string, scope: readonly string[] | null): Promise<LinkedTicket[]> {
  let query = db
    .selectFrom('defect_tickets')
    .innerJoin('tickets', 'tickets.id', 'defect_tickets.ticket_id')
    .selectAll('tickets')
    .select('defect_tickets.told')
    .where('defect_id', '=', defectId)
  if (scope !== null) query = query.where('tickets.customer_id', 'in', scope.length > 0 ? scope : [''])
  const rows = await query.orderBy('defect_tickets.at').orderBy('defect_tickets.id').execute()
  return rows.map(({ told, ...ticket }) => ({ ticket, told }))
}
/** How many tickets of these customers are linked to each of the defects. */
export async function countDefectTickets(
  db: Database | Tx,
  defectIds: readonly string[],
  scope: readonly string[] | null,
): Promise<Map<string, number>> {
  if (defectIds.length === 0) return new Map()
  let query = db
    .selectFrom('defect_tickets')
    .innerJoin('tickets', 'tickets.id', 'defect_tickets.ticket_id')
    .select(['defect_id', e => e.fn.countAll<number>().as('n')])
    .where('defect_id', 'in', defectIds)
  if (scope !== null) query = query.where('tickets.customer_id', 'in', scope.length > 0 ? scope : [''])
  return new Map((await query.groupBy('defect_id').execute()).map(row => [row.defect_id, Number(row.n)]))
}

/** Whether one of these customers' tickets is linked to it, or none of anybody's is: the words of others are not for them. */
export async function isDefectSeen(db: Database | Tx, defectId: string, scope: readonly string[] | null): Promise<boolean> {
  if (scope === null) return true
  const all = await listDefectTickets(db, defectId, null)
  return all.length === 0 || all.some(({ ticket }) => scope.includes(ticket.customer_id))
}

export type DefectFilter = {
  /** Customers the caller is limited to: what is linked to their tickets, or to nobody's; null = all. */
  scope: readonly string[] | null
  status?: DefectRow['status'] | undefined
  class?: DefectRow['class'] | undefined
  ticketId?: string | undefined
  q?: string | undefined
  limit: number
  cursor?: string | undefined
}
const filtered = (db: Database, filter: DefectFilter) => {
  let query = db.selectFrom('defects')
  if (filter.status) query = query.where('status', '=', filter.status)
  if (filter.class) query = query.where('class', '=', filter.class)
  const { ticketId, scope } = filter
  let seen = db.selectFrom('defect_tickets').innerJoin('tickets', 'tickets.id', 'defect_tickets.ticket_id').select('defect_id')
  if (scope !== null) seen = seen.where('customer_id', 'in', scope.length > 0 ? scope : [''])
  if (ticketId) query = query.where('id', 'in', seen.where('ticket_id', '=', ticketId))
  else if (scope !== null)
    query = query.where(e => e.or([e('id', 'in', seen), e('id', 'not in', db.selectFrom('defect_tickets').select('defect_id'))]))
  for (const word of (filter.q ?? '').split(/\s+/).filter(Boolean).slice(0, 8)) {
    const pattern = likePattern(word)
    query = query.where(sql<boolean>`(lower(reference) like ${pattern} escape '!' or lower(title) like ${pattern} escape '!')`)
  }
  return query
}
/** Last changed first. One row more than the limit says that there is a next page. */
export async function listDefects(db: Database, filter: DefectFilter): Promise<{ rows: DefectRow[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  const { total } = await filtered(db, filter)
    .select(e => e.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  let page = filtered(db, filter)
    .selectAll()
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([e('updated_at', '<', Number(cursor[0])), e.and([e('updated_at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]),
    )
  return { rows: await page.execute(), total: Number(total) }
}
