/** What of a customer's terms is their own, and what about the calendar in force people should be told. */
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'

const COUNTS: Record<string, string> = { devices: 'included', contacts: 'included', cases: 'perMonth' }
/** Terms that are merged part by part; all others are replaced whole. */
const MERGED = new Set(['devices', 'contacts', 'cases', 'specialDates', 'levels', 'entitlements'])

/** Places of the customer's own terms in the plan, as JSON pointers: `/hours`, `/devices/included`, `/levels/1/response`. */
export function ownTerms(overrides: PlanOverrides): string[] {
  return Object.entries(overrides)
    .flatMap(([term, value]) => {
      const count = COUNTS[term]
      if (count !== undefined && typeof value === 'number') return [`/${term}/${count}`]
      if (!MERGED.has(term) || Array.isArray(value)) return [`/${term}`]
      const parts = Object.entries(value as Record<string, object>)
      if (term !== 'levels') return parts.map(([name]) => `/${term}/${name}`)
      return parts.flatMap(([level, terms]) => Object.keys(terms).map(name => `/levels/${level}/${name}`))
    })
    .sort()
}

/** What will be missing from the calendar when `year` is over, in sentences. No holidays chosen at all is a choice, not a gap. */
export function calendarWarnings(plan: Pick<Plan, 'holidays'> & { holidayDates: readonly string[] }, year: number): string[] {
  const { holidays, holidayDates } = plan
  const isChosen = !Array.isArray(holidays) || holidays.length > 0
  const next = String(year + 1)
  if (!isChosen || holidayDates.some(date => date.startsWith(next))) return []
  const last = holidayDates.findLast(date => date < next)
  if (Array.isArray(holidays)) {
    const gap = last === undefined ? `has no date in ${next}` : `ends on ${last}: none is known for ${next}`
    return [`The list of holidays ${gap}. Add the dates of ${next}, or choose a country.`]
  }
  const place = holidays.region === undefined ? holidays.country : `${holidays.country}, ${holidays.region}`
  return [`No holiday of ${place} falls in ${next}: clocks run on every day of the week's hours. Check the country, and what is excepted.`]
}
