/** Opening hours of sites, compiled. */
import type { OpeningHours } from '../../shared/api/sla-api.ts'
import { compileCalendar, type Calendar } from '../domain/calendar.ts'

/** The calendar of a site; null = always open. The stored hours were checked when they were written. */
export function openingCalendar(site: { openingHours: string | null; timeZone: string }): Calendar | null {
  if (site.openingHours === null) return null
  return compileCalendar({ ...(JSON.parse(site.openingHours) as OpeningHours), timezone: site.timeZone })
}
