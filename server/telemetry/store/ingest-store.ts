/** What ingest writes with every group: marks, latest state, quarantine, what devices say of themselves. Bulk statements only: groups are large in a storm. */
import { sql } from 'kysely'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { updateDevice } from '../../devices/store/device-store.ts'
import { neverInserted } from '../../devices/store/device-state-upsert.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { DeviceLatestRow, DeviceRow, DeviceStateRow, IngestMarkRow, QuarantineRow } from '../../database/tables/schema.ts'

/** Of each device's epochs the newest so many are kept. */
export const KEPT_EPOCHS = 4

export type LinkFacts = Pick<DeviceRow, 'id' | 'device_no' | 'customer_id' | 'site_id' | 'profile_id' | 'state'> &
  Pick<DeviceStateRow, 'connection' | 'connection_since' | 'overdue_at' | 'session_id' | 'boot_id' | 'clock_offset_ms' | 'config_wanted'>

/** What ingest and presence have to know of devices. */
export async function readLinkFacts(db: Database | Tx, deviceIds: readonly string[] | 'all'): Promise<LinkFacts[]> {
  const query = db
    .selectFrom('devices')
    .innerJoin('device_states', 'device_states.device_id', 'devices.id')
    .select([
      'id',
      'device_no',
      'customer_id',
      'site_id',
      'profile_id',
      'state',
      'connection',
      'connection_since',
      'overdue_at',
      'session_id',
      'boot_id',
      'clock_offset_ms',
      'config_wanted',
    ])
  if (deviceIds === 'all') return query.where('state', '!=', 'retired').execute()
  const rows: LinkFacts[] = []
  await inChunks(deviceIds, async chunk => rows.push(...(await query.where('id', 'in', chunk).execute())))
  return rows
}

export async function readMarks(db: Database | Tx, deviceIds: readonly string[]): Promise<IngestMarkRow[]> {
  const rows: IngestMarkRow[] = []
  await inChunks(deviceIds, async chunk =>
    rows.push(...(await db.selectFrom('ingest_marks').selectAll().where('device_id', 'in', chunk).execute())),
  )
  return rows
}

/** Writes how far epochs are stored. */
export const writeMarks = makeBulkInsert<IngestMarkRow>(
  { device_id: true, epoch: true, mark: true, ranges: true, seen_at: true },
  (tx, rows) =>
    tx
      .insertInto('ingest_marks')
      .values(rows)
      .onConflict(c =>
        c
          .columns(['device_id', 'epoch'])
          .doUpdateSet({ mark: sql`excluded.mark`, ranges: sql`excluded.ranges`, seen_at: sql`excluded.seen_at` }),
      ),
)

/** Keeps the newest epochs of a device: leftovers of an old spool may still come, endless new ones may not fill the table. */
export async function deleteOldEpochs(tx: Tx, deviceId: string): Promise<void> {
  const kept = await tx
    .selectFrom('ingest_marks')
    .select('epoch')
    .where('device_id', '=', deviceId)
    .orderBy('seen_at', 'desc')
    .limit(KEPT_EPOCHS)
    .execute()
  if (kept.length === KEPT_EPOCHS)
    await tx
      .deleteFrom('ingest_marks')
      .where('device_id', '=', deviceId)
      .where(
        'epoch',
        'not in',
        kept.map(row => row.epoch),
      )
      .execute()
}

/** Writes the latest state; without metrics the earlier ones stay. */
export const writeLatest = makeBulkInsert<DeviceLatestRow>(
  { device_id: true, last_seen_at: true, metrics_at: true, metrics: true },
  (tx, rows) =>
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

/** What a device said about itself; null = it said nothing, what is stored stays. */
export type SelfReport = Pick<DeviceStateRow, 'device_id' | 'session_id' | 'boot_id' | 'clock_offset_ms' | 'inventory'> & {
  config_applied: number | null
  config_status: string | null
}

/** Revisions and words of the configuration cannot be null in the store: these stand for "said nothing". */
const SAID_NO_REVISION = -1
const SAID_NO_STATUS = ''

const upsertReports = makeBulkInsert<SelfReport & { config_applied: number; config_status: string }>(
  { device_id: true, session_id: true, boot_id: true, clock_offset_ms: true, inventory: true, config_applied: true, config_status: true },
  (tx, rows) =>
    tx
      .insertInto('device_states')
      .values(rows.map(row => ({ ...neverInserted(), ...row })))
      .onConflict(c =>
        c.column('device_id').doUpdateSet({
          session_id: sql`coalesce(excluded.session_id, device_states.session_id)`,
          boot_id: sql`coalesce(excluded.boot_id, device_states.boot_id)`,
          clock_offset_ms: sql`coalesce(excluded.clock_offset_ms, device_states.clock_offset_ms)`,
          inventory: sql`coalesce(excluded.inventory, device_states.inventory)`,
          config_applied: sql`case excluded.config_applied when ${sql.lit(SAID_NO_REVISION)} then device_states.config_applied else excluded.config_applied end`,
          config_status: sql`case excluded.config_status when ${sql.lit(SAID_NO_STATUS)} then device_states.config_status else excluded.config_status end`,
        }),
      ),
)

/** Writes what devices said about themselves; one report a device. */
export function writeReports(tx: Tx, reports: readonly SelfReport[]): Promise<void> {
  return upsertReports(
    tx,
    reports.map(report => ({
      ...report,
      config_applied: report.config_applied ?? SAID_NO_REVISION,
      config_status: report.config_status ?? SAID_NO_STATUS,
    })),
  )
}

export type DeviceFacts = Pick<DeviceRow, 'id' | 'agent_version' | 'hostname' | 'platform'> & { model: string | null }

/** Keeps what devices were born with; most say what is stored already and cost no write. Without a model the stored one stays. */
export async function keepDeviceFacts(tx: Tx, facts: readonly DeviceFacts[]): Promise<void> {
  const stored = new Map<string, DeviceFacts>()
  await inChunks(
    facts.map(fact => fact.id),
    async chunk => {
      for (const row of await tx
        .selectFrom('devices')
        .select(['id', 'agent_version', 'hostname', 'platform', 'model'])
        .where('id', 'in', chunk)
        .execute())
        stored.set(row.id, row)
    },
  )
  for (const { id, model, ...fact } of facts) {
    const known = stored.get(id)
    const change = { ...fact, ...(model === null ? {} : { model }) }
    const isNews =
      known?.agent_version !== fact.agent_version ||
      known.hostname !== fact.hostname ||
      known.platform !== fact.platform ||
      (model !== null && known.model !== model)
    if (isNews) await updateDevice(tx, id, change)
  }
}
