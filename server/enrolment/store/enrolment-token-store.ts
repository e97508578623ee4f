/** Enrolment tokens: what a device is admitted with. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import type { EnrolmentTokenRow } from '../../database/tables/schema.ts'

export async function insertEnrolmentToken(tx: Tx, row: EnrolmentTokenRow): Promise<void> {
  await tx.insertInto('enrolment_tokens').values(row).execute()
}

/** A token by its id or the hash of its secret; null = there is none. */
export async function findEnrolmentToken(
  db: Database | Tx,
  by: { tokenSha256: string } | { id: string },
): Promise<EnrolmentTokenRow | null> {
  const query = db.selectFrom('enrolment_tokens').selectAll()
  const row =
    'id' in by
      ? await query.where('id', '=', by.id).executeTakeFirst()
      : await query.where('token_sha256', '=', by.tokenSha256).executeTakeFirst()
  return row ?? null
}

/** Spends one use; false when none is left, however many ask at once. */
export async function spendEnrolmentToken(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('enrolment_tokens')
    .set({ uses: sql`uses + 1` })
    .where('id', '=', id)
    .whereRef('uses', '<', 'max_uses')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

export async function revokeEnrolmentToken(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx.updateTable('enrolment_tokens').set({ revoked_at: nowMs }).where('id', '=', id).where('revoked_at', 'is', null).execute()
}
