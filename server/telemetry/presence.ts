/** Who is there: sessions in memory, connection in the store. Silence is judged by one sweep, not by a timer per device. */
import type { Logger } from 'pino'
import { planAbsence, type Goodbye } from '../devices/rules/absence.ts'
import type { Connection } from '../../shared/api/devices/device-api.ts'
import { CLONE_TAKEOVERS, CLONE_WINDOW_MS, judgeSilence } from '../devices/rules/connection-rules.ts'
import type { ServerSignal } from '../../shared/signals/signals.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { readLinkFacts } from './store/ingest-store.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import { listPlaceHours } from '../verdicts/store/verdict-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Incidents, Observation } from '../incidents/incidents.ts'
import { openingCalendar } from '../calendars/site-hours.ts'
import type { Verdicts } from '../verdicts/verdicts.ts'
import { listOfflineSince } from '../devices/store/device-store.ts'

const MISSING_AFTER_MS = 7 * 86_400_000
const CONNECTION_TEXT: Record<Connection, string> = {
  online: 'Online',
  suspect: 'Suspect: connected, but silent',
  offline: 'Offline',
  'planned-offline': 'Planned offline',
  unknown: 'Unknown: the server was restarted',
  never: 'Never seen',
}

export type LiveSession = {
  customerId: string
  connection: Connection
  connectionId: number | null
  heardAtMs: number
  startedAtMs: number
  takeoverAtMs: number[]
  isCloned: boolean
  /** Where its newest connection came from. */
  address: string | null
  /** Planned absence: when it is a fault; null = none. */
  overdueAtMs: number | null
}
export type ConnectionChange = {
  deviceId: string
  connection: Connection
  reason: string
  atMs: number
  expectedBackAtMs?: number | null
  overdueAtMs?: number
  /** What a device that leaves said; the other fields follow from it and from the hours of its place. */
  bye?: Goodbye
}

/** What the server finds out about a device, where the device itself says nothing. */
type OwnObservation = Observation & { signal: ServerSignal }

/** What a connection says about the signals agent.offline and agent.missing. */
function contactObservations(change: ConnectionChange, nowMs: number): OwnObservation[] {
  if (change.connection === 'suspect' || change.connection === 'unknown') return []
  const isOffline = change.connection === 'offline'
  const text = isOffline ? `Lost contact: ${change.reason}` : CONNECTION_TEXT[change.connection]
  const seen = { deviceId: change.deviceId, component: '', text, atMs: change.atMs, receivedAtMs: nowMs }
  const offline: OwnObservation = { ...seen, signal: 'agent.offline', state: isOffline ? 'failing' : 'ok' }
  return change.connection === 'online' ? [offline, { ...seen, signal: 'agent.missing', state: 'ok' }] : [offline]
}

/** Makes the presence service. `isLinked` asks the broker whether the device has a connection right now. */
export function makePresence(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  incidents: Pick<Incidents, 'observe'>
  verdicts: Pick<Verdicts, 'refresh'>
}) {
  const { db, log, now, bus, incidents, verdicts } = deps
  const sessions = new Map<string, LiveSession>()

  const session = (deviceId: string, customerId: string): LiveSession => {
    let live = sessions.get(deviceId)
    if (!live) {
      live = {
        customerId,
        connection: 'never',
        connectionId: null,
        heardAtMs: 0,
        startedAtMs: now(),
        takeoverAtMs: [],
        isCloned: false,
        address: null,
        overdueAtMs: null,
      }
      sessions.set(deviceId, live)
    }
    return live
  }

  /** Fills in what goodbyes plan. In the very changes, because the memory is set from them after the commit. */
  const plan = async (tx: Tx, connectionChanges: readonly ConnectionChange[]): Promise<void> => {
    const leaving = connectionChanges.filter(change => change.bye !== undefined)
    if (leaving.length === 0) return
    const places = new Map(
      (
        await listPlaceHours(
          tx,
          leaving.map(change => change.deviceId),
        )
      ).map(place => [place.deviceId, place]),
    )
    for (const change of leaving) {
      const place = places.get(change.deviceId)
      if (change.bye) Object.assign(change, planAbsence(change.bye, place ? openingCalendar(place) : null))
    }
  }

  /** Writes connection changes and what follows from them; the memory is set by `remember` after the commit. */
  const apply = async (tx: Tx, connectionChanges: readonly ConnectionChange[], changes: Change[]): Promise<void> => {
    if (connectionChanges.length === 0) return
    await plan(tx, connectionChanges)
    const last = new Map(
      connectionChanges.map(change => [
        change.deviceId,
        {
          connection: change.connection,
          sinceMs: change.atMs,
          expectedBackAtMs: change.expectedBackAtMs ?? null,
          overdueAtMs: change.overdueAtMs ?? null,
        },
      ]),
    )
    await insertTimeline(
      tx,
      ...connectionChanges
        .filter(change => change.connection !== 'suspect')
        .map(change => ({
          device_id: change.deviceId,
          at: change.atMs,
          received_at: now(),
          kind: 'connection',
          state: change.connection,
          text: `${CONNECTION_TEXT[change.connection]}${change.reason ? `: ${change.reason}` : ''}`,
        })),
    )
    const observations = connectionChanges.flatMap(change => contactObservations(change, now()))
    // The connection is written with the verdict that follows from it: one write for a device instead of two.
    if (observations.length > 0) await incidents.observe(tx, observations, changes, last)
    const observed = new Set(observations.map(observation => observation.deviceId))
    await verdicts.refresh(
      tx,
      [...last.keys()].filter(deviceId => !observed.has(deviceId)),
      now(),
      changes,
      { connections: last },
    )
  }

  const remember = (connectionChanges: readonly ConnectionChange[]): void => {
    for (const change of connectionChanges) {
      const live = sessions.get(change.deviceId)
      if (live) Object.assign(live, { connection: change.connection, overdueAtMs: change.overdueAtMs ?? null })
    }
  }

  const applyNow = async (connectionChanges: readonly ConnectionChange[]): Promise<void> => {
    if (connectionChanges.length === 0) return
    const changes: Change[] = []
    await inTransaction(db, tx => apply(tx, connectionChanges, changes))
    remember(connectionChanges)
    bus.publish(changes)
  }

  const observeNow = async (observations: readonly OwnObservation[]): Promise<void> => {
    if (observations.length === 0) return
    const changes: Change[] = []
    await inTransaction(db, tx => incidents.observe(tx, observations, changes))
    bus.publish(changes)
  }

  return {
    apply,
    remember,

    /** At start: whoever was there is unknown until it comes back or the grace is over. */
    async start(): Promise<void> {
      const facts = await readLinkFacts(db, 'all')
      for (const fact of facts)
        Object.assign(session(fact.id, fact.customer_id), { connection: fact.connection, overdueAtMs: fact.overdue_at ?? null })
      const wereThere = facts.filter(fact => fact.connection === 'online' || fact.connection === 'suspect')
      await applyNow(wereThere.map(fact => ({ deviceId: fact.id, connection: 'unknown', reason: '', atMs: now() })))
    },

    /** A login was accepted: from now on the device is known here. */
    admitted: (deviceId: string, customerId: string): void => void session(deviceId, customerId),

    /** The broker let a device in. */
    connected(deviceId: string, connectionId: number, isTakeover: boolean, address: string | null = null): void {
      const live = sessions.get(deviceId)
      if (!live) return
      live.connectionId = connectionId
      live.address = address
      live.heardAtMs = now()
      if (isTakeover) live.takeoverAtMs = [...live.takeoverAtMs.filter(at => at > now() - CLONE_WINDOW_MS), now()]
    },

    disconnected(deviceId: string, connectionId: number): void {
      const live = sessions.get(deviceId)
      if (live?.connectionId === connectionId) live.connectionId = null
    },

    /** Any packet of the device, a ping too. Called for every packet, so it only sets a number. */
    heard(deviceId: string, atMs: number): void {
      const live = sessions.get(deviceId)
      if (live) live.heardAtMs = atMs
    },

    /** Address a device's newest connection came from, as the server sees it. */
    addressOf: (deviceId: string): string | null => sessions.get(deviceId)?.address ?? null,

    /** Whether it has a connection right now. */
    isLinked: (deviceId: string): boolean => (sessions.get(deviceId)?.connectionId ?? null) !== null,
    heardAt: (deviceId: string): number | null => sessions.get(deviceId)?.heardAtMs || null,
    /** How many devices there are of each connection. */
    count(): Map<Connection, number> {
      const counts = new Map<Connection, number>()
      for (const live of sessions.values()) counts.set(live.connection, (counts.get(live.connection) ?? 0) + 1)
      return counts
    },
    forget: (deviceId: string): void => void sessions.delete(deviceId),

    /** Judges silence and clones; call about once a second. Answers how many connections changed. */
    async sweep(): Promise<number> {
      const nowMs = now()
      const connectionChanges: ConnectionChange[] = []
      const observations: OwnObservation[] = []
      for (const [deviceId, live] of sessions) {
        const judged = judgeSilence({ ...live, connectedNow: live.connectionId !== null }, nowMs)
        if (judged) connectionChanges.push({ deviceId, ...judged, atMs: nowMs })
        const takeovers = live.takeoverAtMs.filter(at => at > nowMs - CLONE_WINDOW_MS).length
        if (takeovers > CLONE_TAKEOVERS !== live.isCloned) {
          live.isCloned = !live.isCloned
          observations.push({
            deviceId,
            signal: 'agent.cloned',
            component: '',
            state: live.isCloned ? 'failing' : 'ok',
            text: live.isCloned ? `Session taken over ${takeovers} times in 5 minutes: one credential is used twice` : 'No more takeovers',
            atMs: nowMs,
            receivedAtMs: nowMs,
          })
          if (live.isCloned) log.warn({ deviceId, takeovers }, 'one credential is used twice')
        }
      }
      await applyNow(connectionChanges)
      await observeNow(observations)
      return connectionChanges.length
    },

    /** Devices offline for a week are missing; call about once an hour. */
    async findMissing(): Promise<void> {
      const rows = await listOfflineSince(db, now() - MISSING_AFTER_MS)
      await observeNow(
        rows.map(row => ({
          deviceId: row.device_id,
          signal: 'agent.missing',
          component: '',
          state: 'failing',
          text: 'Offline for a week',
          atMs: row.connection_since + MISSING_AFTER_MS,
          receivedAtMs: now(),
        })),
      )
    },
  }
}
export type Presence = ReturnType<typeof makePresence>
