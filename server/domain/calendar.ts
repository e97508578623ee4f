/**
 * Open service time in one calendar. Instants are epoch ms; what is counted is real elapsed time inside open segments
 * [start, end). Convention: what would fall exactly on closing time is due at closing time. Searches end with the last date
 * on which anything can be open, after a thousand years, or with the year 9999.
 */
import type { CalendarSpec } from '../../shared/api/sla-api.ts'
import { parseCalendar, type ParsedCalendar } from './calendar-spec.ts'
import { firstAbove, openYear, type OpenYear } from './calendar-year.ts'
import { DomainError } from './errors.ts'

/** A checked calendar; holds the years already worked out. */
export type Calendar = {
  readonly timeZone: string
  readonly parsed: ParsedCalendar
  /** Last local year in which anything can be open. */
  readonly lastYear: number
  readonly years: Map<number, OpenYear>
}

const DAY_MS = 86_400_000
const MAX_CALENDARS = 200
const MAX_YEARS_KEPT = 12
/** A year takes some fifty microseconds to work out: a search of this length stays below a tenth of a second. */
const MAX_YEARS = 1000
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
    calendar = { timeZone: parsed.timeZone, parsed, lastYear: lastYearOf(parsed), years: new Map() }
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
  return built
}

/** The local year an instant lies in. The year in UTC is right but for some hours around New Year. */
function yearAt(calendar: Calendar, atMs: number): OpenYear {
  const year = new Date(atMs).getUTCFullYear()
  const open = yearOf(calendar, year)
  if (atMs < open.startMs) return yearOf(calendar, year - 1)
  return atMs >= open.endMs ? yearOf(calendar, year + 1) : open
}

/** The years from the instant's own on, as far as a search goes. */
function* yearsFrom(calendar: Calendar, atMs: number): Generator<OpenYear> {
  const first = yearAt(calendar, atMs)
  yield first
  const last = Math.min(first.year + MAX_YEARS - 1, calendar.lastYear)
  for (let year = first.year + 1; year <= last; year += 1) yield yearOf(calendar, year)
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

/** Open seconds between two instants; 0 when `toMs` is not after `fromMs`. Throws DomainError beyond a thousand years. */
export function openSecondsBetween(calendar: Calendar, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  const first = yearAt(calendar, fromMs)
  if (toMs < first.endMs) return (openBefore(first, toMs) - openBefore(first, fromMs)) / 1000
  const lastYear = yearAt(calendar, toMs).year
  if (lastYear - first.year > MAX_YEARS)
    throw new DomainError('invalid', 'invalid-input', `Spans of more than ${MAX_YEARS} years are not measured.`)
  let sumMs = 0
  for (let { year } = first; year <= Math.min(lastYear, calendar.lastYear); year += 1) {
    const open = yearOf(calendar, year)
    sumMs += openBefore(open, toMs) - openBefore(open, fromMs)
  }
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
