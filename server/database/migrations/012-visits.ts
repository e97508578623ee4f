/** Visits of partners, what happened to them, and what a notice about one carries. */
import type { Kysely } from 'kysely'
import { may, need, withId } from './columns.ts'

/** Creates the tables and the columns of the outbox. */
export async function visits(db: Kysely<unknown>): Promise<void> {
  const base = need(
    withId(db.schema.createTable('visits')),
    'text',
    'ticket_id',
    'customer_id',
    'partner_id',
    'state',
    'link_sha256',
    'parts',
  )
  const times = may(
    need(base, 'bigint', 'offered_at', 'link_expires_at'),
    'bigint',
    'deadline_at',
    'accepted_at',
    'scheduled_at',
    'on_site_at',
    'done_at',
    'cancelled_at',
  )
  const rest = need(may(times, 'text', 'device_id', 'site_id', 'open_key', 'declined_reason', 'note'), 'integer', 'calendar_sequence')
  await may(rest, 'integer', 'minutes').execute()
  await db.schema.createIndex('visits_open').on('visits').column('open_key').unique().execute()
  await db.schema.createIndex('visits_link').on('visits').column('link_sha256').unique().execute()
  await db.schema.createIndex('visits_ticket').on('visits').column('ticket_id').execute()
  await db.schema.createIndex('visits_partner').on('visits').columns(['partner_id', 'offered_at']).execute()
  await db.schema.createIndex('visits_due').on('visits').column('deadline_at').execute()
  const events = need(withId(db.schema.createTable('visit_events')), 'text', 'visit_id', 'state', 'who', 'text')
  await need(events, 'bigint', 'at').execute()
  await db.schema.createIndex('visit_events_visit').on('visit_events').columns(['visit_id', 'at']).execute()
  for (const column of ['link_path', 'calendar']) await db.schema.alterTable('outbox').addColumn(column, 'text').execute()
}
