/** The clocks of one ticket, moved by what happens to it. Lists in, lists out; finished cycles stay as they are. */
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import { compileCalendar } from '../../calendars/rules/calendar.ts'
import {
  cancelClock,
  forgiveBreach,
  pauseClock,
  promisedTarget,
  resumeClock,
  retargetClock,
  startClock,
  stopClock,
  type ClockFacts,
} from './clock.ts'
import type { StepProgress } from './escalation.ts'
import type { PromiseTerms, TicketPromises } from './promise.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

export type ClockKind = 'response' | 'update' | 'resolution'
/**
 * One cycle of one clock of a ticket; (kind, cycle) names it. `why` is the rule in words, `fired` are the keys of the steps taken,
 * `reminded` the update intervals missed that were told.
 */
export type TicketClock = StepProgress & { kind: ClockKind; cycle: number; facts: ClockFacts; reminded: number; why: string }
export type Clocks = readonly TicketClock[]

const KINDS = ['response', 'update', 'resolution'] as const

/** Newest cycle of a kind. */
export function latestClock(clocks: Clocks, kind: ClockKind): TicketClock | undefined {
  return clocks.findLast(clock => clock.kind === kind)
}

function latestUsedSeconds(clocks: Clocks, kind: ClockKind): number {
  return latestClock(clocks, kind)?.facts.usedSeconds ?? 0
}

function isRunning(clock: TicketClock | undefined): clock is TicketClock {
  return clock !== undefined && clock.facts.endedAtMs === null
}

function replace(clocks: Clocks, before: TicketClock, facts: ClockFacts, more: Partial<Pick<TicketClock, 'why' | 'steps'>> = {}): Clocks {
  if (facts === before.facts && (more.why ?? before.why) === before.why && more.steps === undefined) return clocks
  return clocks.map(clock => (clock === before ? { ...before, ...more, facts } : clock))
}

function begin(clocks: Clocks, kind: ClockKind, promise: PromiseTerms, atMs: number, usedSeconds = 0): Clocks {
  const cycle = (latestClock(clocks, kind)?.cycle ?? 0) + 1
  const facts = startClock({ target: promise.target, calendar: promise.calendar, atMs, usedSeconds })
  return [...clocks, { kind, cycle, facts, steps: promise.steps, fired: [], reminded: 0, why: promise.why }]
}

/** Clocks of a new ticket: response and resolution from registration, the update from the response unless promised from registration. */
export function registerClocks(promises: TicketPromises, atMs: number): Clocks {
  let clocks = begin([], 'response', promises.response, atMs)
  if (promises.updateFrom === 'registration') clocks = begin(clocks, 'update', promises.update, atMs)
  return promises.resolution ? begin(clocks, 'resolution', promises.resolution, atMs) : clocks
}

/** Ends a cycle by an answer at `atMs`. A call in time that is logged after the breach was noticed was in time. */
function answeredAt(facts: ClockFacts, atMs: number): ClockFacts {
  const wasInTime = facts.state === 'breached' && facts.dueAtMs !== null && atMs <= facts.dueAtMs && facts.runningSinceMs !== null
  return stopClock(wasInTime ? forgiveBreach(facts) : facts, Math.max(atMs, facts.startedAtMs))
}

/** A public word by a person: the response is met, an update cycle ends and the next begins. */
export function answerClocks(clocks: Clocks, promises: TicketPromises, atMs: number): Clocks {
  const response = latestClock(clocks, 'response')
  let after = isRunning(response) ? replace(clocks, response, answeredAt(response.facts, atMs)) : clocks
  const update = latestClock(after, 'update')
  // A call logged late, from before the running cycle began, is older than what that cycle answers to.
  if (isRunning(update) && atMs < update.facts.startedAtMs) return after
  if (isRunning(update)) after = replace(after, update, answeredAt(update.facts, atMs))
  return begin(after, 'update', promises.update, atMs)
}

/** Which clocks stand still in a status. */
export type PauseTerms = { waitingPausesUpdate: boolean; waitingPartnerPauses: boolean }
function standsStill(kind: ClockKind, status: TicketStatus, terms: PauseTerms): boolean {
  if (status === 'waiting-information') return true
  if (status === 'waiting-partner') return kind === 'resolution' && terms.waitingPartnerPauses
  if (status !== 'waiting-customer' || kind === 'response') return false
  return kind === 'resolution' || terms.waitingPausesUpdate
}

/** Pauses and resumes the open clocks as the status says. `byChange`: kinds overdue at once because a smaller target came in a pause. */
export function setClocksToStatus(
  clocks: Clocks,
  status: TicketStatus,
  terms: PauseTerms,
  atMs: number,
): { clocks: Clocks; byChange: ClockKind[] } {
  const byChange: ClockKind[] = []
  let after = clocks
  for (const kind of KINDS) {
    const clock = latestClock(after, kind)
    if (!isRunning(clock)) continue
    if (standsStill(kind, status, terms)) after = replace(after, clock, pauseClock(clock.facts, atMs))
    else {
      const resumed = resumeClock(clock.facts, atMs)
      if (resumed.breachedByChange) byChange.push(kind)
      after = replace(after, clock, resumed.clock)
    }
  }
  return { clocks: after, byChange }
}

/** Equal calendars are compiled once, as long as they are remembered. */
function isSameCalendar(one: CalendarSpec, other: CalendarSpec): boolean {
  return compileCalendar(one) === compileCalendar(other) || JSON.stringify(one) === JSON.stringify(other)
}

/** Whether the clock runs under this very promise already: then a change of plan says nothing new to it. */
function isPromised({ facts, steps, why }: TicketClock, promise: PromiseTerms): boolean {
  const same = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other)
  const isSame = why === promise.why || why === overdueByChange(promise)
  return (
    isSame &&
    same(promisedTarget(facts.target), promise.target) &&
    same(steps, promise.steps) &&
    isSameCalendar(facts.calendar, promise.calendar)
  )
}
const overdueByChange = (promise: PromiseTerms): string => `${promise.why}; overdue at once because the level or plan changed`

/**
 * A change of level or plan: open clocks take the new promise from now on, with its steps; `byChange` are those it made overdue at
 * once. A clock whose promise stays the same stays the same object.
 */
export function retargetClocks(clocks: Clocks, promises: TicketPromises, atMs: number): { clocks: Clocks; byChange: ClockKind[] } {
  const byChange: ClockKind[] = []
  let after = clocks
  for (const kind of KINDS) {
    const promise = promises[kind]
    const clock = latestClock(after, kind)
    if (!isRunning(clock)) {
      // Promised anew: what an earlier cycle used is not forgotten.
      if (kind === 'resolution' && promise) after = begin(after, kind, promise, atMs, latestUsedSeconds(after, kind))
      // The new level owes its first notice without waiting for an answer.
      if (kind === 'update' && !clock && promises.updateFrom === 'registration') after = begin(after, kind, promises.update, atMs)
      continue
    }
    if (clock.facts.state === 'breached') continue
    if (!promise) {
      after = replace(after, clock, cancelClock(clock.facts, atMs), { why: 'No longer promised.' })
      continue
    }
    if (isPromised(clock, promise)) continue
    const { clock: facts, breachedByChange } = retargetClock(clock.facts, { ...promise, atMs })
    if (breachedByChange) byChange.push(kind)
    after = replace(after, clock, facts, { why: breachedByChange ? overdueByChange(promise) : promise.why, steps: promise.steps })
  }
  return { clocks: after, byChange }
}

/**
 * The ticket is resolved. By a person: what was open was answered by it. By the monitoring, at the recovery instant: an answer
 * that was not yet due is not owed any more.
 */
export function resolveClocks(clocks: Clocks, by: 'person' | 'monitoring', atMs: number): Clocks {
  let after = clocks
  for (const kind of KINDS) {
    const clock = latestClock(after, kind)
    if (!isRunning(clock)) continue
    const endMs = Math.max(atMs, clock.facts.startedAtMs)
    const isOwed = clock.facts.target.kind === 'minutes' || clock.facts.target.kind === 'business-days'
    if (kind === 'response' && by === 'monitoring' && isOwed) {
      const facts = cancelClock(clock.facts, endMs)
      after = replace(
        after,
        clock,
        facts,
        facts.state === 'cancelled' ? { why: `${clock.why}; resolved by itself before the answer was due` } : {},
      )
    } else after = replace(after, clock, kind === 'response' ? answeredAt(clock.facts, endMs) : stopClock(clock.facts, endMs))
  }
  return after
}

/** Closed without being resolved: nothing is owed any more. */
export function closeClocks(clocks: Clocks, atMs: number): Clocks {
  let after = clocks
  for (const kind of KINDS) {
    const clock = latestClock(after, kind)
    if (isRunning(clock))
      after = replace(after, clock, cancelClock(clock.facts, Math.max(atMs, clock.facts.startedAtMs)), { why: `${clock.why}; closed` })
  }
  return after
}

/**
 * The ticket is open again: the first answer is owed anew only if it never was given; updates start again from now; the
 * resolution goes on with the time it has used, the closed span does not count.
 */
export function reopenClocks(clocks: Clocks, promises: TicketPromises, atMs: number): Clocks {
  let after = clocks
  const isUnanswered = latestClock(after, 'response')?.facts.state === 'cancelled'
  if (isUnanswered) after = begin(after, 'response', promises.response, atMs)
  if (!isUnanswered || promises.updateFrom === 'registration') after = begin(after, 'update', promises.update, atMs)
  if (promises.resolution) after = begin(after, 'resolution', promises.resolution, atMs, latestUsedSeconds(after, 'resolution'))
  return after
}

/**
 * A case that waited for its approval is owed everything from now on: the cycles that ran without a promise end, new ones begin.
 * What was answered before is not owed again.
 */
export function approveClocks(clocks: Clocks, promises: TicketPromises, atMs: number): Clocks {
  let after = clocks
  const isAnswered = (latestClock(after, 'response')?.facts.endedAtMs ?? null) !== null
  for (const kind of KINDS) {
    const clock = latestClock(after, kind)
    if (isRunning(clock)) after = replace(after, clock, cancelClock(clock.facts, atMs), { why: `${clock.why}; approved` })
  }
  if (!isAnswered) after = begin(after, 'response', promises.response, atMs)
  if (isAnswered || promises.updateFrom === 'registration') after = begin(after, 'update', promises.update, atMs)
  return promises.resolution ? begin(after, 'resolution', promises.resolution, atMs) : after
}
