/** Public holidays of a country or region as local dates. The list is large: it is loaded when a plan first asks for it. */
import type { HolidayPlace } from '../domain/plan.ts'

/** Years around the present: clocks never look further. */
const YEARS_BACK = 1
const YEARS_AHEAD = 3
const DAY_MS = 86_400_000
const known = new Map<string, string[]>()

/** Public holidays of the place from last year to three years ahead; empty when the place is not known. */
export async function publicHolidays(place: HolidayPlace, nowMs: number): Promise<string[]> {
  const year = new Date(nowMs).getUTCFullYear()
  const key = `${place.country}/${place.region ?? ''}/${year}`
  const before = known.get(key)
  if (before) return before
  const { default: Holidays } = await import('date-holidays')
  const list = place.region === undefined ? new Holidays(place.country) : new Holidays(place.country, place.region)
  const dates = new Set<string>()
  for (let each = year - YEARS_BACK; each <= year + YEARS_AHEAD; each += 1) {
    for (const holiday of list.getHolidays(each)) {
      if (holiday.type !== 'public') continue
      // The date is the place's own; it is never moved through a zone. Some last more than one day.
      const first = Temporal.PlainDate.from(holiday.date.slice(0, 10))
      const days = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / DAY_MS))
      for (let day = 0; day < days; day += 1) dates.add(first.add({ days: day }).toString())
    }
  }
  const sorted = [...dates].sort()
  known.set(key, sorted)
  return sorted
}
