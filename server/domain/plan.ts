import type { Holidays, Plan, PlanOverrides, PlanTarget } from '../../shared/api/plan-api.ts'
import type { CalendarSpec, Category, Channel, Environment } from '../../shared/api/sla-api.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import type { FieldError } from './errors.ts'

/** A plan with a customer's own terms merged in, in the customer's zone, holidays resolved to dates. */
export type EffectivePlan = Plan & { timeZone: string; holidayDates: string[] }
export type HolidayPlace = Exclude<Holidays, string[]>
/** Every fault of a plan as a person wrote it; empty = valid. */
export declare function planFaults(value: unknown): FieldError[]
export declare function overrideFaults(value: unknown): FieldError[]
export declare function mergePlan(plan: Plan, overrides: PlanOverrides): Plan
export declare function effectivePlan(options: {
  plan: Plan
  overrides: PlanOverrides
  timeZone: string
  /** Public holidays of a place as local dates. */
  holidaysOf: (place: HolidayPlace) => string[]
}): EffectivePlan
export declare function planCalendar(plan: EffectivePlan, level: LevelNumber): CalendarSpec

export type PromiseTerms = { target: PlanTarget; calendar: CalendarSpec; why: string }
export type TicketPromises = {
  /** The level that counts: the asked one, or the next one down that takes this environment and category. */
  level: LevelNumber
  levelName: string
  response: PromiseTerms
  /** Starts at the response, or at registration when `updateFrom` says so. */
  update: PromiseTerms
  updateFrom: 'response' | 'registration'
  resolution?: PromiseTerms
  /** waiting-customer stops the update clock too. */
  waitingPausesUpdate: boolean
  flags: string[]
  why: string[]
}
export declare function promisesFor(
  plan: EffectivePlan,
  ticket: { level: LevelNumber; environment: Environment; category: Category; channel: Channel; registeredAtMs: number },
): TicketPromises
/** 'due 14:20: 30 min response, Production plan, level 1' */
export declare function whyDue(promise: PromiseTerms, dueAtMs: number | null): string
