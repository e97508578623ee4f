/** Chat: widgets of customers, and conversations by their secret. */
import type { ChatConversationRow, ChatWidgetRow } from '../../database/tables/chat-rows.ts'
import type { Database, Tx } from '../../database/database.ts'
import type { TicketEventRow } from '../../database/tables/schema.ts'

const MAX_SHOWN = 200

export async function findWidgetOf(db: Database | Tx, customerId: string): Promise<ChatWidgetRow | null> {
  return (await db.selectFrom('chat_widgets').selectAll().where('customer_id', '=', customerId).executeTakeFirst()) ?? null
}
export async function findWidget(db: Database | Tx, publicKey: string): Promise<ChatWidgetRow | null> {
  return (await db.selectFrom('chat_widgets').selectAll().where('public_key', '=', publicKey).executeTakeFirst()) ?? null
}
/** Keeps the key a customer has; only the sites change. */
export async function putWidget(tx: Tx, row: ChatWidgetRow): Promise<void> {
  await tx
    .insertInto('chat_widgets')
    .values(row)
    .onConflict(conflict => conflict.column('customer_id').doUpdateSet({ origins: row.origins }))
    .execute()
}
export async function deleteWidget(tx: Tx, customerId: string): Promise<void> {
  await tx.deleteFrom('chat_widgets').where('customer_id', '=', customerId).execute()
}

export async function insertConversation(tx: Tx, row: ChatConversationRow): Promise<void> {
  await tx.insertInto('chat_conversations').values(row).execute()
}
export async function findConversation(db: Database | Tx, tokenSha256: string, nowMs: number): Promise<ChatConversationRow | null> {
  const query = db.selectFrom('chat_conversations').selectAll().where('token_sha256', '=', tokenSha256).where('expires_at', '>', nowMs)
  return (await query.executeTakeFirst()) ?? null
}
export async function prolong(tx: Tx, tokenSha256: string, expiresAtMs: number): Promise<void> {
  await tx.updateTable('chat_conversations').set({ expires_at: expiresAtMs }).where('token_sha256', '=', tokenSha256).execute()
}
/** How many conversations a customer's visitors have begun since an instant. */
export async function countConversations(db: Database | Tx, customerId: string, sinceMs: number): Promise<number> {
  const { n } = await db
    .selectFrom('chat_conversations')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('customer_id', '=', customerId)
    .where('created_at', '>', sinceMs)
    .executeTakeFirstOrThrow()
  return Number(n)
}
/** The newest public messages of a ticket, oldest first. */
export async function readPublicMessages(db: Database, ticketId: string): Promise<TicketEventRow[]> {
  const rows = await db
    .selectFrom('ticket_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'message')
    .where('visibility', '=', 'public')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(MAX_SHOWN)
    .execute()
  return rows.toReversed()
}
