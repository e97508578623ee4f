/** Links to clients' desks, pairs of tickets, changes on their way out and in, and comments known on both sides. */
import type { Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Makes the tables. */
export async function servicedeskSync(db: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: (table: Table) => Table): Promise<void> => columns(withId(db.schema.createTable(name))).execute()
  const index = (name: string, table: string, columns: string[]) => db.schema.createIndex(name).on(table).columns(columns)

  await create('sync_links', table => {
    const texts = need(table, 'text', 'customer_id', 'kind', 'name', 'base_url', 'settings', 'secrets', 'state_map', 'warnings')
    const times = need(need(texts, 'integer', 'is_enabled'), 'bigint', 'files_seen_at', 'created_at', 'updated_at')
    const facts = may(times, 'text', 'enabled_key', 'sync_user', 'last_error')
    return may(
      facts,
      'bigint',
      'failing_since',
      'last_out_at',
      'last_in_at',
      'clock_skew_ms',
      'reconciled_at',
      'leased_until',
      'alarmed_at',
    )
  })
  await index('sync_links_enabled', 'sync_links', ['enabled_key']).unique().execute()
  await index('sync_links_customer', 'sync_links', ['customer_id']).execute()

  await create('sync_pairs', table => {
    const texts = need(table, 'text', 'link_id', 'ticket_id', 'made_by', 'facts', 'recent')
    const rest = need(need(texts, 'integer', 'last_seq'), 'bigint', 'created_at')
    return may(may(rest, 'text', 'external_id', 'external_key', 'external_url', 'agreed_ours', 'agreed_theirs'), 'bigint', 'stopped_at')
  })
  await index('sync_pairs_ticket', 'sync_pairs', ['ticket_id', 'link_id']).unique().execute()
  await index('sync_pairs_external', 'sync_pairs', ['link_id', 'external_id']).unique().execute()

  await create('sync_outbox', table => {
    const texts = need(table, 'text', 'link_id', 'ticket_id', 'kind', 'body', 'state', 'dedup_key')
    const rest = need(need(texts, 'integer', 'seq', 'attempts'), 'bigint', 'next_attempt_at', 'created_at')
    return may(may(rest, 'text', 'last_error'), 'bigint', 'done_at')
  })
  await index('sync_outbox_key', 'sync_outbox', ['dedup_key']).unique().execute()
  await index('sync_outbox_order', 'sync_outbox', ['ticket_id', 'link_id', 'seq']).unique().execute()
  await index('sync_outbox_due', 'sync_outbox', ['link_id', 'state', 'next_attempt_at']).execute()

  await create('sync_inbox', table => {
    const texts = need(table, 'text', 'link_id', 'delivery_id', 'external_id', 'state')
    const rest = need(need(texts, 'integer', 'attempts'), 'bigint', 'next_attempt_at', 'received_at')
    return may(may(rest, 'text', 'snapshot', 'last_error'), 'bigint', 'done_at')
  })
  await index('sync_inbox_delivery', 'sync_inbox', ['link_id', 'delivery_id']).unique().execute()
  await index('sync_inbox_due', 'sync_inbox', ['link_id', 'state', 'next_attempt_at']).execute()

  await create('sync_comments', table => {
    const texts = need(table, 'text', 'link_id', 'ticket_id', 'hash', 'direction')
    return may(need(texts, 'bigint', 'at'), 'text', 'external_id', 'event_id')
  })
  await index('sync_comments_external', 'sync_comments', ['link_id', 'ticket_id', 'external_id']).unique().execute()
  await index('ticket_attachments_created', 'ticket_attachments', ['created_at']).execute()
}
