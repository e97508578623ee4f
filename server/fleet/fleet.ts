/** Devices as people see and change them. */
import type { Device, DeviceDetail, DevicePatch, DeviceQuery, TimelineItem } from '../../shared/api/devices/device-api.ts'
import { toSignal } from '../incidents/signal-view.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import { covers, plannedTimes, type PlannedTimes } from '../incidents/rules/maintenance-windows.ts'
import { readPlannedWork } from '../incidents/store/maintenance-store.ts'
import { listSignals } from '../incidents/store/condition-store.ts'
import { findSite } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database } from '../database/database.ts'
import {
  bumpConfig,
  findDevice,
  listDevices,
  updateDevice,
  type DeviceView,
  type ListedDevice,
  listEnrolledWith,
} from '../devices/store/device-store.ts'
import { toPage } from '../database/paging.ts'
import { movePlace } from '../devices/store/device-state-store.ts'
import { listMetricNames } from '../devices/store/sample-store.ts'
import type { TimelineRow } from '../database/tables/schema.ts'
import { insertTimeline, listTimeline } from '../devices/store/timeline-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Incidents } from '../incidents/incidents.ts'
import type { Places } from '../contracts/device-cover.ts'
import { lastPicture } from '../evidence/evidence.ts'
import { agentSupport } from '../plans/version-support.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

/** Work that runs on the whole device at `nowMs`; the one that ends last. */
function workOn(row: ListedDevice, planned: PlannedTimes, nowMs: number): Device['maintenance'] {
  const place = { customerId: row.customer_id, siteId: row.site_id, profileId: row.profile_id, deviceId: row.id }
  const running = planned
    .filter(({ work }) => work.scope.signal === undefined && covers(work.scope, place, ''))
    .flatMap(({ work, times }) => times.filter(time => time.fromMs <= nowMs && nowMs < time.toMs).map(time => ({ work, toMs: time.toMs })))
    .toSorted((one, other) => other.toMs - one.toMs)
  const [last] = running
  return last ? { until: iso(last.toMs), reason: last.work.reason } : null
}

/** A device as the API shows it; `heardAtMs` is the last packet of any kind, which is not stored. */
function toDevice(row: ListedDevice, heardAtMs: number | null, maintenance: Device['maintenance']): Device {
  return {
    id: row.id,
    name: row.name,
    customerId: row.customer_id,
    customerName: row.customer_name,
    siteId: row.site_id,
    siteName: row.site_name,
    profileId: row.profile_id,
    state: row.state,
    connection: row.connection,
    connectionSince: iso(row.connection_since),
    verdict: row.verdict,
    verdictSince: iso(row.verdict_since),
    reasons: JSON.parse(row.reasons) as Device['reasons'],
    maintenance,
    lastSeenAt: isoOrNull(Math.max(row.last_seen_at ?? 0, heardAtMs ?? 0) || null),
    expectedBackAt: isoOrNull(row.expected_back_at),
    agentVersion: row.agent_version,
    hostname: row.hostname,
    platform: row.platform,
    model: row.model,
    enrolledAt: iso(row.enrolled_at),
  }
}

function toTimelineItem(row: TimelineRow): TimelineItem {
  return {
    id: row.id,
    at: iso(row.at),
    receivedAt: iso(row.received_at),
    kind: row.kind,
    text: row.text,
    ...(row.signal === null ? {} : { signal: row.signal }),
    ...(row.component === null || row.component === '' ? {} : { component: row.component }),
    ...(row.state === null ? {} : { state: row.state }),
    ...(row.epoch === null ? {} : { epoch: row.epoch }),
    ...(row.sequence === null ? {} : { sequence: row.sequence }),
    ...(row.kind === 'evidence' && row.data !== null ? (JSON.parse(row.data) as { evidenceIds: string[] }) : {}),
  }
}

/** Makes the fleet service. `disconnect` ends a device's session at the broker; `sendConfig` pushes a wanted revision. */
export function makeFleet(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  catalogue: Catalogue
  places: Places
  incidents: Pick<Incidents, 'forgetDevice'>
  disconnect(deviceId: string): void
  heardAt(deviceId: string): number | null
  sendConfig(deviceId: string): Promise<void>
}) {
  const { db, now, bus, catalogue, places } = deps
  const find = async (id: string): Promise<DeviceView> => {
    const row = await findDevice(db, id)
    if (!row) throw notFound('device')
    return row
  }

  const fleet = {
    async list(query: DeviceQuery & { scope: readonly string[] | null }): Promise<{ items: Device[]; total: number; next: string | null }> {
      const limit = query.limit ?? 50
      const { rows, total } = await listDevices(db, { ...query, limit })
      const nowMs = now()
      const planned = plannedTimes(await readPlannedWork(db, nowMs), nowMs)
      return toPage(
        rows,
        limit,
        total,
        row => toDevice(row, deps.heardAt(row.id), workOn(row, planned, nowMs)),
        row => [row.name, row.id],
      )
    },

    async read(id: string): Promise<DeviceDetail> {
      const row = await find(id)
      const latest =
        row.metrics === null || row.metrics_at === null
          ? null
          : { at: iso(row.metrics_at), metrics: JSON.parse(row.metrics) as Record<string, number> }
      return {
        ...toDevice(row, deps.heardAt(id), workOn(row, plannedTimes(await readPlannedWork(db, now()), now()), now())),
        signals: (await listSignals(db, id)).map(toSignal),
        config: { wanted: row.config_wanted, applied: row.config_applied, status: row.config_status },
        clockOffsetMs: row.clock_offset_ms,
        inventory: row.inventory === null ? null : (JSON.parse(row.inventory) as Record<string, unknown>),
        latest,
        picture: await lastPicture(db, id),
        metrics: await listMetricNames(db, row.device_no),
        agentSupport: await agentSupport(db, await catalogue.effectivePlanOf(db, row.customer_id), row.agent_version, now()),
      }
    },

    /** Devices that enrolled with a token, for the page that waits for them. */
    async enrolledWith(tokenId: string): Promise<Pick<Device, 'id' | 'name' | 'state' | 'connection'>[]> {
      return listEnrolledWith(db, tokenId)
    },

    /** Customer of a device, for the tenant check; throws not-found. */
    customerOf: async (id: string): Promise<string> => (await find(id)).customer_id,

    async update(id: string, patch: DevicePatch): Promise<DeviceDetail> {
      const device = await find(id)
      if (patch.siteId !== undefined && (await findSite(db, patch.siteId))?.customer_id !== device.customer_id) {
        throw invalidInput([{ path: 'body/siteId', message: 'is not a site of this customer' }])
      }
      if (patch.profileId && !(await catalogue.getProfile(db, patch.profileId)))
        throw invalidInput([{ path: 'body/profileId', message: 'is not a known profile' }])
      // another profile, and another site's rules, are another configuration
      const isMoved =
        (patch.profileId !== undefined && patch.profileId !== device.profile_id) ||
        (patch.siteId !== undefined && patch.siteId !== device.site_id)
      await inTransaction(db, async tx => {
        await updateDevice(tx, id, {
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.siteId === undefined ? {} : { site_id: patch.siteId }),
          ...(patch.profileId === undefined ? {} : { profile_id: patch.profileId }),
        })
        if (isMoved) await bumpConfig(tx, [id])
      })
      if (isMoved) await deps.sendConfig(id)
      bus.publish([{ kind: 'device', id, customerId: device.customer_id }])
      return fleet.read(id)
    },

    /** Frees the device's place at once, ends its credential and its session; a waiting device enters. */
    async retire(id: string): Promise<void> {
      const device = await find(id)
      const { customer_id: customerId } = device
      const changes: Change[] = [{ kind: 'device', id, customerId }]
      await inTransaction(db, async tx => {
        await lockCustomer(tx, customerId)
        await movePlace(tx, device, {
          state: 'retired',
          atMs: now(),
          more: { retired_at: now(), secret_sha256: null, next_secret_sha256: null, waiting_since: null },
        })
        await insertTimeline(tx, {
          device_id: id,
          at: now(),
          received_at: now(),
          kind: 'retired',
          text: 'Retired: place freed, credential ended',
        })
        await deps.incidents.forgetDevice(tx, id, changes)
        await places.reassess(tx, customerId, changes)
      })
      deps.disconnect(id)
      bus.publish(changes)
    },

    async timeline(
      id: string,
      query: { limit: number; cursor?: string | undefined },
    ): Promise<{ items: TimelineItem[]; total: number; next: string | null }> {
      const { rows, total } = await listTimeline(db, { deviceId: id, ...query })
      return toPage(rows, query.limit, total, toTimelineItem, row => [row.at, row.id])
    },
  }
  return fleet
}
export type Fleet = ReturnType<typeof makeFleet>
