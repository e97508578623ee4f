/** Conditions, and what of a device is needed to judge them. */
import { sql } from 'kysely'
import type { Condition } from '../rules/condition.ts'
import type { Flaps } from '../rules/flapping.ts'
import { GRACE_MS } from '../rules/outage.ts'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { inChunks, rowLock } from '../../database/row-lock.ts'
import type { ConditionRow, DeviceRow, SiteRow } from '../../database/tables/schema.ts'

export type ConditionKey = { deviceId: string; signal: string; component: string }
export type KeptCondition = ConditionKey & { condition: Condition; incidentId: string | null; evidence: string | null }
/** Where a device stands, as far as rules, plans and opening hours ask. */
export type DevicePlace = Pick<DeviceRow, 'name' | 'state'> & {
  deviceId: string
  customerId: string
  siteId: string
  profileId: string | null
  siteName: string
  siteTimeZone: string
  openingHours: SiteRow['opening_hours']
  sitePartnerId: string | null
  region: string | null
}

/** Key of a condition in a map. */
export function conditionKey(key: ConditionKey): string {
  return `${key.deviceId}/${key.signal}/${key.component}`
}

/** Devices with their site; unknown ones are missing in the answer. */
export async function readPlaces(db: Database | Tx, deviceIds: readonly string[]): Promise<Map<string, DevicePlace>> {
  const places = new Map<string, DevicePlace>()
  await inChunks(deviceIds, async chunk => {
    const rows = await db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .select([
        'devices.id as deviceId',
        'devices.customer_id as customerId',
        'devices.site_id as siteId',
        'devices.profile_id as profileId',
        'devices.name as name',
        'devices.state as state',
        'sites.name as siteName',
        'sites.time_zone as siteTimeZone',
        'sites.opening_hours as openingHours',
        'sites.partner_id as sitePartnerId',
        'sites.region as region',
      ])
      .where('devices.id', 'in', chunk)
      .execute()
    for (const row of rows) places.set(row.deviceId, row)
  })
  return places
}

const toKept = (row: ConditionRow): KeptCondition => ({
  deviceId: row.device_id,
  signal: row.signal,
  component: row.component,
  incidentId: row.incident_id,
  evidence: row.evidence,
  condition: {
    state: row.state,
    level: row.level as Condition['level'],
    text: row.text,
    sinceAtMs: row.since_at,
    observedAtMs: row.observed_at,
    recoveredAtMs: row.recovered_at,
    heldUntilMs: row.held_until,
    opensAtMs: row.opens_at,
    clearsAtMs: row.clears_at,
    hasIncident: row.incident_id !== null,
    flaps: row.flaps === null ? null : (JSON.parse(row.flaps) as Flaps),
  },
})

const toRow = ({ deviceId, signal, component, incidentId, evidence, condition }: KeptCondition): ConditionRow => ({
  device_id: deviceId,
  signal,
  component,
  state: condition.state,
  level: condition.level,
  text: condition.text,
  evidence,
  since_at: condition.sinceAtMs,
  observed_at: condition.observedAtMs,
  recovered_at: condition.recoveredAtMs,
  held_until: condition.heldUntilMs,
  opens_at: condition.opensAtMs,
  clears_at: condition.clearsAtMs,
  incident_id: incidentId,
  flaps: condition.flaps && JSON.stringify(condition.flaps),
})

/** The conditions of these signals on these devices and everything that fails there, locked, in one order for everybody. */
export async function lockConditions(tx: Tx, deviceIds: readonly string[], signals: readonly string[]): Promise<KeptCondition[]> {
  const rows: ConditionRow[] = []
  await inChunks(deviceIds.toSorted(), async chunk =>
    rows.push(
      ...(await tx
        .selectFrom('conditions')
        .selectAll()
        .where('device_id', 'in', chunk)
        .where(e => e.or([e('signal', 'in', signals), e('incident_id', 'is not', null)]))
        .orderBy('device_id')
        .orderBy('signal')
        .orderBy('component')
        .modifyEnd(rowLock(tx))
        .execute()),
    ),
  )
  return rows.map(toKept)
}

/** Every condition of one device, locked. */
export async function lockDeviceConditions(tx: Tx, deviceId: string): Promise<KeptCondition[]> {
  const rows = await tx
    .selectFrom('conditions')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('signal')
    .orderBy('component')
    .modifyEnd(rowLock(tx))
    .execute()
  return rows.map(toKept)
}

const insertRows = makeBulkInsert<ConditionRow>(
  {
    device_id: true,
    signal: true,
    component: true,
    state: true,
    level: true,
    text: true,
    evidence: true,
    since_at: true,
    observed_at: true,
    recovered_at: true,
    held_until: true,
    opens_at: true,
    clears_at: true,
    incident_id: true,
    flaps: true,
  },
  (tx, rows) =>
    tx
      .insertInto('conditions')
      .values(rows)
      .onConflict(conflict =>
        conflict.columns(['device_id', 'signal', 'component']).doUpdateSet({
          state: sql`excluded.state`,
          level: sql`excluded.level`,
          text: sql`excluded.text`,
          evidence: sql`excluded.evidence`,
          since_at: sql`excluded.since_at`,
          observed_at: sql`excluded.observed_at`,
          recovered_at: sql`excluded.recovered_at`,
          held_until: sql`excluded.held_until`,
          opens_at: sql`excluded.opens_at`,
          clears_at: sql`excluded.clears_at`,
          incident_id: sql`excluded.incident_id`,
          flaps: sql`excluded.flaps`,
        }),
      ),
)

/** Writes conditions whole, new or known. */
export async function writeConditions(tx: Tx, kept: readonly KeptCondition[]): Promise<void> {
  await insertRows(tx, kept.map(toRow))
}

/** Conditions whose hold, ladder or quiet time is over, earliest first. */
export async function findDueConditions(db: Database, nowMs: number, limit: number): Promise<ConditionKey[]> {
  const keys = ['device_id as deviceId', 'signal', 'component'] as const
  const opening = await db.selectFrom('conditions').select(keys).where('opens_at', '<=', nowMs).orderBy('opens_at').limit(limit).execute()
  const clearing = await db
    .selectFrom('conditions')
    .select(keys)
    .where('clears_at', '<=', nowMs)
    .orderBy('clears_at')
    .limit(limit)
    .execute()
  const known = new Set(opening.map(conditionKey))
  return [...opening, ...clearing.filter(key => !known.has(conditionKey(key)))]
}

/** Conditions that wait for a later deadline to open, of the devices in a scope. */
export async function findWaiting(
  tx: Tx,
  nowMs: number,
  scope: { customerId?: string | undefined; siteId?: string | undefined; profileId?: string | undefined; deviceId?: string | undefined },
): Promise<ConditionKey[]> {
  let query = tx
    .selectFrom('conditions')
    .innerJoin('devices', 'devices.id', 'conditions.device_id')
    .select(['conditions.device_id as deviceId', 'conditions.signal as signal', 'conditions.component as component'])
    .where('conditions.opens_at', '>', nowMs)
  if (scope.customerId !== undefined) query = query.where('devices.customer_id', '=', scope.customerId)
  if (scope.siteId !== undefined) query = query.where('devices.site_id', '=', scope.siteId)
  if (scope.profileId !== undefined) query = query.where('devices.profile_id', '=', scope.profileId)
  if (scope.deviceId !== undefined) query = query.where('devices.id', '=', scope.deviceId)
  return query.orderBy('conditions.device_id').execute()
}

export type SignalRow = Pick<ConditionRow, 'signal' | 'component' | 'state' | 'level' | 'since_at' | 'text' | 'evidence'>

/** Everything a device ever said of its signals, as it stands now. */
export async function listSignals(db: Database, deviceId: string): Promise<SignalRow[]> {
  return db
    .selectFrom('conditions')
    .select(['signal', 'component', 'state', 'level', 'since_at', 'text', 'evidence'])
    .where('device_id', '=', deviceId)
    .orderBy('signal')
    .orderBy('component')
    .execute()
}

/** As `findDueConditions`, of devices without contact only. */
export async function findDueOffline(db: Database, nowMs: number, limit: number): Promise<ConditionKey[]> {
  const due = await findDueConditions(db, nowMs, limit)
  return due.filter(key => key.signal === 'agent.offline').slice(0, limit)
}

export type FailingRow = Pick<ConditionRow, 'device_id' | 'signal' | 'component' | 'level' | 'text' | 'since_at'>

/** What fails right now on these devices; switched-off signals are left out. */
export async function readFailing(db: Database | Tx, deviceIds: readonly string[]): Promise<FailingRow[]> {
  const rows: FailingRow[] = []
  await inChunks(deviceIds, async chunk =>
    rows.push(
      ...(await db
        .selectFrom('conditions')
        .select(['device_id', 'signal', 'component', 'level', 'text', 'since_at'])
        .where('device_id', 'in', chunk)
        .where('state', '=', 'failing')
        .where('level', 'is not', null)
        .execute()),
    ),
  )
  return rows
}

/**
 * Until when an incident is in its quiet time, of a device or of an outage; null when it is failing, over or not yet open, and when it
 * comes and goes too often: then it counts as failing.
 */
export async function readQuietUntil(db: Database | Tx, incidentId: string): Promise<number | null> {
  const row = await db
    .selectFrom('incidents')
    .innerJoin('conditions', join =>
      join
        .onRef('conditions.device_id', '=', 'incidents.device_id')
        .onRef('conditions.signal', '=', 'incidents.signal')
        .onRef('conditions.component', '=', 'incidents.component'),
    )
    .select('conditions.clears_at')
    .where('incidents.id', '=', incidentId)
    .where('conditions.incident_id', '=', incidentId)
    .where('conditions.state', '=', 'recovering')
    .where('incidents.unstable', '=', 0)
    .executeTakeFirst()
  if (row) return row.clears_at
  const outage = await db
    .selectFrom('outages')
    .select('recovered_at')
    .where('incident_id', '=', incidentId)
    .where('recovered_at', 'is not', null)
    .executeTakeFirst()
  return outage?.recovered_at == null ? null : outage.recovered_at + GRACE_MS
}
