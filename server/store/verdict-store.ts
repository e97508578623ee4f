/** The verdict part of a device's latest state. */
import { sql } from 'kysely'
import type { Database, Tx } from './database.ts'
import { inChunks, rowLockFree } from './row-lock.ts'
import type { DeviceRow, DeviceStateRow, SiteRow } from './schema.ts'

/** The columns a row cannot be without: an upsert has to name them, though it changes three only. */
const WRITTEN = [
  'device_id',
  'connection',
  'connection_since',
  'verdict',
  'verdict_since',
  'reasons',
  'config_wanted',
  'config_applied',
  'config_status',
] as const
export type VerdictRow = Pick<DeviceStateRow, (typeof WRITTEN)[number]>
export type VerdictState = VerdictRow & Pick<DeviceRow, 'customer_id'> & Pick<SiteRow, 'time_zone' | 'opening_hours'>

/** What a verdict is made of, but for the failing signals. */
export async function readVerdictStates(db: Database | Tx, deviceIds: readonly string[]): Promise<VerdictState[]> {
  const rows: VerdictState[] = []
  await inChunks(deviceIds, async chunk =>
    rows.push(
      ...(await db
        .selectFrom('device_states')
        .innerJoin('devices', 'devices.id', 'device_states.device_id')
        .innerJoin('sites', 'sites.id', 'devices.site_id')
        .select([...WRITTEN, 'devices.customer_id', 'sites.time_zone', 'sites.opening_hours'])
        .where('device_states.device_id', 'in', chunk)
        .orderBy('device_states.device_id')
        .execute()),
    ),
  )
  return rows
}

/** Those of the devices whose state nobody is writing right now; they are locked until the transaction ends. */
export async function lockFreeStates(tx: Tx, deviceIds: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  await inChunks(deviceIds, async chunk => {
    const rows = await tx
      .selectFrom('device_states')
      .select('device_id')
      .where('device_id', 'in', chunk)
      .orderBy('device_id')
      .modifyEnd(rowLockFree(tx))
      .execute()
    ids.push(...rows.map(row => row.device_id))
  })
  return ids
}

/** Writes verdict, since and reasons; everything else of the rows stays as it is in the store. */
export async function writeVerdicts(tx: Tx, rows: readonly VerdictRow[]): Promise<void> {
  await inChunks(rows, chunk =>
    tx
      .insertInto('device_states')
      .values(
        chunk.map(row => ({ ...row, session_id: null, expected_back_at: null, boot_id: null, clock_offset_ms: null, inventory: null })),
      )
      .onConflict(conflict =>
        conflict
          .column('device_id')
          .doUpdateSet({ verdict: sql`excluded.verdict`, verdict_since: sql`excluded.verdict_since`, reasons: sql`excluded.reasons` }),
      )
      .execute(),
  )
}

/** Sites that are not always open. */
export async function listSitesWithHours(db: Database): Promise<{ id: string; timeZone: string; openingHours: string }[]> {
  const rows = await db
    .selectFrom('sites')
    .select(['id', 'time_zone as timeZone', 'opening_hours as openingHours'])
    .where('opening_hours', 'is not', null)
    .execute()
  return rows.map(row => ({ ...row, openingHours: row.openingHours ?? '' }))
}

/** Devices at these sites that are not retired. */
export async function listDevicesAt(db: Database, siteIds: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  await inChunks(siteIds, async chunk => {
    const rows = await db.selectFrom('devices').select('id').where('site_id', 'in', chunk).where('state', '!=', 'retired').execute()
    ids.push(...rows.map(row => row.id))
  })
  return ids
}
