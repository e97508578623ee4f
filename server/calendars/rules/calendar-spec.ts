/** Checks a calendar as a person wrote it, and turns its times into minutes of the local day. */
import type { CalendarSpec, WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import { DomainError, type FieldError } from '../../platform/errors.ts'
import { DAY_MS } from '../../../shared/units.ts'

/** Minutes of the local day, [start, end); the end may be 1440. */
export type MinuteSpan = readonly [start: number, end: number]
/** Number of a local date: days since 1970-01-01, in no zone. */
export type DateNumber = number
/** A calendar whose times and dates are numbers; index 0 of the week is Monday. */
export type ParsedCalendar = {
  timeZone: string
  week: readonly (readonly MinuteSpan[])[]
  holidays: ReadonlySet<DateNumber>
  overrides: ReadonlyMap<DateNumber, readonly MinuteSpan[]>
  breaks: ReadonlyMap<DateNumber, readonly MinuteSpan[]>
}

export const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly (keyof WeeklyHours)[]
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/
const END_OF_DAY = 1440
/** A document of ten thousand wrong lines is not read to its end by anybody. */
const MAX_FAULTS = 200

/** Whether the platform knows the IANA zone; fixed offsets such as `+02:00` are refused, they cannot follow a clock change. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}

/** Number of the first of January of a year; years before 100 as well. */
export function newYearNumber(year: number): DateNumber {
  return new Date(0).setUTCFullYear(year, 0, 1) / DAY_MS
}

/** Number of a local date such as 2026-12-25; null when there is no such day. */
export function dateNumber(text: unknown): DateNumber | null {
  const match = typeof text === 'string' ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) : null
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // A day that is not there becomes one of the next month.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / DAY_MS : null
}

function minuteOf(text: unknown, isEnd: boolean): number | null {
  if (isEnd && text === '24:00') return END_OF_DAY
  const match = typeof text === 'string' ? TIME.exec(text) : null
  return match ? Number(match[1]) * 60 + Number(match[2]) : null
}

/** Spans of one day in order; every fault is added to `errors`. */
function parseSpans(intervals: unknown, path: string, errors: FieldError[]): MinuteSpan[] {
  if (!Array.isArray(intervals)) {
    errors.push({ path, message: 'must be a list of ["08:00","18:00"]' })
    return []
  }
  const spans: MinuteSpan[] = []
  for (const [index, interval] of (intervals as unknown[]).entries()) {
    const [from, to] = Array.isArray(interval) ? (interval as unknown[]) : []
    const start = minuteOf(from, false)
    const end = minuteOf(to, true)
    const here = `${path}/${index}`
    if (!Array.isArray(interval) || interval.length !== 2 || start === null || end === null)
      errors.push({ path: here, message: 'must be two times HH:MM, 00:00 to 24:00' })
    else if (start === end) errors.push({ path: here, message: `${String(from)} to ${String(to)} has no length` })
    else if (end < start)
      errors.push({
        path: here,
        message:
          end === 0
            ? `ends at 00:00 before it starts at ${String(from)}; midnight as an end is 24:00`
            : `ends at ${String(to)} before it starts at ${String(from)}; write a night as two intervals: ${String(from)} to 24:00 and, on the day after, 00:00 to ${String(to)}`,
      })
    else spans.push([start, end])
  }
  spans.sort((one, other) => one[0] - other[0])
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1]
    if (next && next[0] < span[1]) errors.push({ path, message: `intervals overlap at ${clockTime(next[0])}` })
  }
  return spans
}

function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

type Dated = Map<DateNumber, MinuteSpan[]>

function parseDated(dated: Record<string, unknown> | undefined, path: string, errors: FieldError[]): Dated {
  const parsed: Dated = new Map()
  for (const [date, intervals] of Object.entries(dated ?? {})) {
    const number = dateNumber(date)
    if (number === null) errors.push({ path: `${path}/${date}`, message: 'is not a date such as 2026-12-25' })
    else parsed.set(number, parseSpans(intervals, `${path}/${date}`, errors))
  }
  return parsed
}

/** Whether spans in order leave a minute of `span` uncovered. */
function leavesAny([start, end]: MinuteSpan, cuts: readonly MinuteSpan[]): boolean {
  let openFrom = start
  for (const [from, to] of cuts) {
    if (from > openFrom) break
    openFrom = Math.max(openFrom, to)
  }
  return openFrom < end
}

/** Whether anything is open at all: the week, or an override that no holiday and no break closes. */
function hasOpenMinute(parsed: ParsedCalendar): boolean {
  if (parsed.week.some(day => day.length > 0)) return true
  for (const [date, spans] of parsed.overrides) {
    if (parsed.holidays.has(date)) continue
    const breaks = parsed.breaks.get(date) ?? []
    if (spans.some(span => leavesAny(span, breaks))) return true
  }
  return false
}

function parse(spec: CalendarSpec, errors: FieldError[]): ParsedCalendar {
  if (!isTimeZone(spec.timezone))
    errors.push({ path: '/timezone', message: `${JSON.stringify(spec.timezone)} is not a known IANA time zone` })
  // Opening hours come out of the store and out of files too: a document without hours is a fault, not a crash.
  const hours = (spec.hours as WeeklyHours | undefined) ?? {}
  for (const day of Object.keys(hours)) {
    if (!(DAY_NAMES as readonly string[]).includes(day))
      errors.push({ path: `/hours/${day}`, message: `is not a day; days are ${DAY_NAMES.join(', ')}` })
  }
  const holidays = new Set<DateNumber>()
  for (const [index, date] of (spec.holidays ?? []).entries()) {
    const number = dateNumber(date)
    if (number === null) errors.push({ path: `/holidays/${index}`, message: `${JSON.stringify(date)} is not a date such as 2026-12-25` })
    else holidays.add(number)
  }
  return {
    timeZone: spec.timezone,
    week: DAY_NAMES.map(day => (hours[day] === undefined ? [] : parseSpans(hours[day], `/hours/${day}`, errors))),
    holidays,
    overrides: parseDated(spec.overrides, '/overrides', errors),
    breaks: parseDated(spec.breaks, '/breaks', errors),
  }
}

function check(spec: CalendarSpec): { parsed: ParsedCalendar; errors: FieldError[] } {
  const errors: FieldError[] = []
  const parsed = parse(spec, errors)
  if (errors.length === 0 && !hasOpenMinute(parsed))
    errors.push({ path: '/hours', message: 'has no open minute at all: give at least one day its hours' })
  return { parsed, errors: errors.slice(0, MAX_FAULTS) }
}

/** The faults of a calendar, each with its path, the first 200; empty = it can be compiled. */
export function calendarFaults(spec: CalendarSpec): FieldError[] {
  return check(spec).errors
}

/** The calendar in numbers. Throws DomainError `invalid` with its faults. */
export function parseCalendar(spec: CalendarSpec): ParsedCalendar {
  const { parsed, errors } = check(spec)
  if (errors.length > 0)
    throw new DomainError('invalid', 'invalid-input', 'The calendar is wrong; each fault is listed in errors.', { errors })
  return parsed
}
