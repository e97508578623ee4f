/** Passkeys of people: public keys only. */
import type { PasskeyRow } from '../../database/tables/account-rows.ts'
import type { Database, Tx } from '../../database/database.ts'

/** False when the key is known already, whoever has it. */
export async function insertPasskey(db: Database | Tx, row: PasskeyRow): Promise<boolean> {
  const result = await db
    .insertInto('passkeys')
    .values(row)
    .onConflict(conflict => conflict.column('id').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
export async function findPasskey(db: Database | Tx, id: string): Promise<PasskeyRow | null> {
  return (await db.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** Of a user, oldest first. */
export async function listPasskeys(db: Database | Tx, userId: string): Promise<PasskeyRow[]> {
  return db.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute()
}
/** Those of these users who have at least one. */
export async function listPasskeyOwners(db: Database | Tx, userIds: readonly string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set()
  const rows = await db.selectFrom('passkeys').select('user_id').distinct().where('user_id', 'in', userIds).execute()
  return new Set(rows.map(row => row.user_id))
}
export async function markPasskeyUsed(db: Database | Tx, id: string, counter: number, atMs: number): Promise<void> {
  await db.updateTable('passkeys').set({ counter, last_used_at: atMs }).where('id', '=', id).execute()
}
/** Removes one of a user's, or all; how many. */
export async function deletePasskeys(db: Database | Tx, userId: string, id?: string): Promise<number> {
  let gone = db.deleteFrom('passkeys').where('user_id', '=', userId)
  if (id !== undefined) gone = gone.where('id', '=', id)
  return Number((await gone.executeTakeFirst()).numDeletedRows)
}
