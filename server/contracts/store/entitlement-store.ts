/** Uses of entitlements: a ledger, in which a cancelled use stays. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import type { EntitlementUseRow } from '../../database/tables/usage-rows.ts'

export async function insertUse(tx: Tx, row: EntitlementUseRow): Promise<void> {
  await tx.insertInto('entitlement_uses').values(row).execute()
}

/** Uses that count, of one entitlement when its id is given. */
export async function listCountedUses(db: Database | Tx, customerId: string, entitlementId?: string): Promise<EntitlementUseRow[]> {
  let query = db.selectFrom('entitlement_uses').selectAll().where('customer_id', '=', customerId).where('cancelled_at', 'is', null)
  if (entitlementId !== undefined) query = query.where('entitlement_id', '=', entitlementId)
  return query.orderBy('at').orderBy('id').execute()
}

/** Uses in [fromMs, toMs) in order, cancelled ones too. */
export async function listUsesBetween(
  db: Database | Tx,
  query: { customerId: string; fromMs: number; toMs: number },
): Promise<EntitlementUseRow[]> {
  return db
    .selectFrom('entitlement_uses')
    .selectAll()
    .where('customer_id', '=', query.customerId)
    .where('at', '>=', query.fromMs)
    .where('at', '<', query.toMs)
    .orderBy('at')
    .orderBy('id')
    .execute()
}

/** The ledger of one entitlement, newest first. One row more than the limit says that there is a next page. */
export async function listUses(
  db: Database,
  query: { customerId: string; entitlementId: string; limit: number; cursor?: string | undefined },
): Promise<{ rows: EntitlementUseRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  const ledger = db
    .selectFrom('entitlement_uses')
    .where('customer_id', '=', query.customerId)
    .where('entitlement_id', '=', query.entitlementId)
  let page = ledger
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e => e.or([e('at', '<', Number(cursor[0])), e.and([e('at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]))
  const { total } = await ledger.select(e => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(total) }
}

/** A use of this customer and entitlement, or null. */
export async function findUse(
  tx: Tx,
  query: { customerId: string; entitlementId: string; useId: string },
): Promise<EntitlementUseRow | null> {
  const row = await tx
    .selectFrom('entitlement_uses')
    .selectAll()
    .where('id', '=', query.useId)
    .where('customer_id', '=', query.customerId)
    .where('entitlement_id', '=', query.entitlementId)
    .executeTakeFirst()
  return row ?? null
}

/** Cancels a use that counts; a second time changes nothing. */
export async function cancelUse(tx: Tx, useId: string, by: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('entitlement_uses')
    .set({ cancelled_at: nowMs, cancelled_by: by })
    .where('id', '=', useId)
    .where('cancelled_at', 'is', null)
    .execute()
}
