/** Mails in and out, and how a mail finds its ticket and its customer. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import type { MailRow } from '../../database/tables/mail-rows.ts'
import type { TicketRow } from '../../database/tables/schema.ts'

/** Part of a notice's Message-ID before the `@`: the same however often it is sent. */
export function noticeMailId(dedupKey: string): string {
  return createHash('sha256').update(dedupKey).digest('hex').slice(0, 40)
}

/** Keeps a mail. False when one of this Message-ID is there already: it was taken before. */
export async function insertMail(tx: Tx, row: MailRow): Promise<boolean> {
  const result = await tx
    .insertInto('mail_messages')
    .values(row)
    .onConflict(conflict => conflict.column('message_id').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}

export async function findMail(db: Database | Tx, id: string): Promise<MailRow | null> {
  return (await db.selectFrom('mail_messages').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** By Message-ID as it is kept. */
export async function findMailByMessageId(db: Database | Tx, messageId: string): Promise<MailRow | null> {
  return (await db.selectFrom('mail_messages').selectAll().where('message_id', '=', messageId).executeTakeFirst()) ?? null
}

export async function updateMail(tx: Tx, id: string, change: Partial<MailRow>): Promise<void> {
  await tx.updateTable('mail_messages').set(change).where('id', '=', id).execute()
}

/** Ticket that one of these mails of ours is about; the first named counts. */
export async function findThreadTicket(db: Database | Tx, messageIds: readonly string[]): Promise<string | null> {
  if (messageIds.length === 0) return null
  const rows = await db
    .selectFrom('mail_messages')
    .select(['message_id', 'ticket_id'])
    .where('direction', '=', 'out')
    .where('message_id', 'in', messageIds)
    .execute()
  for (const id of messageIds) {
    const found = rows.find(row => row.message_id === id)
    if (found?.ticket_id) return found.ticket_id
  }
  return null
}

export async function findTicketByReference(db: Database | Tx, reference: string): Promise<TicketRow | null> {
  return (await db.selectFrom('tickets').selectAll().where('reference', '=', reference).executeTakeFirst()) ?? null
}

/** Customers an address is known at: as a named contact, or as the writer of mails that became theirs. */
export async function listCustomersOfAddress(db: Database | Tx, address: string): Promise<string[]> {
  const named = await db
    .selectFrom('contacts')
    .select('customer_id')
    .where(sql<boolean>`lower(email) = ${address}`)
    .distinct()
    .execute()
  if (named.length > 0) return named.map(row => row.customer_id).sort()
  const known = await db
    .selectFrom('mail_messages')
    .select('customer_id')
    .where('direction', '=', 'in')
    .where('address', '=', address)
    .where('customer_id', 'is not', null)
    .distinct()
    .execute()
  return known.flatMap(row => row.customer_id ?? []).sort()
}

/** How many mails came from an address since an instant. */
export async function countMailsFrom(db: Database | Tx, address: string, sinceMs: number): Promise<number> {
  const { n } = await db
    .selectFrom('mail_messages')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('direction', '=', 'in')
    .where('address', '=', address)
    .where('at', '>', sinceMs)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Message-IDs of the newest mails of one writer on a ticket, oldest first. */
export async function listThreadOf(db: Database | Tx, ticketId: string, address: string): Promise<string[]> {
  const rows = await db
    .selectFrom('mail_messages')
    .select('message_id')
    .where('ticket_id', '=', ticketId)
    .where('direction', '=', 'in')
    .where('address', '=', address)
    .where('message_id', 'like', '<%')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(5)
    .execute()
  return rows.map(row => row.message_id).toReversed()
}
