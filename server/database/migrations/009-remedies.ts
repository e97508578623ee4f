/** Incidents carry what the device tried about them, and how far its ladder is. */
import type { Kysely } from 'kysely'

/** Adds the columns. */
export async function remedies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('incidents')
    .addColumn('remedies', 'text', column => column.notNull().defaultTo('[]'))
    .execute()
  await db.schema
    .alterTable('incidents')
    .addColumn('ladder', 'text', column => column.notNull().defaultTo('none'))
    .execute()
}
