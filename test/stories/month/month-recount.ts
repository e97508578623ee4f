/**
 * What the clocks of a month should have done, counted by a walk over its minutes from the histories of the tickets and the plans as
 * they are written. It shares no code with the server: where both agree, both are likely right.
 */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import { walkCalendar, type MinuteCalendar } from './minute-calendar.ts'
import { closeOf, dueOf, hasTarget, isReached, isRunnable, stepsOf, wholeDays, type Cycle, type Kind, type Step } from './month-cycle.ts'

const MINUTE_MS = 60_000
/** A line of a ticket's history, in order; `atMs` on a whole minute. */
export type Fact = {
  atMs: number
  kind: string
  text: string
  author: string
  isPublic: boolean
  data: { from?: string; to?: string } | null
}
export type CountedTicket = { key: string; planId: string; level: number; isMonitored: boolean; waitsForApproval: boolean; facts: Fact[] }
export type CountedCustomer = { plan: Plan; timeZone: string; holidays: readonly string[] }

/** Walks tickets of one month. `linesOf` gives `ticket clock cycle what step @minute`, in any order. */
export function makeRecount(span: { startMs: number; minutes: number; marginMinutes: number }) {
  const fromMs = span.startMs - span.marginMinutes * MINUTE_MS
  const size = span.minutes + 2 * span.marginMinutes
  const end = span.marginMinutes + span.minutes
  const calendars = new Map<string, MinuteCalendar>()
  const indexOf = (atMs: number): number => Math.round((atMs - fromMs) / MINUTE_MS)

  const calendarOf = ({ plan, timeZone, holidays }: CountedCustomer, level: number): MinuteCalendar => {
    const isAlways = plan.afterHours?.kind === 'levels' && plan.afterHours.levels.includes(level)
    const all: [string, string][] = [['00:00', '24:00']]
    const hours = isAlways ? { mon: all, tue: all, wed: all, thu: all, fri: all, sat: all, sun: all } : plan.hours
    const terms = { timeZone, hours, holidays: isAlways ? [] : holidays }
    const key = JSON.stringify(terms)
    const known = calendars.get(key) ?? walkCalendar(terms, fromMs, size)
    calendars.set(key, known)
    return known
  }

  const walkTicket = (ticket: CountedTicket, customer: CountedCustomer, lines: string[]): void => {
    const { plan } = customer
    const cycles: Cycle[] = []
    let { level } = ticket
    let status = 'new'
    let isOwed = !ticket.waitsForApproval
    let minute = 0

    const tell = (cycle: Cycle, what: string, step = ''): void =>
      void lines.push(`${ticket.key} ${cycle.kind} ${cycle.cycle} ${what}${step === '' ? '' : ` ${step}`} @${minute - span.marginMinutes}`)
    const latest = (kind: Kind): Cycle | undefined => cycles.findLast(cycle => cycle.kind === kind)
    const open = (kind: Kind): Cycle | undefined => {
      const cycle = latest(kind)
      return cycle && !cycle.hasEnded ? cycle : undefined
    }

    // What the plan says.
    const targetOf = (kind: Kind): PlanTarget | undefined => {
      const terms = plan.levels[`${level}` as '1']
      const target = terms[kind]
      if (!target || !isOwed) return target && { kind: 'none' }
      if (ticket.isMonitored && plan.monitoring === 'none' && target.kind !== 'none') return { kind: 'best-effort' }
      return target
    }
    // Steps.
    const take = (cycle: Cycle, step: Step): void => {
      cycle.taken.add(step.key)
      tell(cycle, step.kind === 'band' || (step.kind === 'percent' && step.value < 100) ? 'warned' : 'escalated', step.key)
    }
    /** Several at one point: the highest speaks. */
    const takeTogether = (cycle: Cycle, steps: Step[]): void => {
      const highest = steps.toSorted((one, other) => one.value - other.value).at(-1)
      for (const step of steps) {
        cycle.late.delete(step.key)
        if (step === highest) take(cycle, step)
        else {
          cycle.taken.add(step.key)
          tell(cycle, 'passed-over', step.key)
        }
      }
    }
    const untaken = (cycle: Cycle): Step[] => cycle.steps.filter(step => !cycle.taken.has(step.key))
    const takeLate = (cycle: Cycle): void => {
      if (cycle.isRunning && !cycle.hasEnded && cycle.calendar.open[minute] === 1)
        takeTogether(
          cycle,
          untaken(cycle).filter(step => cycle.late.has(step.key)),
        )
    }
    const noteLate = (cycle: Cycle): void => {
      if (cycle.isRunning && !cycle.isBreached)
        for (const step of untaken(cycle)) if (isReached(cycle, step, minute)) cycle.late.add(step.key)
    }
    const breach = (cycle: Cycle, isByChange: boolean): void => {
      cycle.isBreached = true
      cycle.usedAtDue = cycle.used
      tell(cycle, 'breached')
      const steps = untaken(cycle).filter(step => step.kind === 'percent' || step.kind === 'band')
      if (isByChange) takeTogether(cycle, steps)
      else for (const step of steps) if (step.value === 100) take(cycle, step)
    }

    // Acts on one cycle.
    const begin = (kind: Kind, used = 0): void => {
      const target = targetOf(kind)
      if (!target) return
      const cycle: Cycle = {
        kind,
        cycle: (latest(kind)?.cycle ?? 0) + 1,
        target,
        steps: stepsOf(plan, kind, level, target),
        calendar: calendarOf(customer, level),
        start: minute,
        used,
        isRunning: isRunnable(target),
        isPaused: false,
        pausedFrom: 0,
        pausedDays: 0,
        due: null,
        isBreached: false,
        usedAtDue: 0,
        hasEnded: false,
        taken: new Set(),
        late: new Set(),
        reminded: 0,
      }
      cycle.due = dueOf(cycle)
      cycles.push(cycle)
      tell(cycle, 'started')
      noteLate(cycle)
    }
    const finish = (cycle: Cycle | undefined, how: 'answer' | 'cancel'): void => {
      if (!cycle) return
      cycle.hasEnded = true
      const met = how === 'cancel' ? 'cancelled' : hasTarget(cycle) ? 'met' : 'ended'
      tell(cycle, cycle.isBreached ? 'ended' : met, `used:${cycle.used}`)
    }
    const standsStill = (kind: Kind): boolean => {
      if (status === 'waiting-partner') return kind === 'resolution' && plan.waitingPartnerPauses
      if (status !== 'waiting-customer' || kind === 'response') return false
      return kind === 'resolution' || (plan.levels[`${level}` as '1'].waitingPausesUpdate ?? level !== 1)
    }
    /** Pauses and goes on as status and level say. `before`: which cycles ran before the act, and on what. */
    const follow = (before: Map<Cycle, { isRunning: boolean; wasNone: boolean }>): void => {
      for (const cycle of cycles) {
        if (cycle.hasEnded || !isRunnable(cycle.target)) continue
        const isStill = standsStill(cycle.kind)
        if (isStill && cycle.isRunning) {
          cycle.isRunning = false
          if (!cycle.isBreached && hasTarget(cycle)) {
            cycle.isPaused = true
            cycle.pausedFrom = minute
          }
        } else if (!isStill && !cycle.isRunning) {
          cycle.isRunning = true
          if (cycle.isPaused) resume(cycle)
        }
      }
      for (const cycle of cycles) {
        if (cycle.hasEnded) continue
        const old = before.get(cycle)
        const isTold = isRunnable(cycle.target)
        if (!cycle.isRunning && isTold && (old === undefined || old.isRunning)) tell(cycle, 'paused')
        if (cycle.isRunning && old && !old.isRunning && !old.wasNone) tell(cycle, 'resumed')
      }
    }
    const resume = (cycle: Cycle): void => {
      cycle.isPaused = false
      cycle.pausedDays += wholeDays(cycle, cycle.pausedFrom, minute)
      if (cycle.target.kind === 'business-days') {
        const due = closeOf(cycle, cycle.target.days)
        cycle.due = due <= minute ? (cycle.calendar.days.find(day => day.closes > minute)?.closes ?? due) : due
      }
      if (cycle.target.kind === 'minutes' && cycle.used > cycle.target.minutes) breach(cycle, true)
      else noteLate(cycle)
    }
    const retarget = (): void => {
      for (const kind of ['response', 'update', 'resolution'] as const) {
        const cycle = open(kind)
        const target = targetOf(kind)
        // a level that owes its notice from the registration owes it from the raise
        if (kind === 'update' && !latest(kind) && plan.levels[`${level}` as '1'].updateFromRegistration) begin(kind)
        if (!cycle || !target || cycle.isBreached) continue
        cycle.target = target
        cycle.steps = stepsOf(plan, kind, level, target)
        cycle.calendar = calendarOf(customer, level)
        cycle.late.clear()
        if (cycle.isPaused && isRunnable(target)) continue
        cycle.isPaused = false
        cycle.isRunning = isRunnable(target)
        cycle.due = dueOf(cycle)
        const isUsedUp = target.kind === 'minutes' ? cycle.used >= target.minutes : cycle.due !== null && cycle.due <= minute
        if (isUsedUp) breach(cycle, true)
        else noteLate(cycle)
      }
    }
    const reopen = (): void => {
      const isUnanswered = lastEnd.get('response') === 'cancelled'
      const used = latest('resolution')?.used ?? 0
      if (isUnanswered) begin('response')
      if (!isUnanswered || plan.levels[`${level}` as '1'].updateFromRegistration) begin('update')
      begin('resolution', used)
    }
    const lastEnd = new Map<Kind, string>()
    const endAll = (how: (kind: Kind, cycle: Cycle) => 'answer' | 'cancel'): void => {
      for (const kind of ['response', 'update', 'resolution'] as const) {
        const cycle = open(kind)
        if (!cycle) continue
        const way = how(kind, cycle)
        lastEnd.set(kind, way === 'cancel' && !cycle.isBreached ? 'cancelled' : 'done')
        finish(cycle, way)
      }
    }

    const act = (fact: Fact): void => {
      const before = new Map(cycles.map(cycle => [cycle, { isRunning: cycle.isRunning, wasNone: !isRunnable(cycle.target) }] as const))
      const isOpen = status !== 'resolved' && status !== 'closed'
      if (fact.kind === 'opened') {
        begin('response')
        if (plan.levels[`${level}` as '1'].updateFromRegistration) begin('update')
        begin('resolution')
      } else if (fact.kind === 'message' && fact.author === 'person' && fact.isPublic && isOpen) {
        const response = open('response')
        if (response) lastEnd.set('response', 'done')
        finish(response, 'answer')
        finish(open('update'), 'answer')
        begin('update')
      } else if (fact.kind === 'level') {
        level = Number(/became (\d)/.exec(fact.text)?.[1])
        retarget()
      } else if (fact.kind === 'approved') {
        const isAnswered = latest('response')?.hasEnded === true
        isOwed = true
        endAll(() => 'cancel')
        if (!isAnswered) begin('response')
        if (isAnswered || plan.levels[`${level}` as '1'].updateFromRegistration) begin('update')
        begin('resolution')
      } else if (fact.kind === 'resolved') {
        status = 'resolved'
        endAll((kind, cycle) => (kind === 'response' && hasTarget(cycle) ? 'cancel' : 'answer'))
      } else if (fact.kind === 'closed') {
        status = 'closed'
        endAll(() => 'cancel')
      } else if (fact.kind === 'reopened') {
        if (!isOpen) reopen()
        status = isOpen ? status : 'in-progress'
      } else if (fact.kind === 'status') {
        status = fact.data?.to ?? status
        if (status === 'resolved') endAll(() => 'answer')
        else if (status === 'closed') endAll(() => 'cancel')
        else if (!isOpen) reopen()
      }
      if (status !== 'resolved' && status !== 'closed') follow(before)
    }

    const facts = ticket.facts.map(fact => ({ ...fact, minute: indexOf(fact.atMs) }))
    let next = 0
    for (minute = facts[0]?.minute ?? end; minute <= end; minute += 1) {
      const live = cycles.filter(cycle => !cycle.hasEnded && cycle.isRunning)
      for (const cycle of live) {
        // The minute that has just passed.
        if (cycle.calendar.open[minute - 1] === 1) {
          cycle.used += 1
          for (const step of untaken(cycle)) if (!cycle.late.has(step.key) && isReached(cycle, step, minute)) take(cycle, step)
          const interval = cycle.kind === 'update' && cycle.isBreached && cycle.target.kind === 'minutes' ? cycle.target.minutes : null
          if (interval !== null && Math.floor((cycle.used - cycle.usedAtDue) / interval) > cycle.reminded) {
            cycle.reminded += 1
            tell(cycle, 'reminded', String(cycle.reminded))
          }
        }
        takeLate(cycle)
      }
      const isActed = facts[next]?.minute === minute
      for (let fact = facts[next]; fact?.minute === minute; next += 1, fact = facts[next]) act(fact)
      for (const cycle of isActed ? cycles : live) {
        if (cycle.hasEnded || !cycle.isRunning) continue
        if (isActed) takeLate(cycle)
        const isOver = cycle.target.kind === 'minutes' ? cycle.used >= cycle.target.minutes : cycle.due !== null && minute >= cycle.due
        if (!cycle.isBreached && isOver && minute < end) breach(cycle, false)
      }
      if (next >= facts.length && cycles.every(cycle => cycle.hasEnded || !cycle.isRunning)) break
    }
  }

  return {
    /** Every line that the clocks of these tickets should have. */
    linesOf(tickets: readonly CountedTicket[], customers: ReadonlyMap<string, CountedCustomer>): string[] {
      const lines: string[] = []
      for (const ticket of tickets) {
        const customer = customers.get(ticket.planId)
        if (customer) walkTicket(ticket, customer, lines)
      }
      return lines
    },
  }
}
