/** Major incidents, their tickets and their history. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import type { MajorEventRow, MajorRow } from '../../database/tables/relation-rows.ts'
import { inChunks, rowLock } from '../../database/row-lock.ts'
import type { TicketRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

export async function insertMajor(tx: Tx, row: MajorRow): Promise<void> {
  await tx.insertInto('majors').values(row).execute()
}
export async function endMajor(tx: Tx, id: string, atMs: number): Promise<void> {
  await tx.updateTable('majors').set({ state: 'ended', ended_at: atMs }).where('id', '=', id).execute()
}
export async function findMajor(db: Database | Tx, id: string): Promise<MajorRow | null> {
  return (await db.selectFrom('majors').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** Locked until the transaction ends. */
export async function lockMajor(tx: Tx, id: string): Promise<MajorRow | null> {
  return (await tx.selectFrom('majors').selectAll().where('id', '=', id).modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}
export async function insertMajorEvent(tx: Tx, row: Omit<MajorEventRow, 'id'>): Promise<void> {
  await tx
    .insertInto('major_events')
    .values({ id: newRowId(), ...row })
    .execute()
}
/** Newest first. */
export async function listMajorEvents(db: Database | Tx, majorId: string): Promise<MajorEventRow[]> {
  const query = db.selectFrom('major_events').selectAll().where('major_id', '=', majorId)
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(500).execute()
}
/** False when it belongs to it already. */
export async function insertMajorTicket(
  tx: Tx,
  row: { major_id: string; ticket_id: string; by_name: string; at: number },
): Promise<boolean> {
  const result = await tx
    .insertInto('major_tickets')
    .values({ id: newRowId(), ...row })
    .onConflict(conflict => conflict.columns(['major_id', 'ticket_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
/** False when it did not belong to it. */
export async function deleteMajorTicket(tx: Tx, majorId: string, ticketId: string): Promise<boolean> {
  const query = tx.deleteFrom('major_tickets').where('major_id', '=', majorId).where('ticket_id', '=', ticketId)
  return Number((await query.executeTakeFirst()).numDeletedRows) === 1
}
/** Tickets of a major incident. `scope`: customers the caller is limited to; null = all. */
export async function listMajorTickets(db: Database | Tx, majorId: string, scope: readonly string[] | null): Promise<TicketRow[]> {
  let query = db
    .selectFrom('major_tickets')
    .innerJoin('tickets', 'tickets.id', 'major_tickets.ticket_id')
    .selectAll('tickets')
    .where('major_id', '=', majorId)
  if (scope !== null) query = query.where('tickets.customer_id', 'in', scope.length > 0 ? scope : [''])
  return query.orderBy('major_tickets.at').orderBy('major_tickets.id').execute()
}
/** How many tickets of these customers each of them has. */
export async function countMajorTickets(
  db: Database | Tx,
  majorIds: readonly string[],
  scope: readonly string[] | null,
): Promise<Map<string, number>> {
  if (majorIds.length === 0) return new Map()
  let query = db
    .selectFrom('major_tickets')
    .innerJoin('tickets', 'tickets.id', 'major_tickets.ticket_id')
    .select(['major_id', e => e.fn.countAll<number>().as('n')])
    .where('major_id', 'in', majorIds)
  if (scope !== null) query = query.where('tickets.customer_id', 'in', scope.length > 0 ? scope : [''])
  return new Map((await query.groupBy('major_id').execute()).map(row => [row.major_id, Number(row.n)]))
}
/** Whether another major incident that runs has the ticket. */
export async function hasOpenMajor(db: Database | Tx, ticketId: string): Promise<boolean> {
  const row = await db
    .selectFrom('major_tickets')
    .innerJoin('majors', 'majors.id', 'major_tickets.major_id')
    .select('majors.id')
    .where('ticket_id', '=', ticketId)
    .where('state', '=', 'open')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export type MajorFilter = {
  /** Customers the caller is limited to: only what has a ticket of theirs; null = all. */
  scope: readonly string[] | null
  state?: MajorRow['state'] | undefined
  ticketId?: string | undefined
  limit: number
  cursor?: string | undefined
}
const filtered = (db: Database, filter: MajorFilter) => {
  let query = db.selectFrom('majors')
  const { state, ticketId, scope } = filter
  let seen = db.selectFrom('major_tickets').innerJoin('tickets', 'tickets.id', 'major_tickets.ticket_id').select('major_id')
  if (scope !== null) seen = seen.where('customer_id', 'in', scope.length > 0 ? scope : [''])
  if (ticketId) seen = seen.where('ticket_id', '=', ticketId)
  if (scope !== null || ticketId) query = query.where('id', 'in', seen)
  if (state) query = query.where('state', '=', state)
  return query
}
/** Newest first. One row more than the limit says that there is a next page. */
export async function listMajors(db: Database, filter: MajorFilter): Promise<{ rows: MajorRow[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  const { total } = await filtered(db, filter)
    .select(e => e.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  let page = filtered(db, filter)
    .selectAll()
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([e('started_at', '<', Number(cursor[0])), e.and([e('started_at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]),
    )
  return { rows: await page.execute(), total: Number(total) }
}

export type Place = { customerId: string | null; siteId: string | null; deviceId: string | null }
/** Where the incident and those that hang under it are. */
export async function listPlacesOf(db: Database | Tx, incidentId: string, limit: number): Promise<Place[]> {
  const rows = await db
    .selectFrom('incidents')
    .select(['customer_id', 'site_id', 'device_id'])
    .where(e => e.or([e('id', '=', incidentId), e('parent_id', '=', incidentId)]))
    .orderBy('started_at')
    .limit(limit)
    .execute()
  return rows.map(row => ({ customerId: row.customer_id, siteId: row.site_id, deviceId: row.device_id }))
}
/** Names by id, sorted by name. */
export async function listNames(
  db: Database | Tx,
  table: 'customers' | 'sites' | 'devices',
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = []
  await inChunks([...new Set(ids)], async chunk => {
    found.push(...(await db.selectFrom(table).select(['id', 'name']).where('id', 'in', chunk).execute()))
  })
  return found.toSorted((one, other) => one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1))
}
