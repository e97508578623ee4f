/** The history of verdicts: one row for each change, written with it. */
import { sql } from 'kysely'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { VerdictMarkRow } from '../../database/tables/verdict-mark-rows.ts'

/** Adds changes; of two within one millisecond the later one counts. */
export const addVerdictMarks = makeBulkInsert<VerdictMarkRow>({ device_id: true, from_at: true, verdict: true, cause: true }, (tx, rows) =>
  tx
    .insertInto('verdict_marks')
    .values([...rows])
    .onConflict(conflict =>
      conflict.columns(['device_id', 'from_at']).doUpdateSet({ verdict: sql`excluded.verdict`, cause: sql`excluded.cause` }),
    ),
)

/** Marks of devices in [fromMs, toMs), by device in time order, each with the last one before it. */
export async function readVerdictMarks(
  db: Database,
  deviceIds: readonly string[],
  span: { fromMs: number; toMs: number },
): Promise<Map<string, VerdictMarkRow[]>> {
  const rows: VerdictMarkRow[] = []
  await inChunks(deviceIds, async chunk => {
    const last = db
      .selectFrom('verdict_marks')
      .select(({ fn }) => ['device_id', fn.max('from_at').as('from_at')])
      .where('device_id', 'in', chunk)
      .where('from_at', '<', span.fromMs)
      .groupBy('device_id')
    const before = await db
      .selectFrom('verdict_marks')
      .innerJoin(last.as('last'), join =>
        join.onRef('last.device_id', '=', 'verdict_marks.device_id').onRef('last.from_at', '=', 'verdict_marks.from_at'),
      )
      .selectAll('verdict_marks')
      .execute()
    const within = await db
      .selectFrom('verdict_marks')
      .selectAll()
      .where('device_id', 'in', chunk)
      .where('from_at', '>=', span.fromMs)
      .where('from_at', '<', span.toMs)
      .orderBy('device_id')
      .orderBy('from_at')
      .execute()
    rows.push(...before, ...within)
  })
  return Map.groupBy(rows, row => row.device_id)
}

/** Lets marks older than `beforeMs` go, but for the newest of each device: it still says what the device was then. */
export async function deleteVerdictMarksBefore(tx: Tx, beforeMs: number, deviceNos: { from: number; to: number }): Promise<void> {
  const devices = tx.selectFrom('devices').select('id').where('device_no', '>=', deviceNos.from).where('device_no', '<', deviceNos.to)
  await tx
    .deleteFrom('verdict_marks')
    .where('device_id', 'in', devices)
    .where('from_at', '<', beforeMs)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('verdict_marks as later')
          .select('later.device_id')
          .whereRef('later.device_id', '=', 'verdict_marks.device_id')
          .whereRef('later.from_at', '>', 'verdict_marks.from_at')
          .where('later.from_at', '<=', beforeMs),
      ),
    )
    .execute()
}

/** Where a device stands, as serving time needs it. */
export type ServingPlace = {
  deviceId: string
  name: string
  siteId: string
  siteName: string
  timeZone: string
  openingHours: string | null
  retiredAtMs: number | null
}

/** One device, or every device a customer had. */
export async function listServingPlaces(db: Database, of: { deviceId: string } | { customerId: string }): Promise<ServingPlace[]> {
  const base = db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select([
      'devices.id as deviceId',
      'devices.name as name',
      'sites.id as siteId',
      'sites.name as siteName',
      'sites.time_zone as timeZone',
      'sites.opening_hours as openingHours',
      'devices.retired_at as retiredAtMs',
    ])
    .orderBy('sites.name')
    .orderBy('devices.name')
  return 'deviceId' in of
    ? base.where('devices.id', '=', of.deviceId).execute()
    : base.where('devices.customer_id', '=', of.customerId).execute()
}
