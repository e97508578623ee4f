/** The states of all signals on this device, and what of a new reading is worth an event: changes only. */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import type { Reading } from './reading.ts'

export type SignalEvent = {
  key: string
  state: 'failing' | 'ok' | 'unknown'
  severity?: LevelNumber
  text: string
  evidence?: Record<string, unknown>
  sinceMs: number
}
/** Text of an `ok` that means only that nobody looks any more. */
export const NO_LONGER_WATCHED = 'No longer watched'
type Entry = SignalEvent & { announced: boolean }

export type BoardOptions = {
  /** What the server may believe failing from before this start (key -> since, ms): the first reading of these is always sent. */
  reported: Record<string, number>
  /** Send the first `ok` of every signal too: after a loss the server's truth may be old. */
  announceOk: boolean
}

export type SignalBoard = {
  /** Takes readings; answers the events they cause, in their order. With `family` the readings are all there is of that signal:
   * a failing component no longer among them is `ok`, because nobody watches it any more. */
  apply(readings: Reading[], nowMs: number, family?: AgentSignal): SignalEvent[]
  isFailing(key: string): boolean
  failing(): SignalEvent[]
  /** Every state known now: what a server that lost track must be told. */
  all(): SignalEvent[]
}

const eventOf = (entry: Entry): SignalEvent => {
  const { announced: _announced, ...event } = entry
  return event
}
const familyOf = (key: string) => key.split(':', 1)[0]

/** A board that knows what was reported before. */
export function makeSignalBoard({ reported, announceOk }: BoardOptions): SignalBoard {
  const entries = new Map<string, Entry>()
  for (const [key, sinceMs] of Object.entries(reported))
    entries.set(key, { key, state: 'failing', text: 'failing before the agent started', sinceMs, announced: false })

  function take(reading: Reading, nowMs: number): SignalEvent | null {
    const { key, verdict: state, text, severity, evidence } = reading
    const last = entries.get(key)
    // what failed is not forgotten because it can no longer be seen
    if (state === 'unknown' && (!reading.isLasting || last?.state === 'failing')) return null
    // a fault that turns out to be another one (a crash: a crash loop) is news
    const isSame = last?.state === state && last.severity === severity && last.evidence?.['cause'] === evidence?.['cause']
    const entry: Entry = {
      key,
      state,
      text,
      sinceMs: last?.state === state ? last.sinceMs : nowMs,
      announced: true,
      ...(severity && { severity }),
      ...(evidence && { evidence }),
    }
    entries.set(key, entry)
    if (!last) return state !== 'ok' || announceOk ? eventOf(entry) : null
    return isSame && last.announced ? null : eventOf(entry)
  }

  return {
    apply(readings, nowMs, family) {
      const events = readings.map(reading => take(reading, nowMs)).filter(event => event !== null)
      if (family === undefined) return events
      const present = new Set<string>(readings.map(reading => reading.key))
      for (const entry of entries.values()) {
        if (familyOf(entry.key) !== family || present.has(entry.key)) continue
        entries.delete(entry.key)
        if (entry.state === 'failing') events.push({ key: entry.key, state: 'ok', text: NO_LONGER_WATCHED, sinceMs: nowMs })
      }
      return events
    },
    isFailing: key => entries.get(key)?.state === 'failing',
    failing: () => [...entries.values()].filter(entry => entry.state === 'failing').map(eventOf),
    all: () => [...entries.values()].map(eventOf),
  }
}
