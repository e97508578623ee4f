/** A support plan with a customer's own terms over it, and what it promises for one ticket. Nothing here knows a vendor. */
import type { TicketFlag } from '../../../shared/api/tickets/ticket-flags.ts'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { LevelTerms, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { HolidayPlace } from '../../calendars/rules/holiday-place.ts'
import type { CalendarSpec, Category, Channel, Environment, WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { compileCalendar, isOpen } from '../../calendars/rules/calendar.ts'
import type { PromiseTerms, TicketPromises } from '../../sla/rules/promise.ts'
import { calendarOf, resolveDates, type PlanDates } from './plan-calendar.ts'
import { stepsFor } from '../../sla/rules/escalation.ts'
import { spellCategory, spellTarget } from './plan-target-words.ts'

/** A plan with a customer's own terms merged in, in the customer's zone, holidays and special dates resolved. */
export type EffectivePlan = Plan & PlanDates & { timeZone: string }
export type TicketFacts = { level: LevelNumber; environment: Environment; category: Category; channel: Channel; registeredAtMs: number }
const LEVELS = [1, 2, 3, 4] as const
const ALWAYS: WeeklyHours = {
  mon: [['00:00', '24:00']],
  tue: [['00:00', '24:00']],
  wed: [['00:00', '24:00']],
  thu: [['00:00', '24:00']],
  fri: [['00:00', '24:00']],
  sat: [['00:00', '24:00']],
  sun: [['00:00', '24:00']],
}

type Counts = { devices?: Partial<Plan['devices']>; contacts?: Partial<Plan['contacts']>; cases?: Partial<Plan['cases']> }

/** Overrides with a bare number written out as the number included. */
function spelledOut(overrides: PlanOverrides): Counts {
  const { devices, contacts, cases } = overrides
  return {
    ...(devices === undefined ? {} : { devices: typeof devices === 'number' ? { included: devices } : devices }),
    ...(contacts === undefined ? {} : { contacts: typeof contacts === 'number' ? { included: contacts } : contacts }),
    ...(cases === undefined ? {} : { cases: typeof cases === 'number' ? { perMonth: cases } : cases }),
  }
}

/** Amounts agreed by id; an add-on that has one was bought and is like any other then. */
function mergeEntitlements(own: Plan['entitlements'], agreed: PlanOverrides['entitlements']): Plan['entitlements'] {
  if (agreed === undefined) return own
  if (Array.isArray(agreed)) return agreed
  return own.map(entitlement => {
    const amount = agreed[entitlement.id]
    return amount === undefined ? entitlement : { ...entitlement, amount, addOn: false }
  })
}

/** The plan with a customer's own terms: lists, hours and holidays are replaced, counts and levels merged field by field. */
export function mergePlan(plan: Plan, overrides: PlanOverrides): Plan {
  const { timeZone: _zone, devices: _devices, contacts: _contacts, cases: _cases, levels, entitlements, specialDates, ...plain } = overrides
  const counts = spelledOut(overrides)
  const level = (number: '1' | '2' | '3' | '4'): LevelTerms => ({ ...plan.levels[number], ...levels?.[number] })
  return {
    ...plan,
    ...plain,
    devices: { ...plan.devices, ...counts.devices },
    contacts: { ...plan.contacts, ...counts.contacts },
    cases: { ...plan.cases, ...counts.cases },
    entitlements: mergeEntitlements(plan.entitlements, entitlements),
    // One row a date: the customer's own row wins over the plan's.
    ...(specialDates === undefined ? {} : { specialDates: { ...plan.specialDates, ...specialDates } }),
    levels: { '1': level('1'), '2': level('2'), '3': level('3'), '4': level('4') },
  }
}

/** What is in force for one customer. `holidaysOf` gives the days of a place that close as local dates. */
export function effectivePlan(options: {
  plan: Plan
  overrides: PlanOverrides
  timeZone: string
  holidaysOf: (place: HolidayPlace) => string[]
}): EffectivePlan {
  const merged = mergePlan(options.plan, options.overrides)
  return {
    ...merged,
    timeZone: options.overrides.timeZone ?? options.timeZone,
    ...resolveDates(Array.isArray(merged.holidays) ? merged.holidays : options.holidaysOf(merged.holidays), merged.specialDates),
  }
}

/** The calendar a level's clocks run in. */
export function planCalendar(plan: EffectivePlan, level: LevelNumber): CalendarSpec {
  return calendarOf(plan, plan.levels[level].hours ?? plan.hours)
}

function takes(terms: LevelTerms, ticket: TicketFacts): boolean {
  return (terms.environments?.includes(ticket.environment) ?? true) && (terms.categories?.includes(ticket.category) ?? true)
}

/** The level that counts, and whether it is not the one asked for. */
function eligibleLevel(plan: EffectivePlan, ticket: TicketFacts): LevelNumber {
  return LEVELS.find(level => level >= ticket.level && takes(plan.levels[level], ticket)) ?? 4
}

/** `notice`: what the status notice has to say beside the status; null = nothing more. */
type Handling = { owed: 'terms' | 'best-effort' | 'nothing'; always: boolean; notice: string | null; flags: TicketFlag[]; why: string[] }

/** How the channel, the subject and the hour of registration change what is owed. */
function handling(plan: EffectivePlan, ticket: TicketFacts, level: LevelNumber): Handling {
  const result: Handling = { owed: 'terms', always: false, notice: null, flags: [], why: [] }
  const isOwn = ticket.channel === 'monitoring'
  if (isOwn && plan.monitoring === 'none') {
    result.owed = 'best-effort'
    result.why.push(`The ${plan.name} plan has no monitoring: what monitoring finds is best effort.`)
  }
  const after = plan.afterHours
  const hours = after?.kind === 'first-line-only' ? after.businessHours : plan.hours
  const isAfterHours = after !== undefined && !isOpen(compileCalendar(calendarOf(plan, hours)), ticket.registeredAtMs)
  if (after?.kind === 'levels' && after.levels.includes(level)) result.always = true
  if (isAfterHours) {
    result.flags.push('after-hours')
    if (after.kind === 'first-line-only')
      result.why.push('Registered outside business hours: the first line alone answers until they begin.')
    else if (!after.levels.includes(level)) {
      result.owed = 'best-effort'
      result.why.push(`Registered outside service hours: only level ${after.levels.join(', ')} is handled then.`)
    } else {
      result.why.push('Registered outside service hours: handled by the staff on call.')
      if (plan.estimateOnAfterHours) result.notice = 'the notice names an estimated time of resolution'
    }
  }
  if (plan.outOfScope.categories.includes(ticket.category)) {
    result.owed = 'nothing'
    result.flags.push('out-of-scope')
    const offer = { billable: 'offered as billable work', partner: 'offered to a partner', declined: 'not taken on' }[plan.outOfScope.offer]
    result.why.push(`The ${plan.name} plan does not cover ${spellCategory(ticket.category)}: no deadlines, ${offer}.`)
  }
  if (!isOwn && !plan.channels.includes(ticket.channel)) {
    result.owed = 'nothing'
    result.flags.push('channel-not-in-plan')
    result.why.push(`The ${plan.name} plan takes tickets by ${plan.channels.join(', ')}, not by ${ticket.channel}: kept without deadlines.`)
  }
  return result
}

/** What the plan owes for a ticket: targets, calendars, and every rule that changed them. Refuses nothing. */
export function promisesFor(plan: EffectivePlan, ticket: TicketFacts): TicketPromises {
  const level = eligibleLevel(plan, ticket)
  const terms = plan.levels[level]
  const { owed, always, notice, flags, why } = handling(plan, ticket, level)
  if (level !== ticket.level) {
    flags.unshift('level-not-eligible')
    why.unshift(
      `Level ${ticket.level} is not for ${ticket.environment} ${spellCategory(ticket.category)} in the ${plan.name} plan: level ${level} counts.`,
    )
  }
  const own = planCalendar(plan, level)
  const calendar: CalendarSpec = always ? { timezone: plan.timeZone, hours: ALWAYS } : own
  const promise = (kind: 'response' | 'update' | 'resolution', target: PlanTarget): PromiseTerms => {
    const given: PlanTarget =
      owed === 'terms' ? target : owed === 'nothing' || target.kind === 'none' ? { kind: 'none' } : { kind: 'best-effort' }
    const saying = kind === 'update' && owed === 'terms' && notice !== null ? `; ${notice}` : ''
    const words = owed === 'nothing' ? `no ${kind} deadline` : `${spellTarget(given)} ${kind}`
    const steps = stepsFor(plan.escalation, { kind, level, target: given })
    return { target: given, calendar, steps, why: `${words}, ${plan.name} plan, level ${level}${saying}` }
  }
  return {
    level,
    levelName: terms.name,
    response: promise('response', terms.response),
    update: promise('update', terms.update),
    updateFrom: terms.updateFromRegistration ? 'registration' : 'response',
    ...(terms.resolution ? { resolution: promise('resolution', terms.resolution) } : {}),
    waitingPausesUpdate: terms.waitingPausesUpdate ?? level !== 1,
    flags,
    why,
  }
}
