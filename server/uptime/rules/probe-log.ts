/** What an outside probe remembers of its looks: spans in which the platform answered, or did not. */

export type Look = { atMs: number; isUp: boolean; reason: string | null }
export type LookSpan = { fromMs: number; toMs: number; isUp: boolean; reason: string | null }
/** `last`: the newest look. `coveredToMs`: what is settled. `doubtful`: a failed look that the next one will settle. */
export type LookLog = { spans: readonly LookSpan[]; last: Look | null; coveredToMs: number; doubtful: Look | null }

export const EMPTY_LOOK_LOG: LookLog = { spans: [], last: null, coveredToMs: 0, doubtful: null }

/**
 * Adds a look: it speaks for the time since the look before, if that is no longer ago than `reachMs`, else for its own instant
 * only. A single failed look is noise of the way and not counted; the second in a row counts since the first.
 */
export function addLook(log: LookLog, look: Look, reachMs: number): LookLog {
  const { last, doubtful } = log
  const spans = log.spans.map(span => ({ ...span }))
  const put = (fromMs: number, toMs: number, isUp: boolean, reason: string | null): void => {
    const end = spans.at(-1)
    if (end && end.isUp === isUp && end.toMs === fromMs) end.toMs = toMs
    else if (toMs > fromMs) spans.push({ fromMs, toMs, isUp, reason })
  }
  if (last === null || look.atMs <= last.atMs || look.atMs - last.atMs > reachMs)
    return { spans, last: look, coveredToMs: look.atMs, doubtful: look.isUp ? null : look }
  if (look.isUp) {
    put(log.coveredToMs, look.atMs, true, null)
    return { spans, last: look, coveredToMs: look.atMs, doubtful: null }
  }
  if (last.isUp) return { spans, last: look, coveredToMs: log.coveredToMs, doubtful: look }
  if (doubtful) put(log.coveredToMs, doubtful.atMs, true, null)
  put(doubtful?.atMs ?? log.coveredToMs, look.atMs, false, doubtful?.reason ?? look.reason)
  return { spans, last: look, coveredToMs: look.atMs, doubtful: null }
}
