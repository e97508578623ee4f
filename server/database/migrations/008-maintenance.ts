/** Maintenance windows of devices. */
import type { Kysely } from 'kysely'
import { may, need, withId } from './columns.ts'

/** Creates the table. */
export async function maintenance(db: Kysely<unknown>): Promise<void> {
  const base = need(
    need(withId(db.schema.createTable('maintenance_windows')), 'text', 'time_zone', 'reason', 'created_by'),
    'bigint',
    'from_at',
    'to_at',
    'created_at',
  )
  await may(
    may(base, 'text', 'customer_id', 'site_id', 'profile_id', 'device_id', 'signal', 'recurrence'),
    'bigint',
    'ends_at',
    'cancelled_at',
  ).execute()
  await db.schema.createIndex('maintenance_windows_ends').on('maintenance_windows').columns(['cancelled_at', 'ends_at']).execute()
}
