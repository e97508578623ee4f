/** What becomes of a change that did not arrive at the other desk, and when two desks talk each other into a loop. */

/** What went wrong: the HTTP status, null = no answer at all; `retryAfterMs`: how long the desk asked us to wait. */
export type DeskTrouble = { status: number | null; retryAfterMs: number | null; reason: string }
export type RetryDecision = { kind: 'again'; inMs: number } | { kind: 'park' }

const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000
/** A desk that asks for more than this is asked again after it all the same. */
const LONGEST_ASKED_MS = 6 * 3_600_000
const PASSING = new Set([408, 409, 425, 429])

/**
 * Refusals that repeating cannot mend wait for a person; everything else is tried again: after what the desk asks for, never
 * sooner than a pause of 10 s doubled each time, at most an hour, less up to half of it by `jitter` in [0, 1).
 */
export function decideRetry(trouble: DeskTrouble, attempt: number, jitter: number): RetryDecision {
  const { status, retryAfterMs } = trouble
  if (status !== null && status >= 300 && status < 500 && !PASSING.has(status)) return { kind: 'park' }
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 20))
  const own = Math.round(pause * (1 - jitter / 2))
  return { kind: 'again', inMs: Math.max(own, Math.min(LONGEST_ASKED_MS, retryAfterMs ?? 0)) }
}

/** Milliseconds of a Retry-After header (seconds or a date); null when it says neither. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

const LOOP_WINDOW_MS = 600_000
/** Changes mirrored on one ticket within ten minutes; one more stops it. */
export const LOOP_LIMIT = 20

/** Notes `count` mirrored changes on a ticket: instants of the last ten minutes, and whether it is a loop by now. */
export function countMirrored(recent: readonly number[], count: number, nowMs: number): { recent: number[]; isLoop: boolean } {
  const kept = recent.filter(atMs => atMs > nowMs - LOOP_WINDOW_MS && atMs <= nowMs)
  const next = [...kept, ...Array.from({ length: count }, () => nowMs)].slice(-LOOP_LIMIT - 1)
  return { recent: next, isLoop: next.length > LOOP_LIMIT }
}
