/** Noise taken out of readings before the board sees them. Pure state machines: what was seen goes in, what counts comes out. */
import type { Reading } from './reading.ts'

type Seen = { believed: Reading['verdict'] | null; other: Reading['verdict'] | null; count: number }

export type Confirmer = {
  /** The readings that count: a new verdict only once it was seen `times` in a row, until then `unknown`. The first `ok` counts at once. */
  take(readings: Reading[]): Reading[]
  /** Is a new verdict waiting to be seen again? The next look may come sooner then. */
  isWaiting(): boolean
}

/** A single look can fall into the moment in which a device is enumerated anew: a change counts when it is seen twice. */
export function makeConfirmer(times = 2): Confirmer {
  const seen = new Map<string, Seen>()
  function counts(key: string, verdict: Reading['verdict']): boolean {
    const last = seen.get(key) ?? { believed: null, other: null, count: 0 }
    if (verdict === last.believed || (last.believed === null && verdict !== 'failing')) {
      seen.set(key, { believed: verdict, other: null, count: 0 })
      return true
    }
    const count = last.other === verdict ? last.count + 1 : 1
    seen.set(key, count >= times ? { believed: verdict, other: null, count: 0 } : { believed: last.believed, other: verdict, count })
    return count >= times
  }
  return {
    take(readings) {
      const present = new Set<string>(readings.map(reading => reading.key))
      for (const key of seen.keys()) if (!present.has(key)) seen.delete(key)
      return readings.map(reading =>
        counts(reading.key, reading.verdict) ? reading : { key: reading.key, verdict: 'unknown', text: 'seen once: looked at again' },
      )
    },
    isWaiting: () => [...seen.values()].some(state => state.other !== null),
  }
}

/** Moments of the last `windowMs`, this one added when it happened; at most `limit` are kept. */
export function addMoment(
  moments: readonly number[],
  nowMs: number,
  hasHappened: boolean,
  windowMs: number,
  limit = 64,
): readonly number[] {
  const recent = moments.length > 0 && nowMs - (moments[0] ?? 0) > windowMs ? moments.filter(at => nowMs - at <= windowMs) : moments
  return hasHappened ? [...recent, nowMs].slice(-limit) : recent
}
