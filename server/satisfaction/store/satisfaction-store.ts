/** What customers thought of tickets. */
import type { Database, Tx } from '../../database/database.ts'
import type { SatisfactionRow } from '../../database/tables/on-call-rows.ts'
import { rowLock } from '../../database/row-lock.ts'

/** False when the ticket was asked about before. */
export async function insertQuestion(tx: Tx, row: SatisfactionRow): Promise<boolean> {
  const result = await tx
    .insertInto('satisfaction')
    .values(row)
    .onConflict(conflict => conflict.column('ticket_id').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
/** The question a link belongs to, while it lives, locked. */
export async function lockQuestion(tx: Tx, tokenSha256: string, nowMs: number): Promise<SatisfactionRow | null> {
  const query = tx.selectFrom('satisfaction').selectAll().where('token_sha256', '=', tokenSha256).where('expires_at', '>', nowMs)
  return (await query.modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}
export async function updateQuestion(tx: Tx, ticketId: string, change: Partial<SatisfactionRow>): Promise<void> {
  await tx.updateTable('satisfaction').set(change).where('ticket_id', '=', ticketId).execute()
}
export async function findQuestionOf(db: Database, ticketId: string): Promise<SatisfactionRow | null> {
  return (await db.selectFrom('satisfaction').selectAll().where('ticket_id', '=', ticketId).executeTakeFirst()) ?? null
}
export type QuestionRow = SatisfactionRow & { reference: string }
/** Questions of a customer since an instant, newest first. */
export async function listQuestions(db: Database, customerId: string, sinceMs: number): Promise<QuestionRow[]> {
  return db
    .selectFrom('satisfaction')
    .innerJoin('tickets', 'tickets.id', 'satisfaction.ticket_id')
    .selectAll('satisfaction')
    .select('tickets.reference')
    .where('satisfaction.customer_id', '=', customerId)
    .where('satisfaction.asked_at', '>=', sinceMs)
    .orderBy('satisfaction.asked_at', 'desc')
    .execute()
}
