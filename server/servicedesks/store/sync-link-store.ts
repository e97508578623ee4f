/** Links to clients' desks. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import type { SyncLinkRow } from '../../database/tables/sync-rows.ts'

export async function insertLink(tx: Tx, row: SyncLinkRow): Promise<void> {
  await tx.insertInto('sync_links').values(row).execute()
}
export async function updateLink(db: Database | Tx, id: string, change: Partial<SyncLinkRow>): Promise<void> {
  if (Object.keys(change).length > 0) await db.updateTable('sync_links').set(change).where('id', '=', id).execute()
}
export async function findLink(db: Database | Tx, id: string): Promise<SyncLinkRow | null> {
  return (await db.selectFrom('sync_links').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** Ids of the links that run, by customer. */
export async function findRunningLinks(db: Database | Tx, customerIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (customerIds.length === 0) return new Map()
  const rows = await db.selectFrom('sync_links').select(['id', 'customer_id']).where('enabled_key', 'in', customerIds).execute()
  return new Map(rows.map(row => [row.customer_id, row.id]))
}
/** Every link that is switched on. */
export async function readEnabledLinks(db: Database | Tx): Promise<SyncLinkRow[]> {
  return db.selectFrom('sync_links').selectAll().where('is_enabled', '=', 1).orderBy('id').execute()
}
/** Takes the turn of a link until an instant; false when another worker has it. */
export async function leaseLink(db: Database | Tx, id: string, nowMs: number, untilMs: number): Promise<boolean> {
  const result = await db
    .updateTable('sync_links')
    .set({ leased_until: untilMs })
    .where('id', '=', id)
    .where('is_enabled', '=', 1)
    .where(e => e.or([e('leased_until', 'is', null), e('leased_until', '<=', nowMs)]))
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}
/** Forgets a link and everything that is known by it; the tickets stay. */
export async function deleteLink(tx: Tx, id: string): Promise<void> {
  for (const table of ['sync_comments', 'sync_inbox', 'sync_outbox', 'sync_pairs'] as const)
    await tx.deleteFrom(table).where('link_id', '=', id).execute()
  await tx.deleteFrom('sync_links').where('id', '=', id).execute()
}
/** By name; `scope` limits to customers, null = all. One row more than the limit says that there is a next page. */
export async function listLinks(
  db: Database,
  query: { scope: readonly string[] | null; customerId?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ rows: SyncLinkRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  const filtered = () => {
    let base = db.selectFrom('sync_links')
    if (query.scope !== null) base = base.where('customer_id', 'in', query.scope.length > 0 ? query.scope : [''])
    return query.customerId === undefined ? base : base.where('customer_id', '=', query.customerId)
  }
  let page = filtered()
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e => e.or([e('name', '>', String(cursor[0])), e.and([e('name', '=', String(cursor[0])), e('id', '>', cursor[1])])]))
  const total = await filtered()
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(total.n) }
}
