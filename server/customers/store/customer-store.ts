/** Customers, sites, contacts: rows in, rows out. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import { likePattern, readCursor } from '../../database/paging.ts'
import type { ContactRow, CustomerRow, SiteRow } from '../../database/tables/schema.ts'

export type CustomerListRow = CustomerRow & { device_count: number; site_count: number }

const counted = (db: Database | Tx) =>
  db
    .selectFrom('customers')
    .selectAll('customers')
    .select(e => [
      e
        .selectFrom('devices')
        .select(f => f.fn.countAll<number>().as('n'))
        .whereRef('devices.customer_id', '=', 'customers.id')
        .where('devices.state', '!=', 'retired')
        .as('device_count'),
      e
        .selectFrom('sites')
        .select(f => f.fn.countAll<number>().as('n'))
        .whereRef('sites.customer_id', '=', 'customers.id')
        .as('site_count'),
    ])

export async function insertCustomer(tx: Tx, row: Omit<CustomerRow, 'lock_version' | 'downgrade_reminded_for'>): Promise<void> {
  await tx.insertInto('customers').values(row).execute()
}

export async function findCustomer(db: Database | Tx, id: string): Promise<CustomerListRow | null> {
  return ((await counted(db).where('customers.id', '=', id).executeTakeFirst()) as CustomerListRow | undefined) ?? null
}

export async function updateCustomer(tx: Tx, id: string, change: Partial<CustomerRow>): Promise<void> {
  if (Object.keys(change).length > 0)
    await tx
      .updateTable('customers')
      .set(change as never)
      .where('id', '=', id)
      .execute()
}

/** Customers whose grace after a downgrade is over. */
export async function listEndedGraces(db: Database, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('customers')
    .select('id')
    .where('downgrade_until', 'is not', null)
    .where('downgrade_until', '<=', nowMs)
    .orderBy('id')
    .execute()
  return rows.map(row => row.id)
}

/** Customers whose grace ends after now and before an instant, and who were not reminded of that. */
export async function listGracesToRemind(db: Database, span: { nowMs: number; beforeMs: number }): Promise<string[]> {
  const rows = await db
    .selectFrom('customers')
    .select('id')
    .where('downgrade_until', '>', span.nowMs)
    .where('downgrade_until', '<=', span.beforeMs)
    .where(e => e.or([e('downgrade_reminded_for', 'is', null), e('downgrade_reminded_for', '!=', e.ref('downgrade_until'))]))
    .orderBy('id')
    .execute()
  return rows.map(row => row.id)
}

/** Notes that people were reminded of this end; false when they were already. */
export async function markGraceReminded(tx: Tx, id: string, untilMs: number): Promise<boolean> {
  const result = await tx
    .updateTable('customers')
    .set({ downgrade_reminded_for: untilMs })
    .where('id', '=', id)
    .where(e => e.or([e('downgrade_reminded_for', 'is', null), e('downgrade_reminded_for', '!=', untilMs)]))
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Customers by name; `scope` limits to some ids. One row more than the limit says that there is a next page. */
export async function listCustomers(
  db: Database,
  query: { scope: readonly string[] | null; q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ rows: CustomerListRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  const filtered = <Q extends ReturnType<typeof counted>>(base: Q) => {
    let built = base
    if (query.scope !== null) built = built.where('customers.id', 'in', query.scope.length > 0 ? query.scope : ['']) as Q
    if (query.q) built = built.where(sql<boolean>`lower(customers.name) like ${likePattern(query.q)} escape '!'`) as Q
    return built
  }
  let page = filtered(counted(db))
    .orderBy('customers.name')
    .orderBy('customers.id')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([
        e('customers.name', '>', String(cursor[0])),
        e.and([e('customers.name', '=', String(cursor[0])), e('customers.id', '>', cursor[1])]),
      ]),
    )
  const total = await filtered(counted(db))
    .clearSelect()
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { rows: (await page.execute()) as unknown as CustomerListRow[], total: total.n }
}

/** Every customer's name, in the order of their ids. */
export async function listCustomerNames(db: Database | Tx): Promise<{ id: string; name: string }[]> {
  return db.selectFrom('customers').select(['id', 'name']).orderBy('id').execute()
}

export async function insertSite(tx: Tx, row: SiteRow): Promise<void> {
  await tx.insertInto('sites').values(row).execute()
}

export async function findSite(db: Database | Tx, id: string): Promise<SiteRow | null> {
  return (await db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function updateSite(tx: Tx, id: string, change: Partial<SiteRow>): Promise<void> {
  if (Object.keys(change).length > 0) await tx.updateTable('sites').set(change).where('id', '=', id).execute()
}

export async function listSites(db: Database, customerId: string): Promise<SiteRow[]> {
  return db.selectFrom('sites').selectAll().where('customer_id', '=', customerId).orderBy('name').orderBy('id').execute()
}

export async function insertContact(tx: Tx, row: ContactRow): Promise<void> {
  await tx.insertInto('contacts').values(row).execute()
}

export async function listContacts(db: Database | Tx, customerId: string): Promise<ContactRow[]> {
  return db.selectFrom('contacts').selectAll().where('customer_id', '=', customerId).orderBy('name').orderBy('id').execute()
}

export async function deleteContact(tx: Tx, customerId: string, id: string): Promise<boolean> {
  const result = await tx.deleteFrom('contacts').where('customer_id', '=', customerId).where('id', '=', id).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

/** Customers whose plan is one of these. */
export async function listCustomersOfPlans(db: Database, planIds: readonly string[]): Promise<string[]> {
  if (planIds.length === 0) return []
  return (await db.selectFrom('customers').select('id').where('plan_id', 'in', planIds).execute()).map(row => row.id)
}
