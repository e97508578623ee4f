/** Public holidays of a country or region as local dates. The list is large: it is loaded when somebody first asks for it. */
import type HolidayList from 'date-holidays'
import type { HolidayItem, HolidayPlaceItem } from '../../shared/api/calendars/holiday-api.ts'
import type { Holidays } from '../../shared/api/plans/plan-parts.ts'
import { DomainError, type FieldError } from '../platform/errors.ts'
import type { HolidayPlace } from './rules/holiday-place.ts'
import { HOUR_MS } from '../../shared/units.ts'

type Place = Pick<HolidayPlace, 'country' | 'region'>
/** Years around the present: clocks never look further. */
const YEARS_BACK = 1
const YEARS_AHEAD = 3
const MAX_KEPT = 500
/** Years of places already worked out. */
const known = new Map<string, HolidayItem[]>()

const load = async (): Promise<typeof HolidayList> => (await import('date-holidays')).default
/** A country without regions has no list of them. */
const regionsOf = (all: HolidayList, country: string): Record<string, string> => {
  const states: Record<string, string> | undefined = all.getStates(country, 'en')
  return states ?? {}
}
const spell = (rows: Record<string, string>): string =>
  Object.entries(rows)
    .map(([id, name]) => `${id} (${name})`)
    .join(', ')

type PlaceFault = { field: 'country' | 'region'; message: string }

/** The country's name, or what is wrong with the place. */
async function lookUp({ country, region }: Place): Promise<{ name: string; fault: PlaceFault | null }> {
  const List = await load()
  const all = new List()
  const name = Object.entries(all.getCountries('en')).find(([id]) => id === country)?.[1]
  if (name === undefined)
    return {
      name: country,
      fault: { field: 'country', message: `${country} is not a country with known holidays; GET /holidays/places lists them` },
    }
  const regions = regionsOf(all, country)
  if (region === undefined || Object.hasOwn(regions, region)) return { name, fault: null }
  const choice = Object.keys(regions).length === 0 ? 'it has none: leave the region out' : `regions are ${spell(regions)}`
  return { name, fault: { field: 'region', message: `${name} has no region ${region}; ${choice}` } }
}

async function yearOf(place: Place, year: number): Promise<HolidayItem[]> {
  const key = `${place.country}/${place.region ?? ''}/${year}`
  const before = known.get(key)
  if (before) return before
  const List = await load()
  const list = place.region === undefined ? new List(place.country) : new List(place.country, place.region)
  const items: HolidayItem[] = []
  for (const { date, start, end, name, rule, type } of list.getHolidays(year, 'en')) {
    // The date is the place's own; it is never moved through a zone. Some last more than one day, some only from noon on.
    const first = Temporal.PlainDate.from(date.slice(0, 10))
    const isWhole = date.slice(11, 16) === '00:00'
    const days = Math.max(1, Math.floor(((end.getTime() - start.getTime()) / HOUR_MS + 1.5) / 24))
    for (let day = 0; day < days; day += 1)
      items.push({ date: first.add({ days: day }).toString(), name, rule, type, closes: type === 'public' && isWhole })
  }
  items.sort((one, other) => (one.date < other.date ? -1 : one.date > other.date ? 1 : 0))
  if (known.size >= MAX_KEPT) known.clear()
  known.set(key, items)
  return items
}

/** Countries with their regions, by name. */
export async function listHolidayPlaces(): Promise<HolidayPlaceItem[]> {
  const List = await load()
  const all = new List()
  return Object.entries(all.getCountries('en'))
    .map(([country, name]) => ({
      country,
      name,
      regions: Object.entries(regionsOf(all, country)).map(([region, regionName]) => ({ region, name: regionName })),
    }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en'))
}

/** The days of a year in a place, in order. Throws DomainError `invalid` for a place that is not known. */
export async function holidaysOfYear(place: Place, year: number): Promise<HolidayItem[]> {
  const { fault } = await lookUp(place)
  if (fault)
    throw new DomainError('invalid', 'invalid-input', 'The place is wrong.', {
      errors: [{ path: `/${fault.field}`, message: fault.message }],
    })
  return yearOf(place, year)
}

/** Days of the years around the present; those of one rule have one name. */
async function daysAround(place: Place, nowMs: number): Promise<HolidayItem[]> {
  const year = new Date(nowMs).getUTCFullYear()
  const years: HolidayItem[] = []
  for (let each = year - YEARS_BACK; each <= year + YEARS_AHEAD; each += 1) years.push(...(await yearOf(place, each)))
  return years
}

/** Dates that close in a place from last year to three years ahead, after its exceptions; empty when the place is not known. */
export async function closingDates(place: HolidayPlace, nowMs: number): Promise<string[]> {
  const { except = [], also = [] } = place
  const days = await daysAround(place, nowMs)
  const closing = days.filter(({ rule, closes }) => also.includes(rule) || (closes && !except.includes(rule)))
  return [...new Set(closing.map(({ date }) => date))].sort()
}

/** What is wrong with the holidays of a plan that a schema cannot say: the place, and rules the place does not have. */
export async function holidayFaults(holidays: Holidays | undefined, nowMs: number): Promise<FieldError[]> {
  if (holidays === undefined || Array.isArray(holidays)) return []
  const { name, fault } = await lookUp(holidays)
  if (fault) return [{ path: `/holidays/${fault.field}`, message: fault.message }]
  const { except = [], also = [] } = holidays
  if (except.length + also.length === 0) return []
  const rules = new Set((await daysAround(holidays, nowMs)).map(({ rule }) => rule))
  const where = `GET /holidays?country=${holidays.country}${holidays.region === undefined ? '' : `&region=${holidays.region}`} lists them`
  const unknown = (list: readonly string[], path: string): FieldError[] =>
    list.flatMap((rule, index) =>
      rules.has(rule) ? [] : [{ path: `${path}/${index}`, message: `${name} has no holiday with the rule ${rule}; ${where}` }],
    )
  const twice = also.flatMap((rule, index) =>
    except.includes(rule) ? [{ path: `/holidays/also/${index}`, message: `${rule} is excepted as well: say one of the two` }] : [],
  )
  return [...unknown(except, '/holidays/except'), ...unknown(also, '/holidays/also'), ...twice]
}
