/**
 * Serving time: how long a device served its customers while its site was open. The verdicts of a device follow one another
 * without a gap; what lies in closed time, and what nobody could see, is told apart and counts neither way.
 */
import { openSecondsBetween, type Calendar } from '../../calendars/rules/calendar.ts'
import { commonSpans, joinSpans, type Span } from '../../calendars/rules/spans.ts'
import type { VerdictWord } from '../../../shared/api/devices/device-api.ts'

/** A verdict from an instant on, until the next one. `cause`: the most serious signal at that instant, null = none. */
export type VerdictMark = { fromMs: number; verdict: VerdictWord; cause: string | null }
/** Seconds of opening hours. `planned`: away as announced; `unknown`: no fresh facts, or the server was not there to see. */
export type ServingSums = {
  openSeconds: number
  servingSeconds: number
  degradedSeconds: number
  notServingSeconds: number
  plannedSeconds: number
  unknownSeconds: number
}
export type ServingDay = ServingSums & { date: string }
export type ServingFacts = {
  sums: ServingSums
  days: ServingDay[]
  /** Seconds of opening hours not served, by the signal that led; longest first. */
  causes: { signal: string; seconds: number }[]
}

export const NO_SERVING: ServingSums = {
  openSeconds: 0,
  servingSeconds: 0,
  degradedSeconds: 0,
  notServingSeconds: 0,
  plannedSeconds: 0,
  unknownSeconds: 0,
}

const FIELD = {
  serving: 'servingSeconds',
  degraded: 'degradedSeconds',
  'not-serving': 'notServingSeconds',
  closed: 'plannedSeconds',
  unknown: 'unknownSeconds',
} as const satisfies Record<VerdictWord, keyof ServingSums>

/** Both together. */
export function addServing(one: ServingSums, other: ServingSums): ServingSums {
  return {
    openSeconds: one.openSeconds + other.openSeconds,
    servingSeconds: one.servingSeconds + other.servingSeconds,
    degradedSeconds: one.degradedSeconds + other.degradedSeconds,
    notServingSeconds: one.notServingSeconds + other.notServingSeconds,
    plannedSeconds: one.plannedSeconds + other.plannedSeconds,
    unknownSeconds: one.unknownSeconds + other.unknownSeconds,
  }
}

/** Share of the judged opening hours in which customers were served, degraded or not; null = nothing was judged. */
export function servingPercent(sums: ServingSums): number | null {
  const served = sums.servingSeconds + sums.degradedSeconds
  const judged = served + sums.notServingSeconds
  return judged === 0 ? null : (100 * served) / judged
}

/** Local days that touch the window, each cut to it. */
function daysOf(window: Span, timeZone: string): (Span & { date: string })[] {
  const days: (Span & { date: string })[] = []
  let { fromMs } = window
  while (fromMs < window.toMs) {
    const date = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone).toPlainDate()
    const toMs = Math.min(date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds, window.toMs)
    days.push({ date: date.toString(), fromMs, toMs })
    fromMs = toMs
  }
  return days
}

/**
 * Counts one device. `marks` in time order: all that begin in the window, and the last one before it. Nothing before the first
 * mark counts: the device was not there. `hours` null = always open. `blind`: when the server did not run.
 */
export function countServing(options: {
  marks: readonly VerdictMark[]
  window: Span
  hours: Calendar | null
  timeZone: string
  blind: readonly Span[]
}): ServingFacts {
  const { marks, window, hours, blind } = options
  const openSeconds = (span: Span): number =>
    hours === null ? (span.toMs - span.fromMs) / 1000 : openSecondsBetween(hours, span.fromMs, span.toMs)
  const dark = joinSpans(blind)
  const unseenSeconds = (span: Span): number => commonSpans([span], dark).reduce((sum, piece) => sum + openSeconds(piece), 0)
  const causes = new Map<string, number>()
  const days = daysOf(window, options.timeZone).map(day => ({ day, sums: { ...NO_SERVING } }))

  let first = 0
  for (const [index, mark] of marks.entries()) {
    const endMs = Math.min(marks[index + 1]?.fromMs ?? window.toMs, window.toMs)
    // days before this mark are behind every later one, too
    while ((days[first]?.day.toMs ?? Infinity) <= mark.fromMs) first += 1
    for (let at = first; at < days.length; at += 1) {
      const { day, sums } = days[at] as (typeof days)[number]
      if (day.fromMs >= endMs) break
      const piece = { fromMs: Math.max(mark.fromMs, day.fromMs), toMs: Math.min(endMs, day.toMs) }
      if (piece.fromMs >= piece.toMs) continue
      const open = openSeconds(piece)
      const unseen = dark.length === 0 ? 0 : unseenSeconds(piece)
      sums.openSeconds += open
      sums.unknownSeconds += unseen
      sums[FIELD[mark.verdict]] += open - unseen
      if (mark.verdict !== 'not-serving' || open === unseen) continue
      const cause = mark.cause ?? 'unknown'
      causes.set(cause, (causes.get(cause) ?? 0) + open - unseen)
    }
  }
  return {
    sums: days.reduce<ServingSums>((sum, { sums }) => addServing(sum, sums), NO_SERVING),
    days: days.map(({ day, sums }) => ({ date: day.date, ...sums })),
    causes: [...causes].map(([signal, seconds]) => ({ signal, seconds })).toSorted((one, other) => other.seconds - one.seconds),
  }
}
