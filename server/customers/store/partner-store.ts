/** Service partners: who goes to the devices. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import type { PartnerRow } from '../../database/tables/schema.ts'

export async function insertPartner(tx: Tx, row: PartnerRow): Promise<void> {
  await tx.insertInto('partners').values(row).execute()
}

export async function findPartner(db: Database | Tx, id: string): Promise<PartnerRow | null> {
  return (await db.selectFrom('partners').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function updatePartner(tx: Tx, id: string, change: Partial<PartnerRow>): Promise<void> {
  if (Object.keys(change).length > 0) await tx.updateTable('partners').set(change).where('id', '=', id).execute()
}

/** Every partner in routing order. */
export async function readPartners(db: Database | Tx): Promise<PartnerRow[]> {
  return db.selectFrom('partners').selectAll().orderBy('sort_order').orderBy('name').orderBy('id').execute()
}

/** Partners by name; `onlyId` limits to one. One row more than the limit says that there is a next page. */
export async function listPartners(
  db: Database,
  query: { onlyId: string | null; limit: number; cursor?: string | undefined },
): Promise<{ rows: PartnerRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  const filtered = () => {
    const base = db.selectFrom('partners')
    return query.onlyId === null ? base : base.where('id', '=', query.onlyId)
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
