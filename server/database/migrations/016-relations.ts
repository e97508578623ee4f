/** Work on tickets by several people: versions, merges, links, watchers, defects, major incidents and offers beyond a plan. */
import type { Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Makes the tables and adds the columns. */
export async function relations(db: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: (table: Table) => Table): Promise<void> => columns(withId(db.schema.createTable(name))).execute()
  const index = (name: string, table: string, columns: string[]) => db.schema.createIndex(name).on(table).columns(columns)

  await db.schema
    .alterTable('tickets')
    .addColumn('version', 'integer', column => column.notNull().defaultTo(1))
    .execute()
  for (const column of ['merged_into_id', 'scope_reason']) await db.schema.alterTable('tickets').addColumn(column, 'text').execute()
  await index('tickets_merged', 'tickets', ['merged_into_id']).execute()
  await db.schema.alterTable('ticket_events').addColumn('ticket_version', 'integer').execute()

  await create('ticket_merges', table =>
    may(
      may(need(need(table, 'text', 'ticket_id', 'into_id', 'status_before', 'by_name'), 'bigint', 'at'), 'text', 'reason'),
      'bigint',
      'undone_at',
    ),
  )
  await index('ticket_merges_ticket', 'ticket_merges', ['ticket_id', 'at']).execute()
  await create('ticket_links', table => need(need(table, 'text', 'kind', 'from_id', 'to_id', 'by_name'), 'bigint', 'at'))
  await index('ticket_links_once', 'ticket_links', ['kind', 'from_id', 'to_id']).unique().execute()
  await index('ticket_links_to', 'ticket_links', ['to_id']).execute()
  await create('ticket_watchers', table =>
    need(need(table, 'text', 'ticket_id', 'kind', 'ref_id', 'email', 'name', 'by_name'), 'bigint', 'at'),
  )
  await index('ticket_watchers_once', 'ticket_watchers', ['ticket_id', 'email']).unique().execute()

  await create('defects', table => {
    const texts = need(table, 'text', 'reference', 'class', 'title', 'impact', 'status', 'by_name')
    const times = need(need(texts, 'integer', 'version'), 'bigint', 'created_at', 'updated_at')
    return may(may(times, 'integer', 'severity'), 'text', 'estimate_on', 'product_id', 'fixed_version')
  })
  await index('defects_reference', 'defects', ['reference']).unique().execute()
  await index('defects_updated', 'defects', ['updated_at', 'id']).execute()
  await create('defect_events', table => need(need(table, 'text', 'defect_id', 'kind', 'by_name', 'text'), 'bigint', 'at'))
  await index('defect_events_defect', 'defect_events', ['defect_id', 'at']).execute()
  await create('defect_tickets', table =>
    may(need(need(table, 'text', 'defect_id', 'ticket_id', 'by_name'), 'bigint', 'at'), 'text', 'told'),
  )
  await index('defect_tickets_once', 'defect_tickets', ['defect_id', 'ticket_id']).unique().execute()
  await index('defect_tickets_ticket', 'defect_tickets', ['ticket_id']).execute()

  await create('majors', table =>
    may(
      may(need(need(table, 'text', 'reference', 'title', 'state', 'by_name'), 'bigint', 'started_at'), 'bigint', 'ended_at'),
      'text',
      'incident_id',
    ),
  )
  await index('majors_started', 'majors', ['started_at', 'id']).execute()
  await create('major_tickets', table => need(need(table, 'text', 'major_id', 'ticket_id', 'by_name'), 'bigint', 'at'))
  await index('major_tickets_once', 'major_tickets', ['major_id', 'ticket_id']).unique().execute()
  await index('major_tickets_ticket', 'major_tickets', ['ticket_id']).execute()
  await create('major_events', table =>
    may(need(need(table, 'text', 'major_id', 'kind', 'by_name', 'text'), 'bigint', 'at'), 'integer', 'tickets_told'),
  )
  await index('major_events_major', 'major_events', ['major_id', 'at']).execute()

  await create('ticket_offers', table =>
    may(
      may(
        need(need(table, 'text', 'ticket_id', 'kind', 'reason', 'state', 'by_name'), 'bigint', 'at'),
        'text',
        'estimate',
        'decided_by',
        'note',
      ),
      'bigint',
      'decided_at',
    ),
  )
  await index('ticket_offers_ticket', 'ticket_offers', ['ticket_id', 'at']).execute()
}
