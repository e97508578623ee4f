/** Places of devices: the only code that writes a device's state, and with it the history that bills are made of. */
import type { Database, Tx } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { DeviceRow, DeviceState } from '../../database/tables/schema.ts'
import type { PlaceSpanRow } from '../../database/tables/usage-rows.ts'

type PlacedDevice = Pick<DeviceRow, 'id' | 'customer_id'>

/** Begins the history of a new device's place. */
export async function openPlace(tx: Tx, device: PlacedDevice & Pick<DeviceRow, 'state'>, atMs: number): Promise<void> {
  await tx
    .insertInto('place_spans')
    .values({ device_id: device.id, customer_id: device.customer_id, state: device.state, from_at: atMs, to_at: null })
    .execute()
}

/**
 * Gives a device another state: the old span ends and the new one begins at `atMs`, or where the old one began when the clock went
 * back. A place that was held for no time at all leaves no span. `more` are other columns that change with it.
 */
export async function movePlace(
  tx: Tx,
  device: PlacedDevice,
  change: { state: DeviceState; atMs: number; more?: Partial<Omit<DeviceRow, 'state'>> },
): Promise<void> {
  const { state, atMs, more } = change
  await tx
    .updateTable('devices')
    .set({ ...more, state })
    .where('id', '=', device.id)
    .execute()
  const open = await tx
    .selectFrom('place_spans')
    .select(['state', 'from_at'])
    .where('device_id', '=', device.id)
    .where('to_at', 'is', null)
    .executeTakeFirst()
  if (open?.state === state) return
  const current = tx.updateTable('place_spans').where('device_id', '=', device.id).where('to_at', 'is', null)
  if (open !== undefined && open.from_at >= atMs) {
    await current.set({ state }).execute()
    return
  }
  await current.set({ to_at: atMs }).execute()
  await openPlace(tx, { ...device, state }, atMs)
}

/** When devices of a customer held a place beyond the plan in [fromMs, toMs), in order; also such that began before or go on. */
export async function listAdditionalSpans(
  db: Database | Tx,
  query: { customerId: string; fromMs: number; toMs: number },
): Promise<PlaceSpanRow[]> {
  return db
    .selectFrom('place_spans')
    .selectAll()
    .where('customer_id', '=', query.customerId)
    .where('state', '=', 'additional')
    .where('from_at', '<', query.toMs)
    .where(e => e.or([e('to_at', 'is', null), e('to_at', '>', query.fromMs)]))
    .orderBy('device_id')
    .orderBy('from_at')
    .execute()
}

/** Names of devices and of the sites they stand at, by device; retired ones too. */
export async function nameDevices(
  db: Database | Tx,
  deviceIds: readonly string[],
): Promise<Map<string, { name: string; siteName: string }>> {
  const names = new Map<string, { name: string; siteName: string }>()
  await inChunks(deviceIds, async chunk => {
    const rows = await db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .select(['devices.id', 'devices.name', 'sites.name as siteName'])
      .where('devices.id', 'in', chunk)
      .execute()
    for (const { id, name, siteName } of rows) names.set(id, { name, siteName })
  })
  return names
}
