/** Which reasons have raised the level of an incident already. */
import type { Kysely } from 'kysely'

/** Adds the column. */
export async function levelRises(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('incidents')
    .addColumn('rises', 'text', column => column.notNull().defaultTo('[]'))
    .execute()
}
