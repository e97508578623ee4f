/**
 * The open time of one local year as instants. Each local date is its own piece: wall times are resolved with Temporal's
 * `compatible` rule, clipped to the date, and what does not exist on that day falls away.
 */
import type { MinuteSpan, ParsedCalendar } from './calendar-spec.ts'

/** Open time of one year; arrays run side by side, instants in epoch ms. */
export type OpenYear = {
  year: number
  startMs: number
  endMs: number
  /** Segments in order, touching ones merged. */
  starts: number[]
  ends: number[]
  /** Open ms of the year before each segment; one more entry = the whole year. */
  before: number[]
  /** Business days: start of the local date, first opening, last closing. */
  dayStarts: number[]
  dayOpens: number[]
  dayCloses: number[]
}

type Segment = { start: number; end: number }
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Instant at which the local date begins, epoch ms. */
export function startOfDateMs(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds
}

function resolve(
  date: Temporal.PlainDate,
  minute: number,
  day: { startMs: number; endMs: number; isPlain: boolean },
  timeZone: string,
): number {
  if (minute === 1440) return day.endMs
  // No clock change within the date: wall time and elapsed time are the same.
  if (day.isPlain) return day.startMs + minute * MINUTE_MS
  return date
    .toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds
}

function merge(segments: Segment[]): Segment[] {
  const merged: Segment[] = []
  for (const segment of segments.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last && segment.start <= last.end) last.end = Math.max(last.end, segment.end)
    else merged.push({ ...segment })
  }
  return merged
}

function subtract(segments: Segment[], cuts: Segment[]): Segment[] {
  let left = segments
  for (const cut of cuts) {
    left = left.flatMap(({ start, end }) =>
      [
        { start, end: Math.min(end, cut.start) },
        { start: Math.max(start, cut.end), end },
      ].filter(piece => piece.start < piece.end),
    )
  }
  return left
}

function spansOf(calendar: ParsedCalendar, date: Temporal.PlainDate, key: string): readonly MinuteSpan[] {
  if (calendar.holidays.has(key)) return []
  return calendar.overrides.get(key) ?? calendar.week[date.dayOfWeek - 1] ?? []
}

/** Builds the open time of a local year. About one millisecond; callers keep it. */
export function openYear(calendar: ParsedCalendar, year: number): OpenYear {
  const { timeZone } = calendar
  let date = Temporal.PlainDate.from({ year, month: 1, day: 1 })
  let startMs = startOfDateMs(date, timeZone)
  const open: OpenYear = { year, startMs, endMs: startMs, starts: [], ends: [], before: [0], dayStarts: [], dayOpens: [], dayCloses: [] }
  let total = 0
  while (date.year === year) {
    const next = date.add({ days: 1 })
    const endMs = startOfDateMs(next, timeZone)
    const key = date.toString()
    const spans = spansOf(calendar, date, key)
    if (spans.length > 0 && endMs > startMs) {
      const day = { startMs, endMs, isPlain: endMs - startMs === DAY_MS }
      const instants = (list: readonly MinuteSpan[]): Segment[] =>
        list
          .map(([from, to]) => ({
            start: Math.max(startMs, resolve(date, from, day, timeZone)),
            end: Math.min(endMs, resolve(date, to, day, timeZone)),
          }))
          .filter(segment => segment.start < segment.end)
      const segments = subtract(merge(instants(spans)), instants(calendar.breaks.get(key) ?? []))
      const [first, last] = [segments[0], segments.at(-1)]
      if (first && last) {
        open.dayStarts.push(startMs)
        open.dayOpens.push(first.start)
        open.dayCloses.push(last.end)
      }
      for (const { start, end } of segments) {
        total += end - start
        if (open.ends.at(-1) === start) open.ends[open.ends.length - 1] = end
        else {
          open.starts.push(start)
          open.ends.push(end)
          open.before.push(total)
        }
        open.before[open.before.length - 1] = total
      }
    }
    date = next
    startMs = endMs
  }
  open.endMs = startMs
  return open
}

/** First index whose value is greater than `value`, in an ascending list. */
export function firstAbove(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}
