/** Opening hours of sites: checked when they are written, compiled when they are used. */
import { OpeningHours } from '../../shared/api/sla/sla-api.ts'
import { compileCalendar, type Calendar } from './rules/calendar.ts'
import { calendarFaults } from './rules/calendar-spec.ts'
import type { FieldError } from '../platform/errors.ts'
import { schemaFaults } from '../platform/schema-faults.ts'

/** What is wrong with opening hours as a person wrote them, with JSON pointers; empty = they can be used in the zone. */
export function openingFaults(openingHours: unknown, timeZone: string): FieldError[] {
  const faults = schemaFaults(OpeningHours, openingHours)
  if (faults.length > 0) return faults
  return calendarFaults({ ...(openingHours as OpeningHours), timezone: timeZone }).map(fault =>
    fault.path === '/hours'
      ? { ...fault, message: `${fault.message}, or leave the opening hours out for a place that never closes` }
      : fault,
  )
}

/** The calendar of a site; null = always open. The stored hours were checked when they were written. */
export function openingCalendar(site: { openingHours: string | null; timeZone: string }): Calendar | null {
  if (site.openingHours === null) return null
  return compileCalendar({ ...(JSON.parse(site.openingHours) as OpeningHours), timezone: site.timeZone })
}
