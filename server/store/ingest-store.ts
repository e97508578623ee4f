/** What ingest writes with every group: marks, latest state, quarantine, connection. Bulk statements only: groups are large in a storm. */
import { sql } from 'kysely'
import { makeBulkInsert } from './bulk-insert.ts'
import type { Database, Tx } from './database.ts'
import { inChunks } from './row-lock.ts'
import type { Connection, DeviceLatestRow, DeviceRow, DeviceStateRow, IngestMarkRow, QuarantineRow } from './schema.ts'

/** Of each device's epochs the newest so many are kept. */
export const KEPT_EPOCHS = 4

export type LinkFacts = Pick<DeviceRow, 'id' | 'device_no' | 'customer_id' | 'site_id' | 'profile_id' | 'state'> & Pick<DeviceStateRow, 'connection' | 'connection_since' | 'session_id' | 'boot_id' | 'clock_offset_ms' | 'config_wanted'>

/** What ingest and presence have to know of devices. */
export async function readLinkFacts(db: Database | Tx, deviceIds: readonly string[] | 'all'): Promise<LinkFacts[]> {
  const query = db
    .selectFrom('devices')
    .innerJoin('device_states', 'device_states.device_id', 'devices.id')
    .select(['id', 'device_no', 'customer_id', 'site_id', 'profile_id', 'state', 'connection', 'connection_since', 'session_id', 'boot_id', 'clock_offset_ms', 'config_wanted'])
  if (deviceIds === 'all') return query.where('state', '!=', 'retired').execute()
  const rows: LinkFacts[] = []
  await inChunks(deviceIds, async chunk => rows.push(...(await query.where('id', 'in', chunk).execute())))
  return rows
}

export async function readMarks(db: Database | Tx, deviceIds: readonly string[]): Promise<IngestMarkRow[]> {
  const rows: IngestMarkRow[] = []
  await inChunks(deviceIds, async chunk => rows.push(...(await db.selectFrom('ingest_marks').selectAll().where('device_id', 'in', chunk).execute())))
  return rows
}

/** Writes how far epochs are stored. */
export const writeMarks = makeBulkInsert<IngestMarkRow>({ device_id: true, epoch: true, mark: true, ranges: true, seen_at: true }, (tx, rows) =>
  tx
    .insertInto('ingest_marks')
    .values(rows)
    .onConflict(c => c.columns(['device_id', 'epoch']).doUpdateSet({ mark: sql`excluded.mark`, ranges: sql`excluded.ranges`, seen_at: sql`excluded.seen_at` })),
)

/** Keeps the newest epochs of a device: leftovers of an old spool may still come, endless new ones may not fill the table. */
export async function deleteOldEpochs(tx: Tx, deviceId: string): Promise<void> {
  const kept = await tx.selectFrom('ingest_marks').select('epoch').where('device_id', '=', deviceId).orderBy('seen_at', 'desc').limit(KEPT_EPOCHS).execute()
  if (kept.length === KEPT_EPOCHS)
    await tx
      .deleteFrom('ingest_marks')
      .where('device_id', '=', deviceId)
      .where('epoch', 'not in', kept.map(row => row.epoch))
      .execute()
}

/** Writes the latest state; without metrics the earlier ones stay. */
export const writeLatest = makeBulkInsert<DeviceLatestRow>({ device_id: true, last_seen_at: true, metrics_at: true, metrics: true }, (tx, rows) =>
  tx
    .insertInto('device_latest')
    .values(rows)
    .onConflict(c =>
      c.column('device_id').doUpdateSet({
        last_seen_at: sql`excluded.last_seen_at`,
        metrics_at: sql`coalesce(excluded.metrics_at, device_latest.metrics_at)`,
        metrics: sql`coalesce(excluded.metrics, device_latest.metrics)`,
      }),
    ),
)

/** Keeps messages that could not be taken, for whoever looks for the fault. */
export const insertQuarantine = makeBulkInsert<QuarantineRow>(
  { id: true, device_id: true, kind: true, fault: true, detail: true, payload_base64: true, received_at: true },
  (tx, rows) => tx.insertInto('quarantine').values(rows),
)

/** Sets the connection of many devices to one value at one instant. */
export async function writeConnection(tx: Tx, deviceIds: readonly string[], connection: Connection, atMs: number, expectedBackAtMs: number | null = null): Promise<void> {
  await inChunks(deviceIds, chunk => tx.updateTable('device_states').set({ connection, connection_since: atMs, expected_back_at: expectedBackAtMs }).where('device_id', 'in', chunk).execute())
}

export async function updateDeviceState(tx: Tx, deviceId: string, change: Partial<DeviceStateRow>): Promise<void> {
  await tx.updateTable('device_states').set(change).where('device_id', '=', deviceId).execute()
}
