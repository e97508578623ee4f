/** Versions of plans, rules and profiles: written once, one current per (kind, id, scope). */
import type { Database, Tx } from '../../database/database.ts'
import type { CatalogueRow } from '../../database/tables/schema.ts'

export type CatalogueKey = Pick<CatalogueRow, 'kind' | 'id' | 'scope'>

/** The current version, or null. */
export async function findCurrent(db: Database | Tx, key: CatalogueKey): Promise<CatalogueRow | null> {
  const row = await db
    .selectFrom('catalogue')
    .selectAll()
    .where('kind', '=', key.kind)
    .where('id', '=', key.id)
    .where('scope', '=', key.scope)
    .where('is_current', '=', 1)
    .executeTakeFirst()
  return row ?? null
}

/** Current versions of a kind by id and scope; limited to one id or some scopes when given. */
export async function listCurrent(
  db: Database | Tx,
  query: { kind: CatalogueRow['kind']; id?: string; scopes?: readonly string[] },
): Promise<CatalogueRow[]> {
  let rows = db.selectFrom('catalogue').selectAll().where('kind', '=', query.kind).where('is_current', '=', 1)
  if (query.id !== undefined) rows = rows.where('id', '=', query.id)
  if (query.scopes !== undefined) rows = rows.where('scope', 'in', query.scopes)
  return rows.orderBy('id').orderBy('scope').execute()
}

/**
 * Lets one transaction at a time change a thing, on both databases: the first version's row is the lock, for it never changes.
 * What is read after this is what is in force.
 */
export async function lockVersions(tx: Tx, key: CatalogueKey): Promise<void> {
  await tx
    .updateTable('catalogue')
    .set({ version: 1 })
    .where('kind', '=', key.kind)
    .where('id', '=', key.id)
    .where('scope', '=', key.scope)
    .where('version', '=', 1)
    .execute()
}

/**
 * Makes a new current version after version `after` (0 = there is none yet), which stays as history. Its number; null when `after`
 * is not the newest any more.
 */
export async function insertVersion(
  tx: Tx,
  row: CatalogueKey & { after: number; body: string; origin: CatalogueRow['origin']; createdBy: string | null; nowMs: number },
): Promise<number | null> {
  await tx
    .updateTable('catalogue')
    .set({ is_current: 0 })
    .where('kind', '=', row.kind)
    .where('id', '=', row.id)
    .where('scope', '=', row.scope)
    .where('version', '=', row.after)
    .execute()
  const version = row.after + 1
  const result = await tx
    .insertInto('catalogue')
    .values({
      kind: row.kind,
      id: row.id,
      scope: row.scope,
      version,
      is_current: 1,
      body: row.body,
      origin: row.origin,
      created_by: row.createdBy,
      created_at: row.nowMs,
    })
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1 ? version : null
}

export type CustomerTermsRow = { timeZone: string; overrides: string; planId: string; body: string | null; version: number | null }

/** A customer's own terms and the current version of their plan, in one read; null = no such customer. */
export async function findCustomerTerms(db: Database | Tx, customerId: string): Promise<CustomerTermsRow | null> {
  const row = await db
    .selectFrom('customers')
    .leftJoin('catalogue', join =>
      join
        .onRef('catalogue.id', '=', 'customers.plan_id')
        .on('catalogue.kind', '=', 'plan')
        .on('catalogue.scope', '=', '')
        .on('catalogue.is_current', '=', 1),
    )
    .select([
      'customers.time_zone as timeZone',
      'customers.overrides as overrides',
      'customers.plan_id as planId',
      'catalogue.body as body',
      'catalogue.version as version',
    ])
    .where('customers.id', '=', customerId)
    .executeTakeFirst()
  return row ?? null
}

const SCOPE_COLUMNS = { customer: 'customer_id', site: 'site_id', profile: 'profile_id', device: 'id' } as const

/** Asks for a new configuration of every device in a scope (`profile:ID`, `customer:ID`, '' = all); their ids. */
export async function wantNewConfig(tx: Tx, scope: string): Promise<string[]> {
  const [kind, id = ''] = scope.split(':', 2) as [keyof typeof SCOPE_COLUMNS | '', string?]
  const devices = tx
    .selectFrom('devices')
    .select('id')
    .where('state', '!=', 'retired')
    .$if(kind !== '', query => query.where(SCOPE_COLUMNS[kind as keyof typeof SCOPE_COLUMNS], '=', id))
  const rows = await devices.orderBy('id').execute()
  await tx
    .updateTable('device_states')
    .set(e => ({ config_wanted: e('config_wanted', '+', 1) }))
    .where('device_id', 'in', devices)
    .execute()
  return rows.map(row => row.id)
}

/** What counts against a plan: devices by state, contacts, and cases that people registered in [fromMs, toMs). */
export async function countUsage(
  db: Database | Tx,
  query: { customerId: string; fromMs: number; toMs: number },
): Promise<{ devices: Record<string, number>; contacts: number; cases: number }> {
  const devices = await db
    .selectFrom('devices')
    .select(e => ['state', e.fn.countAll<number>().as('count')])
    .where('customer_id', '=', query.customerId)
    .groupBy('state')
    .execute()
  const contacts = await db
    .selectFrom('contacts')
    .select(e => e.fn.countAll<number>().as('count'))
    .where('customer_id', '=', query.customerId)
    .executeTakeFirst()
  const cases = await db
    .selectFrom('tickets')
    .select(e => e.fn.countAll<number>().as('count'))
    .where('customer_id', '=', query.customerId)
    .where('created_at', '>=', query.fromMs)
    .where('created_at', '<', query.toMs)
    .where('source', '=', 'contact')
    .executeTakeFirst()
  return {
    devices: Object.fromEntries(devices.map(row => [row.state, Number(row.count)])),
    contacts: Number(contacts?.count ?? 0),
    cases: Number(cases?.count ?? 0),
  }
}
