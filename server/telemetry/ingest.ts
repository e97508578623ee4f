/**
 * One group of device messages: decoded, deduplicated, stored and judged in one transaction. Acknowledged only after it. Long because
 * it is the whole way of a message in one place.
 */
import type { Logger } from 'pino'
import { decodeUp } from '../../shared/decode.ts'
import type { BirthMessage, ConfigMessage, EventMessage, UpMessage, WillMessage } from '../../shared/messages.ts'
import type { UpKind } from '../../shared/topics.ts'
import { correctedAtMs } from '../devices/rules/device-clock.ts'
import { judgeWill } from '../devices/rules/connection-rules.ts'
import { inTransaction, type Database } from '../database/database.ts'
import {
  deleteOldEpochs,
  insertQuarantine,
  keepDeviceFacts,
  writeLatest,
  writeMarks,
  writeReports,
  type DeviceFacts,
  type SelfReport,
} from './store/ingest-store.ts'
import type { DeviceLatestRow, QuarantineRow, TimelineRow } from '../database/tables/schema.ts'
import { insertTimeline, type NewTimelineRow } from '../devices/store/timeline-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Incidents, Observation } from '../incidents/incidents.ts'
import { makeLinkMemory, type DeviceLink } from './device-marks.ts'
import type { DeviceResult, DeviceResults } from './device-results.ts'
import type { ConnectionChange, Presence } from './presence.ts'
import { observedRemedy } from '../incidents/observation.ts'
import { makeSampleWriter } from './sample-writer.ts'
import { newRowId } from '../database/row-id.ts'

const MAX_QUARANTINED_BYTES = 8 * 1024

export type DeviceMessage = { deviceId: string; kind: UpKind; payload: Uint8Array; receivedAtMs: number }

export type IngestDeps = {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  incidents: Pick<Incidents, 'observe' | 'lockAhead'>
  presence: Presence
  /** After the commit: a device was born in a new session (hello, configuration). */
  born(deviceId: string): void
  /** After the commit: how far a device's epoch is stored. */
  stored(deviceId: string, epoch: string, mark: number): void
  counted: { message(kind: UpKind): void; quarantined(fault: string): void }
  results: DeviceResults
  samples: { noteLate(deviceNo: number, atMs: number): void }
}

type Group = {
  changes: Change[]
  timeline: NewTimelineRow[]
  observations: Observation[]
  connections: ConnectionChange[]
  latest: Map<string, DeviceLatestRow>
  facts: Map<string, DeviceFacts>
  reports: Map<string, SelfReport>
  results: DeviceResult[]
  born: Set<string>
  /** Devices for which a command waits. */
  toDeliver: ReadonlySet<string>
}

/** Makes ingest. `commit` rejects only when the store fails: a bad payload is quarantined and acknowledged. */
export function makeIngest(deps: IngestDeps) {
  const { db, log, now } = deps
  const memory = makeLinkMemory()
  const sampleWriter = makeSampleWriter(deps.samples)
  /** Said once when it begins and once when it ends, not with every group. */
  let isFailing = false

  const quarantineRow = (message: DeviceMessage, fault: string, detail: string): QuarantineRow => ({
    id: newRowId(),
    device_id: message.deviceId,
    kind: message.kind,
    fault,
    detail,
    payload_base64: Buffer.from(message.payload.subarray(0, MAX_QUARANTINED_BYTES)).toString('base64'),
    received_at: message.receivedAtMs,
  })

  /** Adds to what the device says of itself in this group; later words replace earlier ones. */
  const report = (group: Group, deviceId: string, said: Partial<SelfReport>): void => {
    const before = group.reports.get(deviceId) ?? {
      device_id: deviceId,
      session_id: null,
      boot_id: null,
      clock_offset_ms: null,
      inventory: null,
      config_applied: null,
      config_status: null,
    }
    group.reports.set(deviceId, { ...before, ...said })
  }

  const onBirth = (group: Group, link: DeviceLink, message: BirthMessage, receivedAtMs: number): void => {
    const { d } = message
    const wallAtSendMs = message.ts + Math.max(0, (message.su ?? message.up) - message.up)
    link.sessionId = d.sid
    link.bootId = message.bid
    link.clockOffsetMs = Math.round(wallAtSendMs - receivedAtMs)
    group.facts.set(link.id, {
      id: link.id,
      agent_version: d.agentVersion,
      hostname: d.hostname,
      platform: d.platform,
      model: d.model ?? group.facts.get(link.id)?.model ?? null,
    })
    report(group, link.id, {
      session_id: d.sid,
      boot_id: message.bid,
      clock_offset_ms: link.clockOffsetMs,
      ...(d.inventory === undefined ? {} : { inventory: JSON.stringify(d.inventory) }),
      ...(d.configRev === undefined ? {} : { config_applied: d.configRev }),
    })
    group.connections.push({ deviceId: link.id, connection: 'online', reason: '', atMs: receivedAtMs })
    group.born.add(link.id)
  }

  const onWill = (group: Group, link: DeviceLink, message: WillMessage, receivedAtMs: number): void => {
    const judged = judgeWill(message, link.sessionId)
    if (judged === 'stale') return
    const backAtMs = Date.parse(message.expectedBackAt ?? '')
    const expectedBackAtMs = Number.isNaN(backAtMs) ? null : backAtMs
    group.connections.push({
      deviceId: link.id,
      connection: judged,
      atMs: receivedAtMs,
      ...(judged === 'offline'
        ? { reason: 'the connection ended without a goodbye' }
        : { reason: '', bye: { reason: message.reason ?? 'shutdown', expectedBackAtMs, atMs: receivedAtMs } }),
    })
  }

  const onEvent = (group: Group, link: DeviceLink, message: EventMessage, receivedAtMs: number): void => {
    const { d } = message
    const split = d.signal.indexOf(':')
    const signal = split === -1 ? d.signal : d.signal.slice(0, split)
    const component = split === -1 ? '' : d.signal.slice(split + 1)
    const atMs = correctedAtMs(message, message.up, link, receivedAtMs)
    const base = {
      deviceId: link.id,
      signal,
      component,
      state: d.state,
      text: d.text,
      atMs,
      receivedAtMs,
      epoch: message.e,
      sequence: message.q,
    }
    group.changes.push({ kind: 'device', id: link.id, customerId: link.customerId })
    group.timeline.push({
      device_id: link.id,
      at: atMs,
      received_at: receivedAtMs,
      kind: 'event',
      signal,
      component,
      state: d.state,
      text: d.text,
      epoch: message.e,
      sequence: message.q,
      data: d.evidence === undefined ? null : JSON.stringify(d.evidence),
    })
    group.observations.push({
      ...base,
      ...(d.severity === undefined ? {} : { severity: d.severity as 1 | 2 | 3 | 4 }),
      ...(d.evidence === undefined ? {} : { evidence: d.evidence }),
      ...(d.remedies === undefined ? {} : { remedies: d.remedies.map(remedy => observedRemedy(remedy, message, atMs)) }),
      ...(d.exhausted === undefined ? {} : { exhausted: d.exhausted }),
    })
  }

  const onConfig = (group: Group, link: DeviceLink, message: ConfigMessage, receivedAtMs: number): void => {
    const { rev, status, errors } = message.d
    report(group, link.id, { config_status: status, ...(status === 'applied' ? { config_applied: rev } : {}) })
    group.timeline.push({
      device_id: link.id,
      at: receivedAtMs,
      received_at: receivedAtMs,
      kind: 'config',
      state: status,
      text: `Configuration ${rev} ${status.replace('_', ' ')}${errors && errors.length > 0 ? `: ${errors.join('; ')}` : ''}`.slice(0, 2000),
      epoch: message.e,
      sequence: message.q,
    })
    group.changes.push({ kind: 'device', id: link.id, customerId: link.customerId })
  }

  const take = (group: Group, link: DeviceLink, decoded: UpMessage, receivedAtMs: number): void => {
    switch (decoded.kind) {
      case 'birth':
        return onBirth(group, link, decoded.message, receivedAtMs)
      case 'will':
        return onWill(group, link, decoded.message, receivedAtMs)
      case 'evt':
        return onEvent(group, link, decoded.message, receivedAtMs)
      case 'cfg':
        return onConfig(group, link, decoded.message, receivedAtMs)
      case 'res':
        group.results.push({
          deviceId: link.id,
          customerId: link.customerId,
          data: decoded.message.d,
          atMs: correctedAtMs(decoded.message, decoded.message.up, link, receivedAtMs),
          receivedAtMs,
          epoch: decoded.message.e,
          sequence: decoded.message.q,
        })
        return undefined
      case 'met': {
        const newest = sampleWriter.take(link, decoded.message, receivedAtMs)
        const latest = group.latest.get(link.id)
        if (latest && newest && newest.atMs >= (latest.metrics_at ?? 0))
          Object.assign(latest, { metrics_at: newest.atMs, metrics: JSON.stringify(newest.metrics) })
        return undefined
      }
      case 'hb':
        return undefined
    }
  }

  const store = async (
    messages: readonly { message: DeviceMessage; decoded: UpMessage }[],
    quarantined: readonly QuarantineRow[],
  ): Promise<Group> =>
    inTransaction(db, async tx => {
      const group: Group = {
        changes: [],
        timeline: [],
        observations: [],
        connections: [],
        latest: new Map(),
        facts: new Map(),
        reports: new Map(),
        results: [],
        born: new Set(),
        toDeliver: new Set(),
      }
      await memory.load(
        tx,
        messages.map(({ message }) => message.deviceId),
      )
      await insertQuarantine(tx, quarantined)
      for (const { message, decoded } of messages) {
        const link = memory.link(message.deviceId)
        if (!link) continue
        if (decoded.kind !== 'will' && decoded.kind !== 'hb' && !memory.isNew(link, decoded.message.e, decoded.message.q)) continue
        if (decoded.kind !== 'will')
          group.latest.set(
            link.id,
            group.latest.get(link.id) ?? { device_id: link.id, last_seen_at: message.receivedAtMs, metrics_at: null, metrics: null },
          )
        take(group, link, decoded, message.receivedAtMs)
      }
      await writeMarks(tx, memory.changedMarks(now()))
      for (const deviceId of memory.overfullDevices()) await deleteOldEpochs(tx, deviceId)
      await keepDeviceFacts(tx, [...group.facts.values()])
      await writeReports(tx, [...group.reports.values()])
      await writeLatest(tx, [...group.latest.values()])
      await sampleWriter.write(tx)
      await insertTimeline(tx, ...(group.timeline as TimelineRow[]))
      if (group.connections.length > 0 && group.observations.length > 0)
        await deps.incidents.lockAhead(
          tx,
          [...group.connections, ...group.observations].map(one => one.deviceId),
          ['agent.offline', 'agent.missing', ...group.observations.map(one => one.signal)],
        )
      await deps.presence.apply(tx, group.connections, group.changes)
      if (group.observations.length > 0) await deps.incidents.observe(tx, group.observations, group.changes)
      if (group.results.length > 0) group.toDeliver = await deps.results.take(tx, group.results, group.changes)
      return group
    })

  return {
    /** Stores one group in order. Rejects when the store fails: then nothing of the group is stored or remembered. */
    async commit(group: readonly DeviceMessage[]): Promise<void> {
      const messages: { message: DeviceMessage; decoded: UpMessage }[] = []
      const quarantined: QuarantineRow[] = []
      for (const message of group) {
        const decoded = decodeUp(message.kind, message.payload)
        if (decoded.ok) messages.push({ message, decoded: decoded.value })
        else quarantined.push(quarantineRow(message, decoded.fault, decoded.detail))
      }
      try {
        const done = await store(messages, quarantined)
        memory.confirm()
        sampleWriter.confirm()
        if (isFailing) log.warn('the store takes device messages again')
        isFailing = false
        deps.presence.remember(done.connections)
        for (const { message } of messages) deps.counted.message(message.kind)
        for (const row of quarantined) deps.counted.quarantined(row.fault)
        if (quarantined.length > 0)
          log.warn(
            {
              messages: quarantined.length,
              deviceId: quarantined[0]?.device_id,
              fault: quarantined[0]?.fault,
              detail: quarantined[0]?.detail,
            },
            'messages quarantined',
          )
        deps.bus.publish(done.changes)
        for (const { deviceId, epoch, mark } of memory.confirmedMarks()) deps.stored(deviceId, epoch, mark)
        for (const deviceId of done.born) deps.born(deviceId)
        deps.results.deliver(done.toDeliver)
      } catch (error) {
        memory.forget()
        sampleWriter.forget()
        if (!isFailing)
          log.error({ err: error, messages: group.length }, 'the store refuses device messages: devices keep them until it works again')
        isFailing = true
        throw error
      }
    },
  }
}
export type Ingest = ReturnType<typeof makeIngest>
