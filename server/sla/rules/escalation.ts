/**
 * Escalation of a clock: the steps in force, the instant of each, and what is taken when time has passed. A step is taken once a
 * cycle; after a standstill the highest passed one speaks for those below it, whose audience and line are not lost.
 */
import type { EscalationStep, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import { addOpenSeconds, compileCalendar, nextOpening, openSecondsBetween, type Calendar } from '../../calendars/rules/calendar.ts'
import { bandCloseMs, type ClockFacts } from './clock.ts'

export type Audience = EscalationStep['tell'][number]
/** One step on a clock: exactly one of its points is there. `band`: the close of the lower bound of a band of business days. */
export type ClockStep = {
  percent?: number
  overdueMinutes?: number
  afterMinutes?: number
  band?: true
  tell: readonly Audience[]
  toLine?: number
}
/** Steps of one clock and those taken in its cycle, by key. */
export type StepProgress = { steps: readonly ClockStep[]; fired: readonly string[] }
/** What is taken at once: the highest step, the keys it stands for, everybody they tell, and the highest line they lead to. */
export type StepTaken = { step: ClockStep; keys: readonly string[]; pointMs: number; tell: readonly Audience[]; toLine: number | null }

const WARNING: ClockStep = { percent: 75, tell: ['desk'] }
const BAND: ClockStep = { band: true, tell: ['desk'] }
const OVERDUE: ClockStep = { percent: 100, tell: ['desk', 'partner'] }

/** What names a step within a cycle; the same point of a later promise is the same step. */
export function stepKey(step: ClockStep): string {
  if (step.percent !== undefined) return `percent:${step.percent}`
  if (step.overdueMinutes !== undefined) return `overdue:${step.overdueMinutes}`
  if (step.afterMinutes !== undefined) return `after:${step.afterMinutes}`
  return 'band'
}

/**
 * Steps of a clock by the plan's term. Without the term the usual ones: desk at 75 %, desk and partner when overdue. A band always
 * warns at its lower bound, and a missed promise is always told to somebody. Without a target only open time counts.
 */
export function stepsFor(
  escalation: readonly EscalationStep[] | undefined,
  clock: { kind: EscalationStep['clock']; level: number; target: PlanTarget },
): ClockStep[] {
  const { kind, level, target } = clock
  if (target.kind === 'none') return []
  const own = (escalation ?? [])
    .filter(step => step.clock === kind && (step.levels?.includes(level) ?? true))
    .map(({ clock: _clock, levels: _levels, ...step }): ClockStep => step)
  if (target.kind === 'best-effort') return own.filter(step => step.afterMinutes !== undefined)
  const isBand = target.kind === 'business-days' && target.firstDays !== undefined
  const warning = isBand ? [BAND] : escalation === undefined ? [WARNING] : []
  return [...own, ...warning, ...(own.some(step => step.percent === 100) ? [] : [OVERDUE])]
}

/** A point that lies behind where the clock runs from (a change or a pause passed it) comes with the next open moment. */
function inRun(calendar: Calendar, runningSinceMs: number, pointMs: number): number {
  return pointMs > runningSinceMs ? pointMs : (nextOpening(calendar, runningSinceMs) ?? runningSinceMs)
}

/** When a running clock has used `seconds`. */
function usedUpAt(facts: ClockFacts, calendar: Calendar, runningSinceMs: number, seconds: number): number {
  return inRun(calendar, runningSinceMs, addOpenSeconds(calendar, runningSinceMs, seconds - facts.usedSeconds))
}

/** Point of a part of the target: of its minutes, or of the open time between start and due. */
function partPointMs(facts: ClockFacts, calendar: Calendar, runningSinceMs: number, due: { atMs: number; percent: number }): number {
  const { target, startedAtMs } = facts
  if (target.kind === 'minutes') return usedUpAt(facts, calendar, runningSinceMs, (target.minutes * 60 * due.percent) / 100)
  const whole = openSecondsBetween(calendar, startedAtMs, due.atMs)
  return inRun(calendar, runningSinceMs, addOpenSeconds(calendar, startedAtMs, (whole * due.percent) / 100))
}

/**
 * Instant of a step on a running clock, in its hours and under its pauses; null when it has none now: the clock stands still or is
 * over, nothing is due, or it is not overdue yet.
 */
export function stepPointMs(facts: ClockFacts, step: ClockStep): number | null {
  if (facts.endedAtMs !== null || facts.runningSinceMs === null) return null
  const { target, dueAtMs, runningSinceMs } = facts
  const calendar = compileCalendar(facts.calendar)
  if (step.afterMinutes !== undefined) return usedUpAt(facts, calendar, runningSinceMs, step.afterMinutes * 60)
  if (step.overdueMinutes !== undefined) {
    if (target.usedAtDueSeconds === undefined) return null
    return usedUpAt(facts, calendar, runningSinceMs, target.usedAtDueSeconds + step.overdueMinutes * 60)
  }
  if (dueAtMs === null) return null
  if (facts.state === 'breached' || step.percent === 100) return dueAtMs
  if (step.percent !== undefined)
    return Math.min(dueAtMs, partPointMs(facts, calendar, runningSinceMs, { atMs: dueAtMs, percent: step.percent }))
  return Math.min(dueAtMs, inRun(calendar, runningSinceMs, bandCloseMs(facts) ?? dueAtMs))
}

/** When a worker has to look: at the point; for the due instant itself a moment later, since an answer at it is in time. */
function takenFromMs(facts: ClockFacts, step: ClockStep): number | null {
  const pointMs = stepPointMs(facts, step)
  return pointMs !== null && step.percent === 100 ? pointMs + 1 : pointMs
}

function openSteps({ steps, fired }: StepProgress): ClockStep[] {
  return steps.filter(step => !fired.includes(stepKey(step)))
}

/** Next instant at which a step is to be taken; null when none is left. */
export function nextStepMs(facts: ClockFacts, progress: StepProgress): number | null {
  const instants = openSteps(progress).map(step => takenFromMs(facts, step) ?? Number.POSITIVE_INFINITY)
  const next = Math.min(...instants)
  return Number.isFinite(next) ? next : null
}

function take(passed: { step: ClockStep; pointMs: number }[]): StepTaken | null {
  const highest = passed.toSorted((one, other) => one.pointMs - other.pointMs || rank(one.step) - rank(other.step)).at(-1)
  if (!highest) return null
  const lines = passed.flatMap(({ step }) => step.toLine ?? [])
  return {
    ...highest,
    keys: passed.map(({ step }) => stepKey(step)),
    tell: [...new Set(passed.flatMap(({ step }) => step.tell))],
    toLine: lines.length === 0 ? null : Math.max(...lines),
  }
}
/** Of what falls together: the due instant, else the larger part. */
const rank = (step: ClockStep): number => step.percent ?? 0

/** What is taken at `nowMs`: every step that has passed and was not taken, as one; null when there is none. */
export function takeSteps(facts: ClockFacts, progress: StepProgress, nowMs: number): StepTaken | null {
  const passed = openSteps(progress).flatMap(step => {
    const fromMs = takenFromMs(facts, step)
    return fromMs !== null && fromMs <= nowMs ? [{ step, pointMs: stepPointMs(facts, step) ?? nowMs }] : []
  })
  return take(passed)
}

/** What a breach found by an act takes, on a clock that may have ended by it: everything up to the due instant, as one. */
export function takeOverdueSteps(facts: ClockFacts, progress: StepProgress): StepTaken | null {
  const pointMs = facts.breachedAtMs ?? facts.dueAtMs
  if (pointMs === null) return null
  return take(
    openSteps(progress)
      .filter(step => step.percent !== undefined || step.band === true)
      .map(step => ({ step, pointMs: pointMs - (step.percent === 100 ? 0 : 1) })),
  )
}
