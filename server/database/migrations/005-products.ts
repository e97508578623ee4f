/** Tickets name the product of the catalogue they are about. */
import type { Kysely } from 'kysely'

/** Adds the column. */
export async function products(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tickets').addColumn('product_id', 'text').execute()
}
