/** Rotas, and the tickets for which people on call are asked. */
import type { Database, Tx } from '../../database/database.ts'
import type { OnCallAlertRow, OnCallLinkRow, RotaRow } from '../../database/tables/on-call-rows.ts'
import { readCursor } from '../../database/paging.ts'
import { rowLock } from '../../database/row-lock.ts'
import type { TicketRow } from '../../database/tables/schema.ts'

export async function readRotas(db: Database | Tx): Promise<RotaRow[]> {
  return db.selectFrom('on_call_rotas').selectAll().orderBy('name').orderBy('id').execute()
}
export async function insertRota(tx: Tx, row: RotaRow): Promise<void> {
  await tx.insertInto('on_call_rotas').values(row).execute()
}
/** False when there is no such rota. */
export async function updateRota(tx: Tx, id: string, change: Partial<RotaRow>): Promise<boolean> {
  return Number((await tx.updateTable('on_call_rotas').set(change).where('id', '=', id).executeTakeFirst()).numUpdatedRows) === 1
}
export async function deleteRota(tx: Tx, id: string): Promise<boolean> {
  return Number((await tx.deleteFrom('on_call_rotas').where('id', '=', id).executeTakeFirst()).numDeletedRows) === 1
}

/** Open tickets registered after hours for which nobody on call was asked yet, by id from `afterId` on. */
export async function listUnasked(db: Database, query: { sinceMs: number; afterId: string; limit: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('tickets')
    .select('tickets.id')
    .where('status', 'in', ['new', 'in-progress', 'waiting-partner'])
    .where('tickets.created_at', '>', query.sinceMs)
    .where('flags', 'like', '%"after-hours"%')
    .where('tickets.id', '>', query.afterId)
    .where(e =>
      e.not(e.exists(e.selectFrom('on_call_alerts').select('on_call_alerts.id').whereRef('on_call_alerts.ticket_id', '=', 'tickets.id'))),
    )
    .orderBy('tickets.id')
    .limit(query.limit)
    .execute()
  return rows.map(row => row.id)
}

/** False when the ticket has one already: two servers may ask at the same moment. */
export async function insertAlert(tx: Tx, row: OnCallAlertRow): Promise<boolean> {
  const result = await tx
    .insertInto('on_call_alerts')
    .values(row)
    .onConflict(conflict => conflict.column('ticket_id').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
export async function updateAlert(tx: Tx, id: string, change: Partial<OnCallAlertRow>): Promise<void> {
  await tx.updateTable('on_call_alerts').set(change).where('id', '=', id).execute()
}
export async function lockAlert(tx: Tx, id: string): Promise<OnCallAlertRow | null> {
  return (await tx.selectFrom('on_call_alerts').selectAll().where('id', '=', id).modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}
export async function findAlertOf(db: Database | Tx, ticketId: string): Promise<OnCallAlertRow | null> {
  return (await db.selectFrom('on_call_alerts').selectAll().where('ticket_id', '=', ticketId).executeTakeFirst()) ?? null
}
export async function listDueAlerts(db: Database, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db.selectFrom('on_call_alerts').select('id').where('next_at', '<=', nowMs).orderBy('next_at').limit(limit).execute()
  return rows.map(row => row.id)
}

export async function insertLink(tx: Tx, row: OnCallLinkRow): Promise<void> {
  await tx.insertInto('on_call_links').values(row).execute()
}
/** The call a link belongs to, while it lives. */
export async function findLink(db: Database | Tx, tokenSha256: string, nowMs: number): Promise<OnCallLinkRow | null> {
  const query = db.selectFrom('on_call_links').selectAll().where('token_sha256', '=', tokenSha256).where('expires_at', '>', nowMs)
  return (await query.executeTakeFirst()) ?? null
}

export type AlertListRow = OnCallAlertRow & Pick<TicketRow, 'reference' | 'subject'>
/** Newest first. One row more than the limit says that there is a next page. */
export async function listAlerts(
  db: Database,
  query: { scope: readonly string[] | null; ticketId?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ rows: AlertListRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  let matching = db.selectFrom('on_call_alerts').innerJoin('tickets', 'tickets.id', 'on_call_alerts.ticket_id')
  if (query.scope !== null) matching = matching.where('on_call_alerts.customer_id', 'in', query.scope.length > 0 ? query.scope : [''])
  if (query.ticketId !== undefined) matching = matching.where('ticket_id', '=', query.ticketId)
  const { n } = await matching.select(e => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()
  let page = matching
    .selectAll('on_call_alerts')
    .select(['tickets.reference', 'tickets.subject'])
    .orderBy('on_call_alerts.created_at', 'desc')
    .orderBy('on_call_alerts.id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([
        e('on_call_alerts.created_at', '<', Number(cursor[0])),
        e.and([e('on_call_alerts.created_at', '=', Number(cursor[0])), e('on_call_alerts.id', '<', cursor[1])]),
      ]),
    )
  return { rows: await page.execute(), total: Number(n) }
}
