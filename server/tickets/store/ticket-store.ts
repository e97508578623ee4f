/** Tickets and their history. */
import { sql } from 'kysely'
import { queueAt, searchText } from '../rules/ticket-queue.ts'
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import { inChunks, rowLock } from '../../database/row-lock.ts'
import { newRowId } from '../../database/row-id.ts'
import type { TicketEventRow, TicketRow } from '../../database/tables/schema.ts'

export async function insertTicket(tx: Tx, row: TicketRow): Promise<void> {
  const queued = { queue_at: queueAt(row.level, []), search_text: searchText(row) }
  await tx
    .insertInto('tickets')
    .values({ ...row, ...queued })
    .execute()
}

export async function updateTicket(tx: Tx, id: string, change: Partial<TicketRow>): Promise<void> {
  await tx.updateTable('tickets').set(change).where('id', '=', id).execute()
}

/**
 * Writes what a promise decides of many tickets: level, line, flags, reasons, plan, next deadline. One statement for hundreds, the
 * same on both databases: values are cast because PostgreSQL takes them for text.
 */
export async function updatePromised(tx: Tx, rows: readonly TicketRow[]): Promise<void> {
  await inChunks(rows, async chunk => {
    const values = chunk.map(
      row => sql`(${row.id}, cast(${row.level} as integer), cast(${row.line} as integer), ${row.flags}, ${row.why}, ${row.plan_id},
        cast(${row.plan_version} as integer), cast(${row.updated_at} as bigint), cast(${row.next_deadline_at} as bigint), cast(${row.queue_at ?? 0} as bigint))`,
    )
    await sql`update tickets set level = v.column2, line = v.column3, flags = v.column4, why = v.column5, plan_id = v.column6,
      plan_version = v.column7, updated_at = v.column8, next_deadline_at = v.column9, queue_at = v.column10, version = tickets.version + 1
      from (values ${sql.join(values)}) as v where tickets.id = v.column1`.execute(tx)
  })
}

export async function findTicket(db: Database | Tx, id: string): Promise<TicketRow | null> {
  return (await db.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** The ticket, locked until the transaction ends: everything that moves its clocks happens one at a time. */
export async function lockTicket(tx: Tx, id: string): Promise<TicketRow | null> {
  return (await tx.selectFrom('tickets').selectAll().where('id', '=', id).modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}

/** Those of the tickets that are open, locked, in the order of their ids. */
export async function lockTickets(tx: Tx, ids: readonly string[]): Promise<TicketRow[]> {
  return tx
    .selectFrom('tickets')
    .selectAll()
    .where('id', 'in', ids)
    .where('status', 'not in', ['resolved', 'closed'])
    .orderBy('id')
    .modifyEnd(rowLock(tx))
    .execute()
}

/** The plan and its version that the customer's open tickets run under. */
export async function stampPlan(tx: Tx, customerId: string, plan: { id: string; version: number }): Promise<void> {
  await tx
    .updateTable('tickets')
    .set({ plan_id: plan.id, plan_version: plan.version })
    .where('customer_id', '=', customerId)
    .where('status', 'not in', ['resolved', 'closed'])
    .where(e => e.or([e('plan_id', '!=', plan.id), e('plan_version', '!=', plan.version)]))
    .execute()
}

/** Those of the tickets that are open, without a lock. */
export async function findOpenTickets(db: Database | Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('tickets')
    .select('id')
    .where('id', 'in', ids)
    .where('status', 'not in', ['resolved', 'closed'])
    .execute()
  return rows.map(row => row.id)
}

/** The newest ticket of the same fault on the same device, or with `deviceId` null of the whole site, locked. */
export async function lockEarlierTicket(
  tx: Tx,
  fault: { deviceId: string | null; siteId: string; signal: string; component: string },
): Promise<TicketRow | null> {
  const { deviceId, siteId } = fault
  const row = await tx
    .selectFrom('tickets')
    .selectAll()
    .where(e => (deviceId === null ? e.and([e('device_id', 'is', null), e('site_id', '=', siteId)]) : e('device_id', '=', deviceId)))
    .where('source', '=', 'monitoring')
    .where('signal', '=', fault.signal)
    .where('component', '=', fault.component)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .modifyEnd(rowLock(tx))
    .executeTakeFirst()
  return row ?? null
}

/** Tickets the monitoring raised for a fault since then. */
export async function countTicketsOf(
  tx: Tx,
  fault: { deviceId: string; signal: string; component: string },
  sinceMs: number,
): Promise<number> {
  const { n } = await tx
    .selectFrom('tickets')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('device_id', '=', fault.deviceId)
    .where('source', '=', 'monitoring')
    .where('signal', '=', fault.signal)
    .where('component', '=', fault.component)
    .where('created_at', '>=', sinceMs)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Open tickets of a customer, whose clocks a change of plan moves. */
export async function listOpenTicketIds(tx: Tx, customerId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('tickets')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('status', 'not in', ['resolved', 'closed'])
    .orderBy('id')
    .execute()
  return rows.map(row => row.id)
}

/** Tickets with something due, earliest first. */
export async function findDueTickets(db: Database, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('tickets')
    .select('id')
    .where('next_deadline_at', '<=', nowMs)
    .orderBy('next_deadline_at')
    .limit(limit)
    .execute()
  return rows.map(row => row.id)
}

/** Counts a repeated signal on each ticket; an id given twice counts twice. */
export async function countRepeats(tx: Tx, ticketIds: readonly string[]): Promise<void> {
  const times = new Map<string, number>()
  for (const id of ticketIds) times.set(id, (times.get(id) ?? 0) + 1)
  for (const [count, group] of Map.groupBy(times.keys(), id => times.get(id) ?? 1)) {
    await inChunks(group.toSorted(), chunk =>
      tx
        .updateTable('tickets')
        .set({ repeats: sql`repeats + ${count}` })
        .where('id', 'in', chunk)
        .execute(),
    )
  }
}

/** Cases registered by people of the customer in [fromMs, toMs). */
export async function countCases(db: Database | Tx, customerId: string, span: { fromMs: number; toMs: number }): Promise<number> {
  const row = await db
    .selectFrom('tickets')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('customer_id', '=', customerId)
    .where('source', '=', 'contact')
    .where('created_at', '>=', span.fromMs)
    .where('created_at', '<', span.toMs)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export type NewTicketEvent = Pick<TicketEventRow, 'ticket_id' | 'at' | 'kind' | 'text'> & Partial<TicketEventRow>

const toEvent = (event: NewTicketEvent): TicketEventRow => ({
  id: newRowId(),
  visibility: 'internal',
  author_kind: 'system',
  author_name: null,
  data: null,
  ...event,
})

/** Adds many lines to the histories of tickets. */
export async function insertTicketEvents(tx: Tx, events: readonly NewTicketEvent[]): Promise<void> {
  await inChunks(events, chunk => tx.insertInto('ticket_events').values(chunk.map(toEvent)).execute())
}

/** Adds to the history; internal and by the system unless said otherwise. Gives the new row's id. */
export async function insertTicketEvent(tx: Tx, event: NewTicketEvent): Promise<string> {
  const row = toEvent(event)
  await tx.insertInto('ticket_events').values(row).execute()
  return row.id
}

/** Whether anybody has written on the ticket: ours, a partner or the customer. */
export async function hasPersonWritten(db: Database | Tx, ticketId: string): Promise<boolean> {
  const row = await db
    .selectFrom('ticket_events')
    .select('id')
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'message')
    .where('author_kind', '!=', 'system')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** History of a ticket, newest first. `isPublicOnly` for everybody who is not staff. */
export async function listTicketEvents(
  db: Database,
  query: { ticketId: string; isPublicOnly: boolean; limit: number; cursor?: string | undefined },
): Promise<{ rows: TicketEventRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  const filtered = () => {
    const base = db.selectFrom('ticket_events').where('ticket_id', '=', query.ticketId)
    return query.isPublicOnly ? base.where('visibility', '=', 'public') : base
  }
  let page = filtered()
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e => e.or([e('at', '<', Number(cursor[0])), e.and([e('at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]))
  const total = await filtered()
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(total.n) }
}
