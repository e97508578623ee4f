/** The connection and verdict part of a device's latest state. */
import { sql } from 'kysely'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { neverInserted } from '../../devices/store/device-state-upsert.ts'
import { inChunks, rowLockFree } from '../../database/row-lock.ts'
import type { DeviceStateRow } from '../../database/tables/schema.ts'

export type VerdictState = Pick<DeviceStateRow, 'device_id' | 'connection' | 'connection_since' | 'verdict' | 'verdict_since' | 'reasons'>
export type VerdictRow = Pick<DeviceStateRow, 'device_id' | 'verdict' | 'verdict_since' | 'reasons'>
export type ConnectionRow = VerdictRow & Pick<DeviceStateRow, 'connection' | 'connection_since' | 'expected_back_at' | 'overdue_at'>

/** Connection and verdict of devices, in one order for everybody. */
export async function readVerdictStates(db: Database | Tx, deviceIds: readonly string[]): Promise<VerdictState[]> {
  const rows: VerdictState[] = []
  await inChunks(deviceIds.toSorted(), async chunk => {
    const found = await db
      .selectFrom('device_states')
      .select(['device_id', 'connection', 'connection_since', 'verdict', 'verdict_since', 'reasons'])
      .where('device_id', 'in', chunk)
      .orderBy('device_id')
      .execute()
    rows.push(...found)
  })
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

const VERDICT = {
  verdict: sql<never>`excluded.verdict`,
  verdict_since: sql<never>`excluded.verdict_since`,
  reasons: sql<never>`excluded.reasons`,
}

/** Writes verdict, since and reasons; everything else of the rows stays as it is in the store. */
export const writeVerdicts = makeBulkInsert<VerdictRow>(
  { device_id: true, verdict: true, verdict_since: true, reasons: true },
  (tx, rows) =>
    tx
      .insertInto('device_states')
      .values(rows.map(row => ({ ...neverInserted(), ...row })))
      .onConflict(conflict => conflict.column('device_id').doUpdateSet(VERDICT)),
)

/** Writes a new connection with the verdict that follows from it. */
export const writeConnections = makeBulkInsert<ConnectionRow>(
  {
    device_id: true,
    verdict: true,
    verdict_since: true,
    reasons: true,
    connection: true,
    connection_since: true,
    expected_back_at: true,
    overdue_at: true,
  },
  (tx, rows) =>
    tx
      .insertInto('device_states')
      .values(rows.map(row => ({ ...neverInserted(), ...row })))
      .onConflict(conflict =>
        conflict.column('device_id').doUpdateSet({
          ...VERDICT,
          connection: sql`excluded.connection`,
          connection_since: sql`excluded.connection_since`,
          expected_back_at: sql`excluded.expected_back_at`,
          overdue_at: sql`excluded.overdue_at`,
        }),
      ),
)

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

type PlaceHours = { deviceId: string; timeZone: string; openingHours: string | null }

/** Opening hours of the places of these devices. */
export async function listPlaceHours(tx: Tx, deviceIds: readonly string[]): Promise<PlaceHours[]> {
  const places: PlaceHours[] = []
  await inChunks(deviceIds, async chunk => {
    const rows = await tx
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .select(['devices.id as deviceId', 'sites.time_zone as timeZone', 'sites.opening_hours as openingHours'])
      .where('devices.id', 'in', chunk)
      .execute()
    places.push(...rows)
  })
  return places
}
