/** One cycle of a clock as the recount walks it, and where its points lie. Minutes are indices of its calendar. */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { EscalationStep, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { MinuteCalendar } from './minute-calendar.ts'

export type Kind = EscalationStep['clock']
export type Step = { key: string; value: number; kind: 'percent' | 'overdue' | 'after' | 'band' }

export type Cycle = {
  kind: Kind
  cycle: number
  target: PlanTarget
  steps: Step[]
  calendar: MinuteCalendar
  start: number
  used: number
  isRunning: boolean
  isPaused: boolean
  pausedFrom: number
  pausedDays: number
  due: number | null
  isBreached: boolean
  usedAtDue: number
  hasEnded: boolean
  taken: Set<string>
  /** Points that a change or a pause has passed: they come with the next open minute. */
  late: Set<string>
  reminded: number
}

/** Whether there is something to miss. */
export const hasTarget = ({ target }: Cycle): boolean => target.kind === 'minutes' || target.kind === 'business-days'
/** Whether time is counted at all. */
export const isRunnable = (target: PlanTarget): boolean => target.kind !== 'none'

/** Steps of a clock by the plan as it is written. */
export function stepsOf(plan: Plan, kind: Kind, level: number, target: PlanTarget): Step[] {
  const steps: Step[] = []
  for (const step of plan.escalation ?? []) {
    if (step.clock !== kind || !(step.levels ?? [1, 2, 3, 4]).includes(level)) continue
    if (step.afterMinutes !== undefined) steps.push({ key: `after:${step.afterMinutes}`, kind: 'after', value: step.afterMinutes })
    else if (target.kind === 'best-effort') continue
    else if (step.percent !== undefined) steps.push({ key: `percent:${step.percent}`, kind: 'percent', value: step.percent })
    else if (step.overdueMinutes !== undefined)
      steps.push({ key: `overdue:${step.overdueMinutes}`, kind: 'overdue', value: step.overdueMinutes })
  }
  if (target.kind === 'business-days' && target.firstDays !== undefined) steps.push({ key: 'band', kind: 'band', value: target.firstDays })
  const isToldWhenDue = steps.some(step => step.key === 'percent:100')
  if (target.kind !== 'best-effort' && !isToldWhenDue) steps.push({ key: 'percent:100', kind: 'percent', value: 100 })
  return target.kind === 'none' ? [] : steps
}

/** Close of the n-th business day after the start, put off by the days that pauses covered. */
export function closeOf({ calendar, start, pausedDays }: Cycle, count: number): number {
  const date = calendar.dateOf[start] as number
  const after = calendar.days.filter(day => day.date > date)
  return after[count + pausedDays - 1]?.closes ?? Number.POSITIVE_INFINITY
}

/** Due minute of business days; null for other targets. */
export function dueOf(cycle: Cycle): number | null {
  return cycle.target.kind === 'business-days' ? closeOf(cycle, cycle.target.days) : null
}

/** Business days after the start that lie wholly within a pause. */
export function wholeDays({ calendar, start }: Cycle, from: number, to: number): number {
  const date = calendar.dateOf[start] as number
  return calendar.days.filter(day => day.date > date && day.opens >= from && day.closes <= to).length
}

/** Whether a step's point lies behind the minute; the due minute itself is no point here. */
export function isReached(cycle: Cycle, step: Step, minute: number): boolean {
  const { target, calendar, used, due } = cycle
  if (step.kind === 'after') return used >= step.value
  if (step.kind === 'overdue') return cycle.isBreached && used - cycle.usedAtDue >= step.value
  if (cycle.isBreached || step.value === 100) return false
  if (step.kind === 'band') return minute >= closeOf(cycle, step.value)
  if (target.kind === 'minutes') return used >= (target.minutes * step.value) / 100
  if (due === null || !Number.isFinite(due)) return false
  const from = calendar.openTo[cycle.start] as number
  return (calendar.openTo[minute] as number) - from >= (((calendar.openTo[due] as number) - from) * step.value) / 100
}
