/** Secrets that work once: invitations, forgotten passwords, codes and challenges of a login. Stored as hashes only. */
import { sha256Hex } from '../../../shared/ids.ts'
import type { OneTimeKind, OneTimeRow } from '../../database/tables/account-rows.ts'
import type { Database, Tx } from '../../database/database.ts'

/** Keeps a secret; those that have expired are forgotten on the way. */
export async function keepOneTime(
  db: Database | Tx,
  secret: string,
  row: Pick<OneTimeRow, 'kind' | 'user_id' | 'data' | 'created_at' | 'expires_at'>,
): Promise<void> {
  await db.deleteFrom('one_time_secrets').where('expires_at', '<=', row.created_at).execute()
  await db
    .insertInto('one_time_secrets')
    .values({ id_sha256: sha256Hex(secret), tries: 0, ...row })
    .execute()
}

/** What a secret stands for while it works, or null. */
export async function findOneTime(
  db: Database | Tx,
  secret: string,
  kinds: readonly OneTimeKind[],
  nowMs: number,
): Promise<OneTimeRow | null> {
  const query = db.selectFrom('one_time_secrets').selectAll().where('id_sha256', '=', sha256Hex(secret))
  return (await query.where('kind', 'in', kinds).where('expires_at', '>', nowMs).executeTakeFirst()) ?? null
}

/** Uses a secret up: false when somebody has before. */
export async function useOneTime(db: Database | Tx, row: Pick<OneTimeRow, 'id_sha256'>): Promise<boolean> {
  const gone = await db.deleteFrom('one_time_secrets').where('id_sha256', '=', row.id_sha256).executeTakeFirst()
  return Number(gone.numDeletedRows) === 1
}

/** Counts a try: false when there were `most` before. */
export async function countTry(db: Database | Tx, row: Pick<OneTimeRow, 'id_sha256'>, most: number): Promise<boolean> {
  const counted = await db
    .updateTable('one_time_secrets')
    .set(e => ({ tries: e('tries', '+', 1) }))
    .where('id_sha256', '=', row.id_sha256)
    .where('tries', '<', most)
    .executeTakeFirst()
  return Number(counted.numUpdatedRows) === 1
}

/** Ends every secret of these kinds that a user has. */
export async function forgetOneTime(db: Database | Tx, userId: string, kinds: readonly OneTimeKind[]): Promise<void> {
  await db.deleteFrom('one_time_secrets').where('user_id', '=', userId).where('kind', 'in', kinds).execute()
}
