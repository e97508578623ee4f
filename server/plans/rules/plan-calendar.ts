/** From a plan's terms to the calendar its clocks run in: the one place where hours, holidays and special dates meet. */
import type { CalendarSpec, WeeklyHours } from '../../../shared/api/sla/sla-api.ts'

type Intervals = NonNullable<WeeklyHours['mon']>
/** When a plan is open beside its weekly hours: whole days that close, and dates with hours of their own. */
export type PlanDates = { holidayDates: string[]; specialHours: Record<string, Intervals> }

/**
 * One row a date: a special date beats a holiday. One with hours is no holiday any more, one without is closed like a holiday.
 * Dates come back in order, each once.
 */
export function resolveDates(holidays: readonly string[], specialDates: Readonly<Record<string, Intervals>> = {}): PlanDates {
  const closed = new Set(holidays)
  const specialHours: PlanDates['specialHours'] = {}
  for (const [date, intervals] of Object.entries(specialDates)) {
    if (intervals.length === 0) closed.add(date)
    else {
      closed.delete(date)
      specialHours[date] = intervals
    }
  }
  return { holidayDates: [...closed].sort(), specialHours }
}

/** Plans in force are never changed: the calendar of the same hours is the same document, and compiled once. */
const known = new WeakMap<PlanDates, Map<WeeklyHours, CalendarSpec>>()

/** The calendar of some weekly hours under a plan's zone, holidays and special dates. */
export function calendarOf(plan: PlanDates & { timeZone: string }, hours: WeeklyHours): CalendarSpec {
  const calendars = known.get(plan) ?? new Map<WeeklyHours, CalendarSpec>()
  known.set(plan, calendars)
  const hasSpecial = Object.keys(plan.specialHours).length > 0
  const calendar = calendars.get(hours) ?? {
    timezone: plan.timeZone,
    hours,
    holidays: plan.holidayDates,
    ...(hasSpecial ? { overrides: plan.specialHours } : {}),
  }
  calendars.set(hours, calendar)
  return calendar
}
