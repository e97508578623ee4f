/** Keeps the verdict of devices: recomputed whenever signals, connection or opening hours may have changed it. */
import { isOpen } from '../domain/calendar.ts'
import { judge, type FailingSignal } from '../domain/verdict.ts'
import { readFailing } from '../store/condition-store.ts'
import { inTransaction, type Database, type Tx } from '../store/database.ts'
import { readFact, writeFact } from '../store/instance-store.ts'
import {
  listDevicesAt,
  listSitesWithHours,
  lockFreeStates,
  readVerdictStates,
  writeVerdicts,
  type VerdictRow,
} from '../store/verdict-store.ts'
import type { Change, ChangeBus } from './changes.ts'
import { openingCalendar } from './site-hours.ts'

const HOURS_FACT = 'opening-hours-judged-at'
const DEVICES_PER_TRANSACTION = 500

/** Makes the verdict service. */
export function makeVerdicts(deps: { db: Database; now: () => number; bus: ChangeBus }) {
  const { db, now, bus } = deps

  /** Recomputes verdict, since when, and reasons of these devices; writes and tells only what changed. */
  const refresh = async (tx: Tx, deviceIds: readonly string[], nowMs: number, changes: Change[]): Promise<void> => {
    const ids = [...new Set(deviceIds)]
    if (ids.length === 0) return
    const states = await readVerdictStates(tx, ids)
    const failing = Map.groupBy(await readFailing(tx, ids), row => row.device_id)
    const changed: VerdictRow[] = []
    for (const { customer_id: customerId, time_zone: timeZone, opening_hours: openingHours, ...row } of states) {
      const calendar = openingCalendar({ openingHours, timeZone })
      const signals = (failing.get(row.device_id) ?? []).map((signal): FailingSignal => ({
        signal: signal.signal,
        component: signal.component,
        level: (signal.level ?? 4) as FailingSignal['level'],
        sinceMs: signal.since_at,
        text: signal.text,
      }))
      const judged = judge({
        connection: row.connection,
        connectionSinceMs: row.connection_since,
        failing: signals,
        isOpen: calendar === null || isOpen(calendar, nowMs),
      })
      const reasons = JSON.stringify(
        judged.reasons.map(({ signal, severity, sinceMs, text }) => ({ signal, severity, since: new Date(sinceMs).toISOString(), text })),
      )
      if (judged.verdict === row.verdict && reasons === row.reasons) continue
      changed.push({ ...row, verdict: judged.verdict, verdict_since: judged.verdict === row.verdict ? row.verdict_since : nowMs, reasons })
      changes.push({ kind: 'device', id: row.device_id, customerId })
    }
    await writeVerdicts(tx, changed)
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
