/** Connection of a device from what was heard of it. Times and words of the design's signal table. */
import type { Connection } from '../../../shared/api/devices/device-api.ts'

/** Connected, but nothing heard for this long: suspect. */
export const SUSPECT_AFTER_MS = 30_000
/** Nothing heard for this long: offline. */
export const OFFLINE_AFTER_MS = 90_000
/** After a start of the server nothing is judged from silence for this long: 1.5 keepalives and the longest back-off. */
export const RESTART_GRACE_MS = 210_000
/** Takeovers with accepted logins within the window that mean one credential is used twice. */
export const CLONE_TAKEOVERS = 3
export const CLONE_WINDOW_MS = 5 * 60_000

/** Connection a device with this session should have now, and why; null when nothing changes. */
export function judgeSilence(
  session: { connection: Connection; connectedNow: boolean; heardAtMs: number; startedAtMs: number; overdueAtMs: number | null },
  nowMs: number,
): { connection: Connection; reason: string } | null {
  const silentMs = nowMs - session.heardAtMs
  switch (session.connection) {
    case 'unknown':
      return nowMs - session.startedAtMs >= RESTART_GRACE_MS
        ? { connection: 'offline', reason: 'did not come back after the server restarted' }
        : null
    case 'online':
    case 'suspect':
      if (silentMs >= OFFLINE_AFTER_MS) return { connection: 'offline', reason: `nothing heard for ${Math.round(silentMs / 1000)} s` }
      if (silentMs >= SUSPECT_AFTER_MS)
        return session.connection === 'suspect'
          ? null
          : { connection: 'suspect', reason: `nothing heard for ${Math.round(silentMs / 1000)} s` }
      return session.connection === 'suspect' ? { connection: 'online', reason: 'heard again' } : null
    case 'offline':
      return session.connectedNow && silentMs < SUSPECT_AFTER_MS ? { connection: 'online', reason: 'heard again' } : null
    case 'planned-offline':
      // After a start of the server it may be on its way back already.
      return session.overdueAtMs !== null && nowMs >= session.overdueAtMs && nowMs - session.startedAtMs >= RESTART_GRACE_MS
        ? { connection: 'offline', reason: 'it said goodbye and did not come back in time' }
        : null
    case 'never':
      return null
  }
}

/** What a last will or goodbye means for the session the device has now. A will of an older session says nothing. */
export function judgeWill(
  will: { sid: string; bye?: boolean | undefined },
  currentSession: string | null,
): 'offline' | 'planned-offline' | 'stale' {
  if (currentSession === null || will.sid !== currentSession) return 'stale'
  return will.bye === true ? 'planned-offline' : 'offline'
}
