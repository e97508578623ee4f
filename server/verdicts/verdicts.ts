/** Keeps the verdict of devices: recomputed whenever signals, connection or opening hours may have changed it. */
import { isOpen } from '../calendars/rules/calendar.ts'
import { judge, type FailingSignal } from './rules/verdict.ts'
import { readFailing, readPlaces, type DevicePlace } from '../incidents/store/condition-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { NewConnection } from '../devices/rules/connection-change.ts'
import { readFact, writeFact } from '../database/instance-store.ts'
import {
  listDevicesAt,
  listSitesWithHours,
  lockFreeStates,
  readVerdictStates,
  writeConnections,
  writeVerdicts,
  type ConnectionRow,
  type VerdictRow,
} from './store/verdict-store.ts'
import type { VerdictMarkRow } from '../database/tables/verdict-mark-rows.ts'
import { addVerdictMarks } from './store/verdict-mark-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { openingCalendar } from '../calendars/site-hours.ts'

const HOURS_FACT = 'opening-hours-judged-at'
const DEVICES_PER_TRANSACTION = 500

/** What the caller has: connections that are not in the store yet and are written with the verdict, and where devices stand. */
type Known = { connections?: ReadonlyMap<string, NewConnection>; places?: ReadonlyMap<string, DevicePlace> }

/** Whether sites are open at one instant; each calendar is asked once, however many devices share it. */
function openAt(nowMs: number): (place: DevicePlace) => boolean {
  const known = new Map<string, boolean>()
  return ({ openingHours, siteTimeZone }) => {
    if (openingHours === null) return true
    const key = `${siteTimeZone} ${openingHours}`
    let open = known.get(key)
    if (open === undefined) {
      const calendar = openingCalendar({ openingHours, timeZone: siteTimeZone })
      open = calendar === null || isOpen(calendar, nowMs)
      known.set(key, open)
    }
    return open
  }
}

/** Makes the verdict service. */
export function makeVerdicts(deps: { db: Database; now: () => number; bus: ChangeBus }) {
  const { db, now, bus } = deps

  /** Recomputes verdict, since when, and reasons of these devices; writes and tells only what changed. */
  const refresh = async (tx: Tx, deviceIds: readonly string[], nowMs: number, changes: Change[], known: Known = {}): Promise<void> => {
    const ids = [...new Set(deviceIds)]
    if (ids.length === 0) return
    const places = known.places ?? (await readPlaces(tx, ids))
    const isSiteOpen = openAt(nowMs)
    const states = await readVerdictStates(tx, ids)
    const failing = Map.groupBy(await readFailing(tx, ids), row => row.device_id)
    const judgedRows: VerdictRow[] = []
    const connectionRows: ConnectionRow[] = []
    const marks: VerdictMarkRow[] = []
    for (const row of states) {
      const place = places.get(row.device_id)
      if (!place) continue
      const moved = known.connections?.get(row.device_id)
      const signals = (failing.get(row.device_id) ?? []).map((signal): FailingSignal => ({
        signal: signal.signal,
        component: signal.component,
        level: (signal.level ?? 4) as FailingSignal['level'],
        sinceMs: signal.since_at,
        text: signal.text,
      }))
      const judged = judge({
        connection: moved?.connection ?? row.connection,
        connectionSinceMs: moved?.sinceMs ?? row.connection_since,
        failing: signals,
        isOpen: isSiteOpen(place),
      })
      const reasons = JSON.stringify(
        judged.reasons.map(({ signal, severity, sinceMs, text }) => ({ signal, severity, since: new Date(sinceMs).toISOString(), text })),
      )
      const isSame = judged.verdict === row.verdict
      if (isSame && reasons === row.reasons && !moved) continue
      const verdict: VerdictRow = {
        device_id: row.device_id,
        verdict: judged.verdict,
        verdict_since: isSame ? row.verdict_since : nowMs,
        reasons,
      }
      if (!isSame)
        marks.push({ device_id: row.device_id, from_at: nowMs, verdict: judged.verdict, cause: judged.reasons[0]?.signal ?? null })
      if (moved) {
        const { connection, sinceMs, expectedBackAtMs, overdueAtMs } = moved
        connectionRows.push({
          ...verdict,
          connection,
          connection_since: sinceMs,
          expected_back_at: expectedBackAtMs,
          overdue_at: overdueAtMs,
        })
      } else judgedRows.push(verdict)
      changes.push({ kind: 'device', id: row.device_id, customerId: place.customerId })
    }
    await writeVerdicts(tx, judgedRows)
    await writeConnections(tx, connectionRows)
    await addVerdictMarks(tx, marks)
  }

  /**
   * As `refresh`, for workers: never waits for a device that ingest is writing at the moment, because ingest may be waiting for
   * what the worker holds. Gives the devices that were left out.
   */
  const refreshFree = async (tx: Tx, deviceIds: readonly string[], nowMs: number, changes: Change[]): Promise<string[]> => {
    const free = new Set(await lockFreeStates(tx, deviceIds))
    await refresh(tx, [...free], nowMs, changes)
    return deviceIds.filter(id => !free.has(id))
  }

  return {
    refresh,
    refreshFree,

    /** Judges the devices of every site that opened or closed since the last time, also when the server was down then. */
    async followOpeningHours(): Promise<number> {
      const nowMs = now()
      const fact = await readFact(db, HOURS_FACT)
      const beforeMs = fact === null ? null : Number(fact)
      const turned = (await listSitesWithHours(db)).filter(site => {
        const calendar = openingCalendar(site)
        return calendar !== null && (beforeMs === null || isOpen(calendar, beforeMs) !== isOpen(calendar, nowMs))
      })
      const deviceIds = await listDevicesAt(
        db,
        turned.map(site => site.id),
      )
      let left = 0
      for (let start = 0; start < deviceIds.length; start += DEVICES_PER_TRANSACTION) {
        const changes: Change[] = []
        left += (await inTransaction(db, tx => refreshFree(tx, deviceIds.slice(start, start + DEVICES_PER_TRANSACTION), nowMs, changes)))
          .length
        bus.publish(changes)
      }
      // Those that were busy are judged at the next run, as if this one had not been.
      if (left === 0) await writeFact(db, HOURS_FACT, String(nowMs))
      return deviceIds.length - left
    },
  }
}
export type Verdicts = ReturnType<typeof makeVerdicts>
