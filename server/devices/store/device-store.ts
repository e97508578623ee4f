/** Devices and their latest state. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import { likePattern, readCursor } from '../../database/paging.ts'
import { openPlace } from './device-state-store.ts'
import type { DeviceRow, DeviceState, DeviceStateRow } from '../../database/tables/schema.ts'
import type { Connection, VerdictWord } from '../../../shared/api/devices/device-api.ts'

/** What a list shows of a device: inventory, metrics and secrets stay where they are. What is not named here is not there for whoever lists. */
const LISTED_OF_DEVICE = [
  'id',
  'name',
  'customer_id',
  'site_id',
  'profile_id',
  'state',
  'agent_version',
  'hostname',
  'platform',
  'model',
  'enrolled_at',
] as const satisfies readonly (keyof DeviceRow)[]
const LISTED_OF_STATE = [
  'connection',
  'connection_since',
  'expected_back_at',
  'verdict',
  'verdict_since',
  'reasons',
] as const satisfies readonly (keyof DeviceStateRow)[]
export type ListedDevice = Pick<DeviceRow, (typeof LISTED_OF_DEVICE)[number]> &
  Pick<DeviceStateRow, (typeof LISTED_OF_STATE)[number]> & { customer_name: string; site_name: string; last_seen_at: number | null }
const LISTED = [
  ...LISTED_OF_DEVICE.map(column => `devices.${column}` as const),
  ...LISTED_OF_STATE.map(column => `device_states.${column}` as const),
  'customers.name as customer_name' as const,
  'sites.name as site_name' as const,
  'device_latest.last_seen_at' as const,
]

export type DeviceView = DeviceRow &
  DeviceStateRow & {
    customer_name: string
    site_name: string
    last_seen_at: number | null
    metrics_at: number | null
    metrics: string | null
  }

/** Each join finds exactly one row (the latest state at most one): a count may leave out those it does not ask. */
const joined = (db: Database | Tx) =>
  db
    .selectFrom('devices')
    .leftJoin('device_states', 'device_states.device_id', 'devices.id')
    .leftJoin('customers', 'customers.id', 'devices.customer_id')
    .leftJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_latest', 'device_latest.device_id', 'devices.id')
type Joined = ReturnType<typeof joined>

/** As `joined`, with only the tables the filter asks: joining ten thousand rows to count them costs more than the page itself. */
const counted = (db: Database, filter: DeviceFilter): Joined =>
  db
    .selectFrom('devices')
    .$if(filter.connection !== undefined || filter.verdict !== undefined, query =>
      query.leftJoin('device_states', 'device_states.device_id', 'devices.id'),
    )
    .$if(Boolean(filter.q), query =>
      query.leftJoin('customers', 'customers.id', 'devices.customer_id').leftJoin('sites', 'sites.id', 'devices.site_id'),
    )

const viewed = (db: Database | Tx) =>
  joined(db)
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
  verdict?: VerdictWord | undefined
  q?: string | undefined
  /** These devices only, by comma. */
  ids?: string | undefined
  limit: number
  cursor?: string | undefined
}

function filtered(base: Joined, filter: DeviceFilter): Joined {
  let query = base
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
  return query
}

/** Devices by name. Retired ones are left out unless asked for. */
export async function listDevices(db: Database, filter: DeviceFilter): Promise<{ rows: ListedDevice[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  let page = filtered(joined(db), filter)
    .select(LISTED)
    .orderBy('devices.name')
    .orderBy('devices.id')
    .limit(filter.limit + 1)
  if (cursor)
    // One comparison of both columns, so that the index by name is entered where the page before it ended.
    page = page.where(sql<boolean>`(devices.name, devices.id) > (${String(cursor[0])}, ${cursor[1]})`)
  const total = await filtered(counted(db, filter), filter)
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { rows: (await page.execute()) as ListedDevice[], total: Number(total.n) }
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

/** A new device with its first state row and the first span of its place. */
export async function insertDevice(tx: Tx, device: DeviceRow): Promise<void> {
  await tx.insertInto('devices').values(device).execute()
  await openPlace(tx, device, device.enrolled_at)
  await tx
    .insertInto('device_states')
    .values({
      device_id: device.id,
      connection: 'never',
      connection_since: device.enrolled_at,
      session_id: null,
      expected_back_at: null,
      overdue_at: null,
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

/** Changes anything of a device but its place, which has a history (`movePlace`). */
export async function updateDevice(tx: Tx, id: string, change: Partial<Omit<DeviceRow, 'state'>>): Promise<void> {
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

export type PlacedDevice = Pick<DeviceRow, 'id' | 'customer_id' | 'name' | 'state' | 'enrolled_at' | 'waiting_since'>

/** Devices of a customer that hold, held or want a place. */
export async function listPlaces(db: Database | Tx, customerId: string): Promise<PlacedDevice[]> {
  return db
    .selectFrom('devices')
    .select(['id', 'customer_id', 'name', 'state', 'enrolled_at', 'waiting_since'])
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

/** Devices that enrolled with a token, first one first. */
export async function listEnrolledWith(
  db: Database,
  tokenId: string,
): Promise<(Pick<DeviceRow, 'id' | 'name' | 'state'> & { connection: Connection })[]> {
  return db
    .selectFrom('devices')
    .innerJoin('device_states', 'device_id', 'id')
    .select(['id', 'name', 'state', 'connection'])
    .where('enrolment_token_id', '=', tokenId)
    .orderBy('enrolled_at')
    .execute()
}

/** State of a device that is there. Throws when it is not. */
export async function readDeviceState(tx: Tx, id: string): Promise<DeviceState> {
  return (await tx.selectFrom('devices').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state
}

/** Devices that are not retired and have been offline since before an instant, and since when. */
export async function listOfflineSince(db: Database, beforeMs: number): Promise<{ device_id: string; connection_since: number }[]> {
  return db
    .selectFrom('device_states')
    .innerJoin('devices', 'devices.id', 'device_states.device_id')
    .select(['device_id', 'connection_since'])
    .where('connection', '=', 'offline')
    .where('connection_since', '<', beforeMs)
    .where('devices.state', '!=', 'retired')
    .execute()
}

/** The highest number a device has; 0 = there is none. */
export async function lastDeviceNo(db: Database): Promise<number> {
  const last = await db
    .selectFrom('devices')
    .select(e => e.fn.max('device_no').as('no'))
    .executeTakeFirstOrThrow()
  return last.no ?? 0
}

/** How many devices are not retired. */
export async function countDevices(db: Database): Promise<number> {
  const { n } = await db
    .selectFrom('devices')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('state', '!=', 'retired')
    .executeTakeFirstOrThrow()
  return Number(n)
}
