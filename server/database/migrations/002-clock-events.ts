/**
 * The log of the clocks, the escalation on each clock instead of its one warning, and when a case beyond the quota was approved.
 * Clocks that run go on with the usual steps. Never edited after a release.
 */
import { sql, type Kysely } from 'kysely'
import { may, need, withId } from './columns.ts'

const USUAL = '[{"percent":75,"tell":["desk"]},{"percent":100,"tell":["desk","partner"]}]'
const USUAL_BAND = '[{"band":true,"tell":["desk"]},{"percent":100,"tell":["desk","partner"]}]'

/** Adds the table and the columns, and carries over what the clocks had. */
export async function clockEvents(db: Kysely<unknown>): Promise<void> {
  const base = need(withId(db.schema.createTable('clock_events')), 'text', 'ticket_id', 'kind', 'what', 'state', 'text')
  const counted = need(need(base, 'integer', 'cycle'), 'bigint', 'at', 'recorded_at')
  await may(may(need(counted, 'double precision', 'used_seconds'), 'text', 'step', 'once_key'), 'bigint', 'due_at').execute()
  await db.schema.createIndex('clock_events_once').on('clock_events').columns(['ticket_id', 'kind', 'cycle', 'once_key']).unique().execute()

  await db.schema.alterTable('tickets').addColumn('approved_at', 'bigint').execute()
  for (const name of ['steps', 'fired']) {
    await db.schema
      .alterTable('clocks')
      .addColumn(name, 'text', column => column.notNull().defaultTo('[]'))
      .execute()
  }
  await db.schema
    .alterTable('clocks')
    .addColumn('reminded', 'integer', column => column.notNull().defaultTo(0))
    .execute()
  const isBand = sql`target like '%"firstDays"%'`
  await sql`update clocks set steps = case when ${isBand} then ${sql.lit(USUAL_BAND)} else ${sql.lit(USUAL)} end
    where target like '%"kind":"minutes"%' or target like '%"kind":"business-days"%'`.execute(db)
  const warned = sql`case when ${isBand} then '["band"]' else '["percent:75"]' end`
  const told = sql`case when ${isBand} then '["band","percent:100"]' else '["percent:75","percent:100"]' end`
  await sql`update clocks set fired = case when breached_at is not null then ${told} when warned_at is not null then ${warned} else '[]' end`.execute(
    db,
  )
  for (const name of ['warn_at', 'warned_at']) await db.schema.alterTable('clocks').dropColumn(name).execute()
}
