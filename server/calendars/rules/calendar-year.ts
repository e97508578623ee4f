/**
 * The open time of one local year as instants. Each local date is its own piece: wall times are resolved with Temporal's
 * `compatible` rule, clipped to the date, and what does not exist on that day falls away.
 */
import { newYearNumber, type DateNumber, type MinuteSpan, type ParsedCalendar } from './calendar-spec.ts'
import { MINUTE_MS, DAY_MS } from '../../../shared/units.ts'

/** Open time of one year; arrays run side by side, instants in epoch ms. */
export type OpenYear = {
  year: number
  startMs: number
  endMs: number
  /** Start of every local date, and of the next year's first. A date that was skipped begins where the next one does. */
  dateStarts: number[]
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
/** A local date: where it lies, and whether its wall time and its elapsed time are the same throughout. */
type LocalDay = { date: DateNumber; startMs: number; endMs: number; isPlain: boolean }

const plainDate = (date: DateNumber): Temporal.PlainDate => new Temporal.PlainDate(1970, 1, 1).add({ days: date })

/**
 * Local dates [first, end) in a zone. Between two changes of the clock the offset stays: only dates near a change are asked of
 * Temporal, the others are arithmetic.
 */
function localDays(timeZone: string, first: DateNumber, end: DateNumber): LocalDay[] {
  const startOf = (date: DateNumber): number => plainDate(date).toZonedDateTime(timeZone).epochMilliseconds
  const startMs = startOf(first)
  const near = new Set<DateNumber>()
  let change = Temporal.Instant.fromEpochMilliseconds(startMs - 2 * DAY_MS)
    .toZonedDateTimeISO(timeZone)
    .getTimeZoneTransition('next')
  const offsets: [fromMs: number, offsetMs: number][] = []
  const offsetOf = (at: Temporal.ZonedDateTime): number => at.offsetNanoseconds / 1e6
  offsets.push([-Infinity, offsetOf(Temporal.Instant.fromEpochMilliseconds(startMs - 2 * DAY_MS).toZonedDateTimeISO(timeZone))])
  while (change && change.epochMilliseconds < (end + 2) * DAY_MS) {
    const around = Math.floor(change.epochMilliseconds / DAY_MS)
    for (let date = around - 2; date <= around + 2; date += 1) near.add(date)
    offsets.push([change.epochMilliseconds, offsetOf(change)])
    change = change.getTimeZoneTransition('next')
  }
  const days: LocalDay[] = []
  let current = 0
  let fromMs = startMs
  for (let date = first; date < end; date += 1) {
    const next = date + 1
    const wallMs = next * DAY_MS
    while (current + 1 < offsets.length && (offsets[current + 1] as [number, number])[0] <= wallMs - DAY_MS) current += 1
    const toMs = near.has(next) ? startOf(next) : wallMs - (offsets[current] as [number, number])[1]
    days.push({ date, startMs: fromMs, endMs: toMs, isPlain: !near.has(date) })
    fromMs = toMs
  }
  return days
}

function resolve(minute: number, day: LocalDay, timeZone: string): number {
  if (minute === 1440) return day.endMs
  if (day.isPlain) return day.startMs + minute * MINUTE_MS
  return plainDate(day.date)
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

/** Monday is 0; 1970-01-01 was a Thursday. */
const weekdayOf = (date: DateNumber): number => (((date + 3) % 7) + 7) % 7

function spansOf(calendar: ParsedCalendar, date: DateNumber): readonly MinuteSpan[] {
  if (calendar.holidays.has(date)) return []
  return calendar.overrides.get(date) ?? calendar.week[weekdayOf(date)] ?? []
}

/** What is open on one local date, in order. */
function segmentsOf(calendar: ParsedCalendar, day: LocalDay): Segment[] {
  const spans = spansOf(calendar, day.date)
  if (spans.length === 0 || day.endMs <= day.startMs) return []
  const instants = (list: readonly MinuteSpan[]): Segment[] =>
    list
      .map(([from, to]) => ({
        start: Math.max(day.startMs, resolve(from, day, calendar.timeZone)),
        end: Math.min(day.endMs, resolve(to, day, calendar.timeZone)),
      }))
      .filter(segment => segment.start < segment.end)
  const open = merge(instants(spans))
  const breaks = calendar.breaks.get(day.date)
  return breaks ? subtract(open, instants(breaks)) : open
}

/** Builds the open time of a local year. About fifty microseconds; callers keep it. */
export function openYear(calendar: ParsedCalendar, year: number): OpenYear {
  const days = localDays(calendar.timeZone, newYearNumber(year), newYearNumber(year + 1))
  const endMs = days.at(-1)?.endMs ?? 0
  const open: OpenYear = {
    year,
    startMs: days[0]?.startMs ?? 0,
    endMs,
    dateStarts: [...days.map(day => day.startMs), endMs],
    starts: [],
    ends: [],
    before: [0],
    dayStarts: [],
    dayOpens: [],
    dayCloses: [],
  }
  let total = 0
  for (const day of days) {
    const segments = segmentsOf(calendar, day)
    const [first, last] = [segments[0], segments.at(-1)]
    if (!first || !last) continue
    open.dayStarts.push(day.startMs)
    open.dayOpens.push(first.start)
    open.dayCloses.push(last.end)
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
