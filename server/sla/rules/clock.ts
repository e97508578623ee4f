/**
 * One cycle of one SLA clock: facts in, facts out. The due time is a cache that only events move; what is finished is never
 * rewritten. Breached means `now > due`; a reply at the due instant is in time. While paused there is no due time.
 */
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import {
  addOpenSeconds,
  closeOfBusinessDay,
  compileCalendar,
  isOpen,
  nextClose,
  nextOpening,
  openSecondsBetween,
  wholeBusinessDaysWithin,
  type Calendar,
} from '../../calendars/rules/calendar.ts'

export type ClockState = 'running' | 'paused' | 'met' | 'breached' | 'cancelled' | 'best-effort' | 'none'
/**
 * What the clock was promised, and what pauses mean for a target in business days: `pausedSinceMs` while one lasts,
 * `pausedDays` whole business days that ended ones covered; `receivedAtMs` from when days count of a clock that stood still from its
 * start; `usedAtDueSeconds` of a breached clock: where its overdue time begins. Kept in the row's `target`.
 */
export type ClockTarget = PlanTarget & { pausedSinceMs?: number; pausedDays?: number; receivedAtMs?: number; usedAtDueSeconds?: number }
/** One cycle of one clock, as a row of `clocks`. `breached` without `endedAtMs` is overdue and still open. */
export type ClockFacts = {
  state: ClockState
  target: ClockTarget
  calendar: CalendarSpec
  startedAtMs: number
  usedSeconds: number
  runningSinceMs: number | null
  dueAtMs: number | null
  breachedAtMs: number | null
  endedAtMs: number | null
}
/** `breachedByChange`: overdue at once because a change of level or plan left nothing. */
export type ClockChange = { clock: ClockFacts; breachedByChange: boolean }

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Start of the count for business days: registered outside hours may count as received at the next opening. */
function receiptMs(target: ClockTarget & { kind: 'business-days' }, calendar: Calendar, startedAtMs: number): number {
  const fromMs = target.receivedAtMs ?? startedAtMs
  return target.receipt === 'calendar-date' ? fromMs : (nextOpening(calendar, fromMs) ?? fromMs)
}

/** Close of the `days`-th business day of the promise, put off by the days its pauses covered. */
function closeOfDay(target: ClockTarget & { kind: 'business-days' }, calendar: Calendar, startedAtMs: number, days: number): number {
  return closeOfBusinessDay(calendar, receiptMs(target, calendar, startedAtMs), days + (target.pausedDays ?? 0))
}

/** Due time of a clock that runs on from `atMs` with `usedSeconds` behind it; null where none is owed. */
function deadline(
  target: ClockTarget,
  calendar: Calendar,
  facts: { startedAtMs: number; usedSeconds: number; atMs: number },
): number | null {
  if (target.kind === 'business-days') return closeOfDay(target, calendar, facts.startedAtMs, target.days)
  if (target.kind !== 'minutes') return null
  return addOpenSeconds(calendar, facts.atMs, target.minutes * 60 - facts.usedSeconds)
}

/** Close of the first day of a band ("1-3 business days"): when people are warned; null for every other target. */
export function bandCloseMs({ target, calendar, startedAtMs }: ClockFacts): number | null {
  if (target.kind !== 'business-days' || target.firstDays === undefined) return null
  return closeOfDay(target, compileCalendar(calendar), startedAtMs, target.firstDays)
}

function runningState(target: ClockTarget): ClockState {
  return target.kind === 'best-effort' || target.kind === 'none' ? target.kind : 'running'
}

/** Whether a clock still has something to happen to it. */
function isOver(clock: ClockFacts): boolean {
  return clock.endedAtMs !== null
}

/** Open seconds used up to `nowMs`; frozen when paused or ended. */
export function usedSecondsAt(clock: ClockFacts, nowMs: number): number {
  if (clock.runningSinceMs === null) return clock.usedSeconds
  return clock.usedSeconds + openSecondsBetween(compileCalendar(clock.calendar), clock.runningSinceMs, nowMs)
}

/** Starts a cycle. `usedSeconds` carries time over, as a reopened ticket's resolution clock does. */
export function startClock(options: { target: PlanTarget; calendar: CalendarSpec; atMs: number; usedSeconds?: number }): ClockFacts {
  const { target, calendar, atMs, usedSeconds = 0 } = options
  const clock: ClockFacts = {
    state: runningState(target),
    target,
    calendar,
    startedAtMs: atMs,
    usedSeconds,
    runningSinceMs: target.kind === 'none' ? null : atMs,
    dueAtMs: deadline(target, compileCalendar(calendar), { startedAtMs: atMs, usedSeconds, atMs }),
    breachedAtMs: null,
    endedAtMs: null,
  }
  const usedUp = target.kind === 'minutes' && usedSeconds >= target.minutes * 60
  return usedUp ? breached(clock, atMs) : clock
}

/** Overdue since `atMs`; what is used from there on is overdue time. */
function breached(clock: ClockFacts, atMs: number): ClockFacts {
  return { ...clock, state: 'breached', breachedAtMs: atMs, target: { ...clock.target, usedAtDueSeconds: usedSecondsAt(clock, atMs) } }
}

/** Open seconds that an overdue clock has run since it was due, without its pauses; 0 when it is not overdue. */
export function overdueSecondsAt(clock: ClockFacts, nowMs: number): number {
  const { usedAtDueSeconds } = clock.target
  return clock.state !== 'breached' || usedAtDueSeconds === undefined ? 0 : usedSecondsAt(clock, nowMs) - usedAtDueSeconds
}

/** The breached clock when `nowMs` is after its due time and it was not marked yet, else the very same object. */
export function breachIfDue(clock: ClockFacts, nowMs: number): ClockFacts {
  if (clock.state !== 'running' || clock.dueAtMs === null || nowMs <= clock.dueAtMs) return clock
  return breached(clock, clock.dueAtMs)
}

/** Stops the measuring; no breach and no warning can come while paused. An overdue clock stays overdue. */
export function pauseClock(before: ClockFacts, atMs: number): ClockFacts {
  const clock = breachIfDue(before, atMs)
  if (isOver(clock) || clock.runningSinceMs === null) return clock
  const stopped = { ...clock, usedSeconds: usedSecondsAt(clock, atMs), runningSinceMs: null }
  if (clock.state !== 'running') return stopped
  return { ...stopped, dueAtMs: null, state: 'paused', target: { ...clock.target, pausedSinceMs: atMs } }
}

/**
 * Goes on after a pause: the rest of the target from now; business days are put off by the whole business days that the
 * pause covered, and never end before it.
 */
export function resumeClock(clock: ClockFacts, atMs: number): ClockChange {
  if (isOver(clock) || clock.runningSinceMs !== null || clock.target.kind === 'none') return { clock, breachedByChange: false }
  if (clock.state !== 'paused') return { clock: { ...clock, runningSinceMs: atMs }, breachedByChange: false }
  const calendar = compileCalendar(clock.calendar)
  const target = endPause(clock, calendar, atMs)
  const resumed: ClockFacts = { ...clock, state: runningState(target), target, runningSinceMs: atMs }
  const dueAtMs = deadline(target, calendar, { startedAtMs: clock.startedAtMs, usedSeconds: clock.usedSeconds, atMs })
  if (target.kind === 'business-days' && dueAtMs !== null && dueAtMs <= atMs)
    return { clock: { ...resumed, dueAtMs: nextClose(calendar, atMs) }, breachedByChange: false }
  return isUsedUp(target, clock.usedSeconds) ? overdueAtOnce(resumed, atMs) : { clock: { ...resumed, dueAtMs }, breachedByChange: false }
}

/**
 * The target with the pause counted; every kind counts its days, since a later change may turn it into business days. A clock that
 * stood still from its start begins now: a report completed a minute before closing time is not due that minute.
 */
function endPause(clock: ClockFacts, calendar: Calendar, atMs: number): ClockTarget {
  const { pausedSinceMs = atMs, ...target } = clock.target
  if (pausedSinceMs === clock.startedAtMs && clock.usedSeconds === 0) return { ...target, receivedAtMs: atMs }
  const fromMs = target.kind === 'business-days' ? receiptMs(target, calendar, clock.startedAtMs) : clock.startedAtMs
  const covered = wholeBusinessDaysWithin(calendar, fromMs, pausedSinceMs, atMs)
  return covered === 0 ? target : { ...target, pausedDays: (target.pausedDays ?? 0) + covered }
}

/** The promise alone, without what happened to the clock. */
export function promisedTarget(clockTarget: ClockTarget): PlanTarget {
  const { pausedSinceMs: _since, pausedDays: _days, receivedAtMs: _from, usedAtDueSeconds: _used, ...target } = clockTarget
  return target
}

/** What earlier pauses mean for business days goes over to a new target: they are not forgotten by a change of level. */
function pausesOf({ pausedSinceMs, pausedDays, receivedAtMs }: ClockTarget): Omit<ClockTarget, keyof PlanTarget> {
  return {
    ...(pausedSinceMs === undefined ? {} : { pausedSinceMs }),
    ...(pausedDays === undefined ? {} : { pausedDays }),
    ...(receivedAtMs === undefined ? {} : { receivedAtMs }),
  }
}

/** More than the target was used: only a smaller target given during a pause does that. */
function isUsedUp(target: ClockTarget, usedSeconds: number): boolean {
  return target.kind === 'minutes' && usedSeconds > target.minutes * 60
}

function overdueAtOnce(clock: ClockFacts, atMs: number): ClockChange {
  return { clock: breached({ ...clock, dueAtMs: atMs }, atMs), breachedByChange: true }
}

/**
 * A change of level or plan: a finished or breached clock stays as it is; a running one keeps its used time and takes the
 * new target and calendar from now; a paused one takes them silently. Nothing left = overdue at once.
 */
export function retargetClock(before: ClockFacts, change: { target: PlanTarget; calendar: CalendarSpec; atMs: number }): ClockChange {
  const { calendar, atMs } = change
  const clock = breachIfDue(before, atMs)
  if (isOver(clock) || clock.state === 'breached') return { clock, breachedByChange: false }
  const target = { ...change.target, ...pausesOf(clock.target) }
  if (clock.state === 'paused' && target.kind !== 'none') return { clock: { ...clock, target, calendar }, breachedByChange: false }
  const usedSeconds = usedSecondsAt(clock, atMs)
  const compiled = compileCalendar(calendar)
  const moved: ClockFacts = {
    ...clock,
    state: runningState(target),
    target,
    calendar,
    usedSeconds,
    runningSinceMs: target.kind === 'none' ? null : atMs,
  }
  const dueAtMs = deadline(target, compiled, { startedAtMs: clock.startedAtMs, usedSeconds, atMs })
  const nothingLeft = target.kind === 'minutes' ? usedSeconds >= target.minutes * 60 : dueAtMs !== null && dueAtMs <= atMs
  return nothingLeft ? overdueAtOnce(moved, atMs) : { clock: { ...moved, dueAtMs }, breachedByChange: false }
}

/** Takes a breach back: an answer in time was logged after it. */
export function forgiveBreach(clock: ClockFacts): ClockFacts {
  const { usedAtDueSeconds: _overdueFrom, ...target } = clock.target
  return { ...clock, state: 'running', breachedAtMs: null, target }
}

/** Ends the cycle: met, or breached when late. Best effort and "when done" keep their word. A finished clock is not changed. */
export function stopClock(before: ClockFacts, atMs: number): ClockFacts {
  const clock = breachIfDue(before, atMs)
  if (isOver(clock)) return clock
  const state = clock.state === 'running' || clock.state === 'paused' ? 'met' : clock.state
  return { ...clock, state, usedSeconds: usedSecondsAt(clock, atMs), runningSinceMs: null, endedAtMs: atMs }
}

/** Ends the cycle without a verdict: merged, closed by mistake, or no longer owed. What was breached before stays breached. */
export function cancelClock(before: ClockFacts, atMs: number): ClockFacts {
  const clock = breachIfDue(before, atMs)
  if (isOver(clock)) return clock
  const state = clock.state === 'breached' ? 'breached' : 'cancelled'
  return {
    ...clock,
    ...(state === 'cancelled' ? { dueAtMs: null } : {}),
    state,
    usedSeconds: usedSecondsAt(clock, atMs),
    runningSinceMs: null,
    endedAtMs: atMs,
  }
}

/** `2 h 10 min`, as people read a length of open time. */
export function spellSeconds(seconds: number): string {
  const minutes = Math.max(0, Math.ceil(seconds / 60))
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** `Mon 16 Mar 14:20 (Europe/Stockholm)`: an instant in a calendar's own zone, which is always named. */
export function spellInstant(atMs: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
  const date = `${WEEKDAYS[local.dayOfWeek - 1]} ${local.day} ${MONTHS[local.month - 1]}`
  return `${date} ${local.toPlainTime().toString({ smallestUnit: 'minute' })} (${timeZone})`
}

/** One sentence about where the clock stands. */
export function explainClock(clock: ClockFacts, nowMs: number): string {
  const { timezone } = clock.calendar
  const left = clock.target.kind === 'minutes' ? clock.target.minutes * 60 - usedSecondsAt(clock, nowMs) : null
  switch (clock.state) {
    case 'best-effort':
      return 'best effort: measured, never overdue'
    case 'none':
      return 'no deadline'
    case 'cancelled':
      return 'cancelled'
    case 'met':
      return `met ${spellInstant(clock.endedAtMs ?? nowMs, timezone)}`
    case 'breached':
      return clock.dueAtMs === null ? 'overdue' : `overdue since ${spellInstant(clock.breachedAtMs ?? clock.dueAtMs, timezone)}`
    case 'paused':
      return left === null ? 'paused' : `paused, ${spellSeconds(left)} left`
    case 'running':
      break
  }
  const calendar = compileCalendar(clock.calendar)
  const due = clock.dueAtMs === null ? '' : `due ${spellInstant(clock.dueAtMs, timezone)}`
  const opening = isOpen(calendar, nowMs) ? null : nextOpening(calendar, nowMs)
  return opening === null ? due : `${due}; outside service hours, goes on ${spellInstant(opening, timezone)}`
}
