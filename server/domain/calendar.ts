/**
 * Open service time in one calendar. Instants are epoch ms; what is counted is real elapsed time inside open segments
 * [start, end). Convention: what would fall exactly on closing time is due at closing time. Searches end after five years
 * without an opening, or fifty years in all.
 */
import type { CalendarSpec } from '../../shared/api/sla-api.ts'
import { parseCalendar, type ParsedCalendar } from './calendar-spec.ts'
import { firstAbove, openYear, startOfDateMs, type OpenYear } from './calendar-year.ts'
import { DomainError } from './errors.ts'

/** A checked calendar; holds the years already worked out. */
export type Calendar = { readonly timeZone: string; readonly parsed: ParsedCalendar; readonly years: Map<number, OpenYear> }

const MAX_CALENDARS = 500
const MAX_YEARS_KEPT = 60
const MAX_CLOSED_YEARS = 5
const MAX_YEARS = 50
const MAX_SPAN_YEARS = 100
const compiled = new Map<string, Calendar>()

/** Checks and compiles a calendar; equal ones are compiled once. Throws DomainError `invalid` with every fault. */
export function compileCalendar(spec: CalendarSpec): Calendar {
  const key = JSON.stringify([spec.timezone, spec.hours, spec.holidays, spec.overrides, spec.breaks])
  const known = compiled.get(key)
  if (known) return known
  const parsed = parseCalendar(spec)
  const calendar: Calendar = { timeZone: parsed.timeZone, parsed, years: new Map() }
  if (compiled.size >= MAX_CALENDARS) compiled.delete(compiled.keys().next().value as string)
  compiled.set(key, calendar)
  return calendar
}

function yearOf(calendar: Calendar, year: number): OpenYear {
  const known = calendar.years.get(year)
  if (known) return known
  const built = openYear(calendar.parsed, year)
  if (calendar.years.size >= MAX_YEARS_KEPT) calendar.years.delete(calendar.years.keys().next().value as number)
  calendar.years.set(year, built)
  return built
}

/** Local date of an instant in the calendar's zone. */
function localDate(calendar: Calendar, atMs: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(calendar.timeZone).toPlainDate()
}

/** The years from the instant's own on; throws when five in a row have no opening or fifty are through. */
function* yearsFrom(calendar: Calendar, atMs: number): Generator<OpenYear> {
  const first = localDate(calendar, atMs).year
  let closed = 0
  for (let year = first; year < first + MAX_YEARS && closed <= MAX_CLOSED_YEARS; year += 1) {
    const open = yearOf(calendar, year)
    closed = open.starts.length === 0 || (open.ends.at(-1) as number) <= atMs ? closed + 1 : 0
    yield open
  }
}

function outOfTime(): DomainError {
  return new DomainError(
    'invalid',
    'invalid-input',
    'The calendar has too little open time to get there: nothing found within the years searched.',
  )
}

/** Open ms of the year up to the instant. */
function openBefore(open: OpenYear, atMs: number): number {
  const index = firstAbove(open.starts, atMs) - 1
  if (index < 0) return 0
  return (open.before[index] as number) + Math.min(atMs, open.ends[index] as number) - (open.starts[index] as number)
}

/**
 * The instant at which `seconds` of open time have passed since `fromMs`; zero seconds is the instant itself.
 * Throws DomainError when the calendar never gets there.
 */
export function addOpenSeconds(calendar: Calendar, fromMs: number, seconds: number): number {
  let leftMs = Math.round(seconds * 1000)
  if (leftMs <= 0) return fromMs
  for (const open of yearsFrom(calendar, fromMs)) {
    const base = openBefore(open, fromMs)
    const total = open.before.at(-1) as number
    if (leftMs <= total - base) {
      // The segment in which base + left is reached; equal to its end = due at closing time.
      const index = firstAbove(open.before, base + leftMs - 1) - 1
      return (open.starts[index] as number) + base + leftMs - (open.before[index] as number)
    }
    leftMs -= total - base
  }
  throw outOfTime()
}

/** Open seconds between two instants; 0 when `toMs` is not after `fromMs`. Throws DomainError beyond a hundred years. */
export function openSecondsBetween(calendar: Calendar, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  const [firstYear, lastYear] = [localDate(calendar, fromMs).year, localDate(calendar, toMs).year]
  if (lastYear - firstYear > MAX_SPAN_YEARS)
    throw new DomainError('invalid', 'invalid-input', `Spans of more than ${MAX_SPAN_YEARS} years are not measured.`)
  let sumMs = 0
  for (let year = firstYear; year <= lastYear; year += 1) {
    const open = yearOf(calendar, year)
    sumMs += openBefore(open, toMs) - openBefore(open, fromMs)
  }
  return sumMs / 1000
}

/** Whether the instant lies in open time: the opening instant does, the closing instant does not. */
export function isOpen(calendar: Calendar, atMs: number): boolean {
  const open = yearOf(calendar, localDate(calendar, atMs).year)
  const index = firstAbove(open.starts, atMs) - 1
  return index >= 0 && atMs < (open.ends[index] as number)
}

/** The instant itself when open, else the next opening; null when there is none within five years. */
export function nextOpening(calendar: Calendar, atMs: number): number | null {
  for (const open of yearsFrom(calendar, atMs)) {
    const index = firstAbove(open.starts, atMs) - 1
    if (index >= 0 && atMs < (open.ends[index] as number)) return atMs
    const next = open.starts[index + 1]
    if (next !== undefined) return next
  }
  return null
}

/** Instant at which the local date after that of `fromMs` begins. */
function nextDateMs(calendar: Calendar, fromMs: number): number {
  return startOfDateMs(localDate(calendar, fromMs).add({ days: 1 }), calendar.timeZone)
}

/**
 * Close of the `n`-th business day (local date with open time) strictly after the local date of `fromMs`.
 * Throws DomainError when there is none within the years searched.
 */
export function closeOfBusinessDay(calendar: Calendar, fromMs: number, n: number): number {
  const afterMs = nextDateMs(calendar, fromMs)
  let left = n
  for (const open of yearsFrom(calendar, fromMs)) {
    const first = firstAbove(open.dayStarts, afterMs - 1)
    const close = open.dayCloses[first + left - 1]
    if (close !== undefined) return close
    left -= open.dayStarts.length - first
  }
  throw outOfTime()
}

/** Close of the first business day that closes after the instant. */
export function nextClose(calendar: Calendar, atMs: number): number {
  for (const open of yearsFrom(calendar, atMs)) {
    const close = open.dayCloses[firstAbove(open.dayCloses, atMs)]
    if (close !== undefined) return close
  }
  throw outOfTime()
}

/** Business days after the local date of `sinceMs` whose open time lies wholly within [fromMs, toMs]. */
export function wholeBusinessDaysWithin(calendar: Calendar, sinceMs: number, fromMs: number, toMs: number): number {
  const afterMs = nextDateMs(calendar, sinceMs)
  const lastYear = localDate(calendar, toMs).year
  let count = 0
  for (let year = localDate(calendar, fromMs).year; year <= lastYear; year += 1) {
    const open = yearOf(calendar, year)
    const first = Math.max(firstAbove(open.dayStarts, afterMs - 1), firstAbove(open.dayOpens, fromMs - 1))
    const end = firstAbove(open.dayCloses, toMs)
    count += Math.max(0, end - first)
  }
  return count
}
