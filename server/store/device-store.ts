/** Devices, their latest state and their enrolment tokens. */
import { sql } from 'kysely'
import type { Database, Tx } from './database.ts'
import { likePattern, readCursor } from './paging.ts'
import type { Connection, DeviceRow, DeviceState, DeviceStateRow, EnrolmentTokenRow, Verdict } from './schema.ts'

export type DeviceView = DeviceRow &
  DeviceStateRow & {
    customer_name: string
    site_name: string
    last_seen_at: number | null
    metrics_at: number | null
    metrics: string | null
  }

const viewed = (db: Database | Tx) =>
  db
    .selectFrom('devices')
    .innerJoin('device_states', 'device_states.device_id', 'devices.id')
    .innerJoin('customers', 'customers.id', 'devices.customer_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_latest', 'device_latest.device_id', 'devices.id')
    .selectAll(['devices', 'device_states'])
    .select([
      'customers.name as customer_name',
      'sites.name as site_name',
      'device_latest.last_seen_at',
      'device_latest.metrics_at',
      'device_latest.metrics',
    ])

export type DeviceFilter = {
  scope: readonly string[] | null
  customerId?: string | undefined
  siteId?: string | undefined
  state?: DeviceState | undefined
  connection?: Connection | undefined
  verdict?: Verdict | undefined
  q?: string | undefined
  /** These devices only, by comma. */
  ids?: string | undefined
  limit: number
  cursor?: string | undefined
}

function filtered<Query extends ReturnType<typeof viewed>>(base: Query, filter: DeviceFilter): Query {
  let query = base as ReturnType<typeof viewed>
  if (filter.scope !== null) query = query.where('devices.customer_id', 'in', filter.scope.length > 0 ? filter.scope : [''])
  if (filter.customerId) query = query.where('devices.customer_id', '=', filter.customerId)
  if (filter.siteId) query = query.where('devices.site_id', '=', filter.siteId)
  query = filter.state ? query.where('devices.state', '=', filter.state) : query.where('devices.state', '!=', 'retired')
  if (filter.connection) query = query.where('device_states.connection', '=', filter.connection)
  if (filter.verdict) query = query.where('device_states.verdict', '=', filter.verdict)
  if (filter.ids) query = query.where('devices.id', 'in', filter.ids.split(','))
  for (const word of (filter.q ?? '').split(/\s+/).filter(Boolean).slice(0, 8)) {
    const pattern = likePattern(word)
    query = query.where(
      sql<boolean>`(lower(devices.name) like ${pattern} escape '!' or lower(devices.hostname) like ${pattern} escape '!' or lower(sites.name) like ${pattern} escape '!' or lower(customers.name) like ${pattern} escape '!' or lower(coalesce(devices.model, '')) like ${pattern} escape '!' or devices.id like ${pattern} escape '!')`,
    )
  }
  return query as Query
}

/** Devices by name. Retired ones are left out unless asked for. */
export async function listDevices(db: Database, filter: DeviceFilter): Promise<{ rows: DeviceView[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  let page = filtered(viewed(db), filter)
    .orderBy('devices.name')
    .orderBy('devices.id')
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([
        e('devices.name', '>', String(cursor[0])),
        e.and([e('devices.name', '=', String(cursor[0])), e('devices.id', '>', cursor[1])]),
      ]),
    )
  const total = (await filtered(viewed(db), filter)
    .clearSelect()
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()) as unknown as { n: number }
  return { rows: (await page.execute()) as DeviceView[], total: Number(total.n) }
}

export async function findDevice(db: Database | Tx, id: string): Promise<DeviceView | null> {
  return ((await viewed(db).where('devices.id', '=', id).executeTakeFirst()) as DeviceView | undefined) ?? null
}

export async function findDeviceByMachine(tx: Tx, customerId: string, machineId: string): Promise<DeviceRow | null> {
  return (
    (await tx
      .selectFrom('devices')
      .selectAll()
      .where('customer_id', '=', customerId)
      .where('machine_id', '=', machineId)
      .executeTakeFirst()) ?? null
  )
}

/** A new device with its first state row. */
export async function insertDevice(tx: Tx, device: DeviceRow): Promise<void> {
  await tx.insertInto('devices').values(device).execute()
  await tx
    .insertInto('device_states')
    .values({
      device_id: device.id,
      connection: 'never',
      connection_since: device.enrolled_at,
      session_id: null,
      expected_back_at: null,
      boot_id: null,
      clock_offset_ms: null,
      verdict: 'unknown',
      verdict_since: device.enrolled_at,
      reasons: '[]',
      inventory: null,
      config_wanted: 1,
      config_applied: 0,
      config_status: 'pending',
    })
    .execute()
}

export async function updateDevice(tx: Tx, id: string, change: Partial<DeviceRow>): Promise<void> {
  if (Object.keys(change).length > 0) await tx.updateTable('devices').set(change).where('id', '=', id).execute()
}

/** Asks for a new configuration revision on these devices. */
export async function bumpConfig(tx: Tx, deviceIds: readonly string[]): Promise<void> {
  for (let start = 0; start < deviceIds.length; start += 500) {
    await tx
      .updateTable('device_states')
      .set({ config_wanted: sql`config_wanted + 1`, config_status: 'pending' })
      .where('device_id', 'in', deviceIds.slice(start, start + 500))
      .execute()
  }
}

/** Devices of a customer that hold, held or want a place. */
export async function listPlaces(tx: Tx, customerId: string): Promise<Pick<DeviceRow, 'id' | 'state' | 'enrolled_at' | 'waiting_since'>[]> {
  return tx
    .selectFrom('devices')
    .select(['id', 'state', 'enrolled_at', 'waiting_since'])
    .where('customer_id', '=', customerId)
    .where('state', '!=', 'retired')
    .execute()
}

/** What the broker needs to let a device in. */
export async function findCredential(
  db: Database,
  deviceId: string,
): Promise<Pick<DeviceRow, 'id' | 'customer_id' | 'state' | 'secret_sha256' | 'next_secret_sha256' | 'secret_until'> | null> {
  return (
    (await db
      .selectFrom('devices')
      .select(['id', 'customer_id', 'state', 'secret_sha256', 'next_secret_sha256', 'secret_until'])
      .where('id', '=', deviceId)
      .executeTakeFirst()) ?? null
  )
}

export async function insertEnrolmentToken(tx: Tx, row: EnrolmentTokenRow): Promise<void> {
  await tx.insertInto('enrolment_tokens').values(row).execute()
}

export async function findEnrolmentToken(
  db: Database | Tx,
  by: { tokenSha256: string } | { id: string },
): Promise<EnrolmentTokenRow | null> {
  const query = db.selectFrom('enrolment_tokens').selectAll()
  const row =
    'id' in by
      ? await query.where('id', '=', by.id).executeTakeFirst()
      : await query.where('token_sha256', '=', by.tokenSha256).executeTakeFirst()
  return row ?? null
}

/** Spends one use; false when none is left, however many ask at once. */
export async function spendEnrolmentToken(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('enrolment_tokens')
    .set({ uses: sql`uses + 1` })
    .where('id', '=', id)
    .whereRef('uses', '<', 'max_uses')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

export async function revokeEnrolmentToken(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx.updateTable('enrolment_tokens').set({ revoked_at: nowMs }).where('id', '=', id).where('revoked_at', 'is', null).execute()
}
