/** What makes a desk fast: articles, macros, files of messages and visits, chat, who is on call, and what customers thought of it. */
import type { Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Makes the tables and adds the columns. */
export async function knowhow(db: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: (table: Table) => Table): Promise<void> => columns(db.schema.createTable(name)).execute()
  const index = (name: string, table: string, columns: string[]) => db.schema.createIndex(name).on(table).columns(columns)

  await create('articles', table => {
    const texts = need(withId(table), 'text', 'family', 'title', 'body', 'signals', 'products', 'visibility', 'language', 'customer_ids')
    return may(need(may(texts, 'text', 'shipped_key', 'changed_by'), 'bigint', 'created_at', 'updated_at'), 'bigint', 'retired_at')
  })
  await index('articles_shipped', 'articles', ['shipped_key']).unique().execute()
  await create('article_helps', table => need(need(table, 'text', 'article_id', 'helped'), 'bigint', 'at'))
  await index('article_helps_once', 'article_helps', ['article_id', 'helped']).unique().execute()

  await create('macros', table => {
    const texts = need(withId(table), 'text', 'name', 'texts', 'visibility', 'changes')
    return may(need(texts, 'bigint', 'created_at', 'updated_at'), 'text', 'changed_by')
  })
  await index('macros_name', 'macros', ['name']).unique().execute()

  for (const column of ['event_id', 'visit_id', 'waits_for'])
    await db.schema.alterTable('ticket_attachments').addColumn(column, 'text').execute()
  await db.schema.alterTable('outbox').addColumn('event_id', 'text').execute()
  await index('ticket_attachments_visit', 'ticket_attachments', ['visit_id', 'sha256']).execute()
  await index('ticket_attachments_waiting', 'ticket_attachments', ['waits_for', 'created_at']).execute()

  await create('on_call_rotas', table => {
    const texts = need(withId(table), 'text', 'name', 'body')
    return may(need(texts, 'bigint', 'created_at', 'updated_at'), 'text', 'changed_by')
  })
  await create('on_call_alerts', table => {
    const texts = need(withId(table), 'text', 'ticket_id', 'customer_id', 'state', 'calls')
    return may(may(need(texts, 'bigint', 'created_at'), 'text', 'rota_id', 'acknowledged_by'), 'bigint', 'next_at', 'acknowledged_at')
  })
  await index('on_call_alerts_ticket', 'on_call_alerts', ['ticket_id']).unique().execute()
  await index('on_call_alerts_due', 'on_call_alerts', ['next_at']).execute()
  await create('on_call_links', table => need(need(table, 'text', 'token_sha256', 'alert_id', 'name'), 'bigint', 'expires_at'))
  await index('on_call_links_token', 'on_call_links', ['token_sha256']).unique().execute()

  await create('satisfaction', table => {
    const texts = need(table, 'text', 'ticket_id', 'customer_id', 'token_sha256')
    return may(may(may(need(texts, 'bigint', 'asked_at', 'expires_at'), 'integer', 'score'), 'text', 'comment'), 'bigint', 'answered_at')
  })
  await index('satisfaction_ticket', 'satisfaction', ['ticket_id']).unique().execute()
  await index('satisfaction_token', 'satisfaction', ['token_sha256']).unique().execute()
  await index('satisfaction_customer', 'satisfaction', ['customer_id', 'answered_at']).execute()

  await create('chat_widgets', table => need(need(table, 'text', 'customer_id', 'public_key', 'origins'), 'bigint', 'created_at'))
  await index('chat_widgets_customer', 'chat_widgets', ['customer_id']).unique().execute()
  await index('chat_widgets_key', 'chat_widgets', ['public_key']).unique().execute()
  await create('chat_conversations', table => {
    const texts = need(table, 'text', 'token_sha256', 'customer_id', 'ticket_id', 'name')
    return need(texts, 'bigint', 'created_at', 'expires_at')
  })
  await index('chat_conversations_token', 'chat_conversations', ['token_sha256']).unique().execute()
  await index('chat_conversations_customer', 'chat_conversations', ['customer_id', 'created_at']).execute()
}
