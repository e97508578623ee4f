/**
 * Open service time in one calendar. Instants are epoch ms; what is counted is real elapsed time inside open segments
 * [start, end). Convention: what would fall exactly on closing time is due at closing time. Searches end with the last date
 * on which anything can be open, after a hundred years, or with the year 9999.
 */
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import { parseCalendar, type ParsedCalendar } from './calendar-spec.ts'
import { firstAbove, openYear, type OpenYear } from './calendar-year.ts'
import { DomainError } from '../../platform/errors.ts'
import { DAY_MS } from '../../../shared/units.ts'

/** A checked calendar; holds the years already worked out. */
export type Calendar = {
  readonly timeZone: string
  readonly parsed: ParsedCalendar
  /** Last local year in which anything can be open. */
  readonly lastYear: number
  readonly years: Map<number, OpenYear>
  /** Open ms of years, also of those that are no longer held. */
  readonly totals: Map<number, number>
}

const MAX_CALENDARS = 200
const MAX_YEARS_KEPT = 12
/** A year takes some fifty microseconds to work out: a search of this length stays below ten milliseconds. */
const MAX_YEARS = 100
const LAST_YEAR = 9999
/** A calendar of thousands of dated rows lives as long as its document, not longer. */
const MAX_KEY_LENGTH = 65_536
const byDocument = new WeakMap<CalendarSpec, Calendar>()
const byContent = new Map<string, Calendar>()

function lastYearOf(parsed: ParsedCalendar): number {
  if (parsed.week.some(day => day.length > 0)) return LAST_YEAR
  let last = -Infinity
  for (const date of parsed.overrides.keys()) last = Math.max(last, date)
  return new Date(last * DAY_MS).getUTCFullYear()
}

/** Checks and compiles a calendar; equal ones are compiled once. Throws DomainError `invalid` with its faults. */
export function compileCalendar(spec: CalendarSpec): Calendar {
  const same = byDocument.get(spec)
  if (same) return same
  const key = JSON.stringify([spec.timezone, spec.hours, spec.holidays, spec.overrides, spec.breaks])
  let calendar = byContent.get(key)
  if (!calendar) {
    const parsed = parseCalendar(spec)
    calendar = { timeZone: parsed.timeZone, parsed, lastYear: lastYearOf(parsed), years: new Map(), totals: new Map() }
    if (key.length <= MAX_KEY_LENGTH) {
      if (byContent.size >= MAX_CALENDARS) byContent.delete(byContent.keys().next().value as string)
      byContent.set(key, calendar)
    }
  }
  byDocument.set(spec, calendar)
  return calendar
}

function yearOf(calendar: Calendar, year: number): OpenYear {
  const known = calendar.years.get(year)
  if (known) return known
  const built = openYear(calendar.parsed, year)
  if (calendar.years.size >= MAX_YEARS_KEPT) calendar.years.delete(calendar.years.keys().next().value as number)
  calendar.years.set(year, built)
  calendar.totals.set(year, built.before.at(-1) as number)
  return built
}

/** Open ms of a whole year. */
function openMsOf(calendar: Calendar, year: number): number {
  return calendar.totals.get(year) ?? (yearOf(calendar, year).before.at(-1) as number)
}

/** The local year an instant lies in. The year in UTC is right but for some hours around New Year. */
function yearAt(calendar: Calendar, atMs: number): OpenYear {
  const year = new Date(atMs).getUTCFullYear()
  const open = yearOf(calendar, year)
  if (atMs < open.startMs) return yearOf(calendar, year - 1)
  return atMs >= open.endMs ? yearOf(calendar, year + 1) : open
}

/** Last year of a search that begins in `firstYear`. */
function lastSearched(calendar: Calendar, firstYear: number): number {
  return Math.max(firstYear, Math.min(firstYear + MAX_YEARS - 1, calendar.lastYear))
}

/** The years from the instant's own on, as far as a search goes. */
function* yearsFrom(calendar: Calendar, atMs: number): Generator<OpenYear> {
  const first = yearAt(calendar, atMs)
  yield first
  for (let year = first.year + 1; year <= lastSearched(calendar, first.year); year += 1) yield yearOf(calendar, year)
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
  const addedMs = Math.round(seconds * 1000)
  if (addedMs <= 0) return fromMs
  const first = yearAt(calendar, fromMs)
  // Counted from the beginning of the year.
  let leftMs = openBefore(first, fromMs) + addedMs
  for (let { year } = first; year <= lastSearched(calendar, first.year); year += 1) {
    const total = openMsOf(calendar, year)
    if (leftMs <= total) {
      const open = yearOf(calendar, year)
      // The segment in which it is reached; equal to its end = due at closing time.
      const index = firstAbove(open.before, leftMs - 1) - 1
      return (open.starts[index] as number) + leftMs - (open.before[index] as number)
    }
    leftMs -= total
  }
  throw outOfTime()
}

/** Open seconds between two instants; 0 when `toMs` is not after `fromMs`. Throws DomainError beyond a hundred years. */
export function openSecondsBetween(calendar: Calendar, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  const first = yearAt(calendar, fromMs)
  const before = openBefore(first, fromMs)
  if (toMs < first.endMs) return (openBefore(first, toMs) - before) / 1000
  const last = yearAt(calendar, toMs)
  if (last.year - first.year > MAX_YEARS)
    throw new DomainError('invalid', 'invalid-input', `Spans of more than ${MAX_YEARS} years are not measured.`)
  let sumMs = openBefore(last, toMs) - before
  for (let { year } = first; year < last.year; year += 1) sumMs += openMsOf(calendar, year)
  return sumMs / 1000
}

/** Whether the instant lies in open time: the opening instant does, the closing instant does not. */
export function isOpen(calendar: Calendar, atMs: number): boolean {
  const open = yearAt(calendar, atMs)
  const index = firstAbove(open.starts, atMs) - 1
  return index >= 0 && atMs < (open.ends[index] as number)
}

/** The instant itself when open, else the next opening; null when there is none any more. */
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
  const { dateStarts, endMs } = yearAt(calendar, fromMs)
  return dateStarts[firstAbove(dateStarts, fromMs)] ?? endMs
}

/**
 * Close of the `n`-th business day (local date with open time) strictly after the local date of `fromMs`.
 * Throws DomainError when there is none any more.
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
  const lastYear = Math.min(yearAt(calendar, toMs).year, calendar.lastYear)
  let count = 0
  for (let { year } = yearAt(calendar, fromMs); year <= lastYear; year += 1) {
    const open = yearOf(calendar, year)
    const first = Math.max(firstAbove(open.dayStarts, afterMs - 1), firstAbove(open.dayOpens, fromMs - 1))
    const end = firstAbove(open.dayCloses, toMs)
    count += Math.max(0, end - first)
  }
  return count
}
