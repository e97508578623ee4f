/** Does a signal come and go too often to be told each time? By open/close pairs, or by Nagios's weighted change of its last results. */

const RESULTS = 21
const ENTER_PERCENT = 30
const LEAVE_PERCENT = 10
const PAIRS = 5
const PAIR_WINDOW_MS = 3_600_000
/** Devices report changes only: as long as nothing changes, this often counts as one more result of the same kind. */
const RESULT_EVERY_MS = 60_000
const OLDEST_WEIGHT = 0.8
const NEWEST_WEIGHT = 1.2

/** `results`: up to 21 of `f` (failing) and `o` (ok), newest last, at `atMs`. `pairsAtMs`: ends of incidents in the last hour. */
export type Flaps = { results: string; atMs: number; pairsAtMs: number[]; isUnstable: boolean }

/** The results as they stand at an instant: silence repeats the last one. */
function resultsAt({ results, atMs }: Flaps, nowMs: number): string {
  const repeats = Math.min(RESULTS, Math.max(0, Math.floor((nowMs - atMs) / RESULT_EVERY_MS)))
  return (results + results.slice(-1).repeat(repeats)).slice(-RESULTS)
}

function pairsIn({ pairsAtMs }: Flaps, nowMs: number): number[] {
  return pairsAtMs.filter(atMs => nowMs - atMs < PAIR_WINDOW_MS)
}

/** Weighted change in percent: the newest change counts 1.2, the oldest 0.8. Missing results have not changed. */
export function changePercent(results: string): number {
  let sum = 0
  for (let index = 1; index < results.length; index++) {
    if (results[index] === results[index - 1]) continue
    const slot = RESULTS - results.length + index - 1
    sum += OLDEST_WEIGHT + ((NEWEST_WEIGHT - OLDEST_WEIGHT) * slot) / (RESULTS - 2)
  }
  return (sum * 100) / (RESULTS - 1)
}

/**
 * Notes a result. Nothing is kept of a signal that never failed: `null` stays `null` for `ok`. Enters instability by weighted
 * change once there are 21 results.
 */
export function addResult(flaps: Flaps | null, isFailing: boolean, atMs: number): Flaps | null {
  if (!flaps) return isFailing ? { results: 'f', atMs, pairsAtMs: [], isUnstable: false } : null
  // The new result stands for the last of the spans since the one before.
  const results = (resultsAt(flaps, atMs - RESULT_EVERY_MS) + (isFailing ? 'f' : 'o')).slice(-RESULTS)
  const isUnstable = flaps.isUnstable || (results.length === RESULTS && changePercent(results) > ENTER_PERCENT)
  return { results, atMs, pairsAtMs: pairsIn(flaps, atMs), isUnstable }
}

/** Notes the end of an incident: the fifth within an hour makes the signal unstable. */
export function addPair(flaps: Flaps, endedAtMs: number): Flaps {
  const pairsAtMs = [...pairsIn(flaps, endedAtMs), endedAtMs].slice(-PAIRS)
  return { ...flaps, pairsAtMs, isUnstable: flaps.isUnstable || pairsAtMs.length >= PAIRS }
}

function isCalmAt(flaps: Flaps, nowMs: number): boolean {
  return pairsIn(flaps, nowMs).length < PAIRS && changePercent(resultsAt(flaps, nowMs)) < LEAVE_PERCENT
}

/** When an unstable signal is calm if nothing changes any more: about 20 minutes after its last change, or when its pairs are an hour old. */
export function calmAtMs(flaps: Flaps): number {
  const latestMs = flaps.atMs + PAIR_WINDOW_MS + RESULT_EVERY_MS
  for (let atMs = flaps.atMs; atMs < latestMs; atMs += RESULT_EVERY_MS) if (isCalmAt(flaps, atMs)) return atMs
  return latestMs
}

/** Calm again: the past does not count twice. */
export function settle(flaps: Flaps): Flaps {
  return { ...flaps, pairsAtMs: [], isUnstable: false }
}

/** `failed 5 times within an hour` in words, for the ticket and the incident. */
export function spellUnstable(flaps: Flaps): string {
  return flaps.pairsAtMs.length >= PAIRS
    ? `Unstable: it came and went ${flaps.pairsAtMs.length} times within an hour. One ticket is kept open, and people are not told of each time.`
    : `Unstable: ${Math.round(changePercent(flaps.results))} % of its last ${RESULTS} results were changes. One ticket is kept open, and people are not told of each time.`
}
