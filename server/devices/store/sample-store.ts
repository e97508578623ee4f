/** Samples and their roll-ups. */
import { sql } from 'kysely'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import type { DeviceMetricRow, RollupRow, SampleRow } from '../../database/tables/schema.ts'

/** Metric slots of devices. */
export async function readSlots(db: Database | Tx, deviceNos: readonly number[]): Promise<DeviceMetricRow[]> {
  const rows: DeviceMetricRow[] = []
  for (let start = 0; start < deviceNos.length; start += 500) {
    rows.push(
      ...(await db
        .selectFrom('device_metrics')
        .selectAll()
        .where('device_no', 'in', deviceNos.slice(start, start + 500))
        .execute()),
    )
  }
  return rows
}

/** Stores new metric slots. */
export const insertSlots = makeBulkInsert<DeviceMetricRow>({ device_no: true, slot: true, name: true }, (tx, rows) =>
  tx
    .insertInto('device_metrics')
    .values(rows)
    .onConflict(c => c.doNothing()),
)

/** Stores samples; one that is there already (same device and instant) stays. */
export const insertSamples = makeBulkInsert<SampleRow>({ device_no: true, at: true, data: true }, (tx, rows) =>
  tx
    .insertInto('samples')
    .values(rows)
    .onConflict(c => c.doNothing()),
)

export async function listMetricNames(db: Database, deviceNo: number): Promise<string[]> {
  const rows = await db.selectFrom('device_metrics').select('name').where('device_no', '=', deviceNo).orderBy('slot').execute()
  return rows.map(row => row.name)
}

export async function findSlot(db: Database, deviceNo: number, name: string): Promise<number | null> {
  const row = await db
    .selectFrom('device_metrics')
    .select('slot')
    .where('device_no', '=', deviceNo)
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.slot ?? null
}

/** Raw samples of one device in a half-open span, oldest first. */
export async function readSamples(
  db: Database | Tx,
  deviceNo: number,
  fromMs: number,
  toMs: number,
): Promise<Pick<SampleRow, 'at' | 'data'>[]> {
  return db
    .selectFrom('samples')
    .select(['at', 'data'])
    .where('device_no', '=', deviceNo)
    .where('at', '>=', fromMs)
    .where('at', '<', toMs)
    .orderBy('at')
    .execute()
}

export async function readRollups(
  db: Database | Tx,
  deviceNo: number,
  bucketMs: number,
  fromMs: number,
  toMs: number,
): Promise<Pick<RollupRow, 'at' | 'data'>[]> {
  return db
    .selectFrom('rollups')
    .select(['at', 'data'])
    .where('device_no', '=', deviceNo)
    .where('bucket_ms', '=', bucketMs)
    .where('at', '>=', fromMs)
    .where('at', '<', toMs)
    .orderBy('at')
    .execute()
}

/** Writes roll-ups; a bucket computed again (late samples) replaces the older one. */
export const writeRollups = makeBulkInsert<RollupRow>({ device_no: true, bucket_ms: true, at: true, data: true }, (tx, rows) =>
  tx
    .insertInto('rollups')
    .values(rows)
    .onConflict(c => c.columns(['device_no', 'bucket_ms', 'at']).doUpdateSet({ data: sql`excluded.data` })),
)

/** Deletes samples older than an instant, a slice at a time so that writers never wait long. Answers how many went. */
export async function deleteSamplesBefore(
  tx: Tx,
  table: 'samples' | 'rollups',
  beforeMs: number,
  bucketMs: number,
  deviceNos: { from: number; to: number },
): Promise<number> {
  let query = tx.deleteFrom(table).where('device_no', '>=', deviceNos.from).where('device_no', '<', deviceNos.to).where('at', '<', beforeMs)
  if (table === 'rollups') query = query.where('bucket_ms' as never, '=', bucketMs as never)
  const result = await query.executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Numbers of the devices that sent samples of a span: from `fromMs` on, before `untilMs`. */
export async function listSampledDevices(db: Database, fromMs: number, untilMs: number): Promise<number[]> {
  const rows = await db.selectFrom('samples').select('device_no').distinct().where('at', '>=', fromMs).where('at', '<', untilMs).execute()
  return rows.map(row => row.device_no)
}
