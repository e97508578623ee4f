/** Availability of the platform: heartbeat log, outside probes, announced maintenance. */
import type { Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Creates the tables of uptime. */
export async function uptime(db: Kysely<unknown>): Promise<void> {
  const create = async (name: string, build: (table: Table) => Table): Promise<void> => {
    await build(db.schema.createTable(name)).execute()
  }
  await create('uptime_beats', t => may(need(withId(t), 'bigint', 'started_at', 'last_at'), 'text', 'ended'))
  await create('uptime_probe_spans', t => {
    const base = need(need(need(t, 'text', 'probe'), 'bigint', 'from_at', 'to_at', 'received_at'), 'integer', 'is_up')
    return may(base, 'text', 'reason').addPrimaryKeyConstraint('uptime_probe_spans_pk', ['probe', 'from_at'] as never)
  })
  await create('platform_maintenance', t =>
    may(need(need(withId(t), 'bigint', 'from_at', 'to_at', 'announced_at'), 'text', 'reason'), 'bigint', 'cancelled_at'),
  )
  await db.schema.createIndex('uptime_beats_last').on('uptime_beats').column('last_at').execute()
}
