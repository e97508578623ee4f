/** Mails in and out, the desk's intake, files on tickets, the language of a customer, and reminders before a ticket closes by itself. */
import type { Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Makes the tables and adds the columns. */
export async function mail(db: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: (table: Table) => Table): Promise<void> => columns(db.schema.createTable(name)).execute()
  const index = (name: string, table: string, columns: string[]) => db.schema.createIndex(name).on(table).columns(columns)

  await create('mail_messages', table => {
    const texts = need(withId(table), 'text', 'message_id', 'direction', 'address', 'subject', 'outcome', 'why')
    return need(may(need(texts, 'bigint', 'at'), 'text', 'ticket_id', 'customer_id', 'sha256'), 'integer', 'bytes')
  })
  await index('mail_messages_id', 'mail_messages', ['message_id']).unique().execute()
  await index('mail_messages_address', 'mail_messages', ['address', 'at']).execute()
  await index('mail_messages_ticket', 'mail_messages', ['ticket_id', 'at']).execute()

  await create('intake_items', table => {
    const texts = need(withId(table), 'text', 'mail_id', 'state', 'reason')
    return may(may(need(texts, 'bigint', 'created_at'), 'text', 'ticket_id', 'decided_by'), 'bigint', 'decided_at')
  })
  await index('intake_items_state', 'intake_items', ['state', 'created_at']).execute()

  await create('ticket_attachments', table => {
    const texts = need(withId(table), 'text', 'ticket_id', 'name', 'content_type', 'sha256', 'visibility')
    return need(need(may(texts, 'text', 'mail_id'), 'integer', 'bytes'), 'bigint', 'created_at')
  })
  await index('ticket_attachments_ticket', 'ticket_attachments', ['ticket_id', 'created_at']).execute()

  await db.schema
    .alterTable('customers')
    .addColumn('language', 'text', column => column.notNull().defaultTo('en'))
    .execute()
  await db.schema.alterTable('tickets').addColumn('close_reminder_at', 'bigint').execute()
}
