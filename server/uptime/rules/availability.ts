/**
 * Whether the platform was there, as lists of spans. Down is what the server's own heartbeat log leaves open, and what every
 * outside probe that looked at the time found down. Announced maintenance is told apart: it counts neither as up nor as down.
 */
import { commonSpans, lengthOf, withoutSpans, type Span } from '../../calendars/rules/spans.ts'

export type ProbeSpan = Span & { isUp: boolean; reason: string | null }
export type ProbeLog = { name: string; spans: readonly ProbeSpan[] }
export type PlannedSpan = Span & { announcedAtMs: number; reason: string }
/** `fault` says in words how the run ended that came before the gap; for the last one there is none. */
export type BeatSpan = Span & { ended: string | null }
export type DownSpan = Span & { seenBy: string[]; planned: boolean; reason: string }
export type UptimeFacts = {
  measuredMs: number
  downMs: number
  plannedMs: number
  /** Down time the promise allows in the whole window; null = nothing is promised. */
  allowedMs: number | null
  percent: number | null
  state: 'kept' | 'broken' | 'no-promise' | 'unknown'
  down: DownSpan[]
}

export const INSIDE = 'inside'

/** When outside probes agree that nothing answered: at such a time at least one looked and none found it up. */
function downOutside(probes: readonly ProbeLog[]): Span[] {
  const seen = (isUp: boolean): Span[] => probes.flatMap(probe => probe.spans.filter(span => span.isUp === isUp))
  return withoutSpans(seen(false), seen(true))
}

function reasonOf(gap: Span, beats: readonly BeatSpan[], probes: readonly ProbeLog[]): string {
  const isBeating = beats.some(beat => beat.fromMs <= gap.fromMs && gap.fromMs < beat.toMs)
  const inside = isBeating ? undefined : beats.findLast(beat => beat.toMs <= gap.fromMs && beat.ended !== null)?.ended
  const outside = probes.flatMap(probe => probe.spans).find(span => !span.isUp && span.fromMs < gap.toMs && span.toMs > gap.fromMs)
  return inside ?? (outside?.reason ? `not reached from outside: ${outside.reason}` : 'not reached')
}

/**
 * One window measured. `beats` are the runs of the server's own log, `nowMs` the present: what lies ahead is not measured, and
 * nothing is before the first beat. `promisePercent` null = nothing is promised.
 */
export function measureUptime(options: {
  window: Span
  nowMs: number
  beats: readonly BeatSpan[]
  probes: readonly ProbeLog[]
  planned: readonly PlannedSpan[]
  promisePercent: number | null
}): UptimeFacts {
  const { window, nowMs, beats, probes, promisePercent } = options
  const firstMs = Math.min(...beats.map(beat => beat.fromMs))
  const measured = commonSpans([window], [{ fromMs: firstMs, toMs: nowMs }])
  const inside = withoutSpans(measured, beats)
  const outside = commonSpans(downOutside(probes), measured)
  // Only what was announced before it began is maintenance; what is entered afterwards is an excuse.
  const announced = options.planned.filter(span => span.announcedAtMs <= span.fromMs)
  const all = [...inside, ...outside]
  const pieces = (spans: Span[], planned: boolean): DownSpan[] =>
    spans.map(gap => {
      const touches = (span: Span): boolean => span.fromMs < gap.toMs && span.toMs > gap.fromMs
      const seenBy = [
        ...(inside.some(touches) ? [INSIDE] : []),
        ...probes.filter(probe => probe.spans.some(span => !span.isUp && touches(span))).map(probe => probe.name),
      ]
      const window = announced.find(touches)
      return { ...gap, seenBy, planned, reason: planned && window ? window.reason : reasonOf(gap, beats, probes) }
    })
  const planned = commonSpans(all, announced)
  const down = withoutSpans(all, announced)
  const [measuredMs, downMs, plannedMs] = [lengthOf(measured), lengthOf(down), lengthOf(planned)]
  // Whole ms: 99.9 is no number of the binary kind, and a promise kept to the limit is kept.
  const allowedMs = promisePercent === null ? null : Math.round(((window.toMs - window.fromMs) * (100 - promisePercent)) / 100)
  const owedMs = measuredMs - plannedMs
  const percent = owedMs <= 0 ? null : 100 * (1 - downMs / owedMs)
  const state =
    percent === null ? 'unknown' : allowedMs === null ? 'no-promise' : downMs > allowedMs ? ('broken' as const) : ('kept' as const)
  return {
    measuredMs,
    downMs,
    plannedMs,
    allowedMs,
    percent,
    state,
    down: [...pieces(down, false), ...pieces(planned, true)].toSorted((one, other) => one.fromMs - other.fromMs),
  }
}

/** The calendar months of a zone that end with the one of `nowMs`, newest first. */
export function lastMonths(nowMs: number, timeZone: string, count: number): (Span & { month: string })[] {
  const current = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate().with({ day: 1 })
  const startOf = (date: Temporal.PlainDate): number => date.toZonedDateTime(timeZone).epochMilliseconds
  return Array.from({ length: count }, (_, back) => {
    const first = current.subtract({ months: back })
    return { month: first.toString().slice(0, 7), fromMs: startOf(first), toMs: startOf(first.add({ months: 1 })) }
  })
}
