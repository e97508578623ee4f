/** Small facts of the whole installation: counters and marks. */
import { sql } from 'kysely'
import type { Database, Tx } from './database.ts'

/** Next number of a named counter, from 1; one at a time on both databases. */
export async function nextNumber(tx: Tx, name: string): Promise<number> {
  const row = await tx
    .insertInto('instance')
    .values({ name, value: '1' })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ value: sql<string>`cast(cast(instance.value as integer) + 1 as text)` }))
    .returning('value')
    .executeTakeFirstOrThrow()
  return Number(row.value)
}

/** A kept fact, or null. */
export async function readFact(db: Database | Tx, name: string): Promise<string | null> {
  const row = await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value ?? null
}

export async function writeFact(db: Database | Tx, name: string, value: string): Promise<void> {
  await db
    .insertInto('instance')
    .values({ name, value })
    .onConflict(conflict => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** Asks for anything. Throws when the store does not answer. */
export async function mustAnswer(db: Database): Promise<void> {
  await db.selectFrom('instance').select('name').limit(1).execute()
}
