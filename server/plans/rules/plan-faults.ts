/** What is wrong with a document that a person wrote, line by line: first its shape, then what a shape cannot say. */
import { schemaFaults } from '../../platform/schema-faults.ts'
import { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { LevelTerms, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec, WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import { calendarFaults } from '../../calendars/rules/calendar-spec.ts'
import type { FieldError } from '../../platform/errors.ts'
import { escalationFaults } from './escalation-faults.ts'

/** The terms that have rules beyond their shape; a whole plan and a partial one both fit. */
type CheckedTerms = {
  suggestedTimeZone?: string
  timeZone?: string
  hours?: WeeklyHours
  holidays?: unknown
  specialDates?: CalendarSpec['overrides']
  afterHours?: { kind: string; businessHours?: WeeklyHours }
  levels?: Partial<Record<string, Partial<LevelTerms>>>
}

/** A calendar that is right but for what is to be checked in it. */
const SOUND = { timezone: 'Etc/UTC', hours: { mon: [['00:00', '24:00']] } } satisfies CalendarSpec

function datedFaults(part: Pick<CalendarSpec, 'holidays' | 'overrides'>): FieldError[] {
  return calendarFaults({ ...SOUND, ...part }).map(fault => ({
    path: fault.path.replace(/^\/overrides/, '/specialDates'),
    message: fault.message,
  }))
}

function hoursFaults(hours: WeeklyHours, path: string): FieldError[] {
  return calendarFaults({ ...SOUND, hours }).map(fault => ({ path: fault.path.replace(/^\/hours/, path), message: fault.message }))
}

function targetFaults(target: PlanTarget | undefined, path: string): FieldError[] {
  if (target?.kind !== 'business-days' || target.firstDays === undefined || target.firstDays < target.days) return []
  return [{ path: `${path}/firstDays`, message: `must be less than days (${target.days})` }]
}

function ruleFaults(terms: CheckedTerms): FieldError[] {
  const faults: FieldError[] = []
  for (const name of ['suggestedTimeZone', 'timeZone'] as const) {
    const timezone = terms[name]
    const wrong = timezone === undefined ? [] : calendarFaults({ ...SOUND, timezone })
    faults.push(...wrong.map(({ message }) => ({ path: `/${name}`, message })))
  }
  if (terms.hours) faults.push(...hoursFaults(terms.hours, '/hours'))
  if (Array.isArray(terms.holidays)) faults.push(...datedFaults({ holidays: terms.holidays as string[] }))
  if (terms.specialDates) faults.push(...datedFaults({ overrides: terms.specialDates }))
  if (terms.afterHours?.businessHours) faults.push(...hoursFaults(terms.afterHours.businessHours, '/afterHours/businessHours'))
  for (const [number, level] of Object.entries(terms.levels ?? {})) {
    if (!level) continue
    if (level.hours) faults.push(...hoursFaults(level.hours, `/levels/${number}/hours`))
    for (const kind of ['response', 'update', 'resolution'] as const) faults.push(...targetFaults(level[kind], `/levels/${number}/${kind}`))
  }
  return faults
}

/** Every fault of a whole plan; empty = valid. Paths are JSON pointers. */
export function planFaults(value: unknown): FieldError[] {
  const faults = schemaFaults(Plan, value)
  if (faults.length > 0) return faults
  const wrong = ruleFaults(value as Plan)
  // Escalation is judged against hours and levels: these have to be right first.
  return wrong.length > 0 ? wrong : escalationFaults(value as Plan)
}

/** Every fault of a customer's own terms; empty = valid. */
export function overrideFaults(value: unknown): FieldError[] {
  const faults = schemaFaults(PlanOverrides, value)
  return faults.length > 0 ? faults : ruleFaults(value as CheckedTerms)
}
