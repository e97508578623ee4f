/** The platform's own past: a month of heartbeats with one announced stop and one that nobody wanted. */
import { randomUUIDv7 } from 'node:crypto'
import type { Database } from '../../server/database/database.ts'
import { beginRun, endRun, insertMaintenance } from '../../server/uptime/store/uptime-store.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const STOPPED = 'the server was stopped'
const KILLED = 'the server ended without a goodbye (killed, crashed or without power)'

/** Writes the heartbeat log of [startMs, endMs); a short past has no stops. */
export async function makeUptimePast(db: Database, startMs: number, endMs: number): Promise<void> {
  const releaseMs = endMs - 16 * DAY_MS
  const crashMs = endMs - 5 * DAY_MS
  const stops =
    releaseMs > startMs
      ? [
          { atMs: releaseMs, awayMs: 4 * MINUTE_MS, ended: STOPPED },
          { atMs: crashMs, awayMs: 9_000, ended: KILLED },
        ]
      : []
  let fromMs = startMs
  for (const { atMs, awayMs, ended } of [...stops, { atMs: endMs, awayMs: 0, ended: STOPPED }]) {
    const id = randomUUIDv7()
    await beginRun(db, { id, started_at: fromMs }, KILLED)
    await endRun(db, id, atMs, ended)
    fromMs = atMs + awayMs
  }
  if (stops.length > 0)
    await insertMaintenance(db, {
      id: randomUUIDv7(),
      from_at: releaseMs - MINUTE_MS,
      to_at: releaseMs + 20 * MINUTE_MS,
      reason: 'New release of the platform',
      announced_at: releaseMs - 3 * DAY_MS,
      cancelled_at: null,
    })
}
