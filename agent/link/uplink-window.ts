/** What is on its way to the server: at most 16 messages or 256 KB, and the age of the oldest. Pure bookkeeping. */

const MAX_MESSAGES = 16
const MAX_BYTES = 256 * 1024

export type SendWindow = {
  /** May another message leave? A single one larger than the byte limit may, when it is alone. */
  hasRoom(): boolean
  add(q: number, bytes: number, atMs: number): void
  /** Takes a message out; false when it was not there. */
  remove(q: number): boolean
  /** When the oldest message left, or null when nothing is on its way. */
  oldestAtMs(): number | null
  clear(): void
}

/** An empty window. */
export function makeSendWindow(): SendWindow {
  const inFlight = new Map<number, { bytes: number; atMs: number }>()
  let total = 0
  return {
    hasRoom: () => inFlight.size < MAX_MESSAGES && total < MAX_BYTES,
    add(q, bytes, atMs) {
      inFlight.set(q, { bytes, atMs })
      total += bytes
    },
    remove(q) {
      const entry = inFlight.get(q)
      if (!entry) return false
      inFlight.delete(q)
      total -= entry.bytes
      return true
    },
    oldestAtMs() {
      for (const entry of inFlight.values()) return entry.atMs
      return null
    },
    clear() {
      inFlight.clear()
      total = 0
    },
  }
}

/** Messages a second: all together, and at most half of it for what piled up while the line was down. Well under what the server slows down. */
const RATE_PER_SECOND = 50
const BACKLOG_PER_SECOND = RATE_PER_SECOND / 2

export type RateLimit = {
  /** Takes a place for a message, or answers how many ms until there is one. */
  take(isBacklog: boolean, nowMs: number): number
}

/** A token bucket of one second's worth for everything and one of half that for the backlog. */
export function makeRateLimit(startMs: number): RateLimit {
  let all = RATE_PER_SECOND
  let backlog = BACKLOG_PER_SECOND
  let lastMs = startMs
  return {
    take(isBacklog, nowMs) {
      const seconds = Math.max(0, nowMs - lastMs) / 1000
      lastMs = nowMs
      all = Math.min(RATE_PER_SECOND, all + seconds * RATE_PER_SECOND)
      backlog = Math.min(BACKLOG_PER_SECOND, backlog + seconds * BACKLOG_PER_SECOND)
      const missing = Math.max((1 - all) / RATE_PER_SECOND, isBacklog ? (1 - backlog) / BACKLOG_PER_SECOND : 0)
      // a hair of tolerance: sums of fractions of a second must not wait for ever at 0.9999
      if (missing > 1e-9) return Math.ceil(missing * 1000)
      all -= 1
      if (isBacklog) backlog -= 1
      return 0
    },
  }
}
