/** One incident per cause: outages of sites and of the platform, why incidents are grouped as they are, and how signals flap. */
import { sql, type Kysely } from 'kysely'
import { may, need } from './columns.ts'

/** Adds the table, the columns and what finds them. */
export async function grouping(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('incidents')
    .addColumn('why', 'text', column => column.notNull().defaultTo('[]'))
    .execute()
  await db.schema.alterTable('incidents').addColumn('opened_at', 'bigint').execute()
  await db.schema.alterTable('conditions').addColumn('flaps', 'text').execute()
  const outages = db.schema.createTable('outages').addColumn('incident_id', 'text', column => column.primaryKey())
  await may(
    may(need(need(outages, 'text', 'kind', 'state'), 'bigint', 'began_at', 'opens_at'), 'text', 'site_id', 'customer_id'),
    'bigint',
    'recovered_at',
  ).execute()
  await db.schema.createIndex('incidents_site').on('incidents').columns(['site_id', 'started_at']).execute()
  await db.schema
    .createIndex('incidents_parent')
    .on('incidents')
    .column('parent_id')
    .where(sql.ref('parent_id'), 'is not', sql.lit(null))
    .execute()
}
