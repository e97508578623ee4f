/** The clocks of one ticket, moved by what happens to it. Lists in, lists out; finished cycles stay as they are. */
import { addOpenSeconds, compileCalendar, openSecondsBetween } from './calendar.ts'
import { breachIfDue, cancelClock, pauseClock, resumeClock, retargetClock, startClock, stopClock, type ClockFacts } from './clock.ts'
import type { PromiseTerms, TicketPromises } from './plan.ts'
import type { TicketStatus } from './ticket.ts'

export type ClockKind = 'response' | 'update' | 'resolution'
/** One cycle of one clock of a ticket; (kind, cycle) names it. `why` is the rule in words. */
export type TicketClock = { kind: ClockKind; cycle: number; facts: ClockFacts; warnedAtMs: number | null; why: string }
export type Clocks = readonly TicketClock[]

const KINDS = ['response', 'update', 'resolution'] as const

/** Newest cycle of a kind. */
export function latestClock(clocks: Clocks, kind: ClockKind): TicketClock | undefined {
  return clocks.findLast(clock => clock.kind === kind)
}

function isRunning(clock: TicketClock | undefined): clock is TicketClock {
  return clock !== undefined && clock.facts.endedAtMs === null
}

function replace(clocks: Clocks, before: TicketClock, facts: ClockFacts, why = before.why): Clocks {
  if (facts === before.facts && why === before.why) return clocks
  return clocks.map(clock => (clock === before ? { ...before, facts, why } : clock))
}

/** Where the reminders of an overdue update begin: one more interval without a word. Other clocks are told once. */
function withReminder(clock: TicketClock): TicketClock {
  const { facts } = clock
  if (facts.state !== 'breached') return clock
  const canRemind = clock.kind === 'update' && facts.target.kind === 'minutes' && facts.dueAtMs !== null
  const warnAtMs =
    canRemind && facts.target.kind === 'minutes'
      ? addOpenSeconds(compileCalendar(facts.calendar), facts.dueAtMs ?? 0, facts.target.minutes * 60)
      : null
  return { ...clock, facts: { ...facts, warnAtMs } }
}

function begin(clocks: Clocks, kind: ClockKind, promise: PromiseTerms, atMs: number, usedSeconds = 0): Clocks {
  const cycle = (latestClock(clocks, kind)?.cycle ?? 0) + 1
  const facts = startClock({ target: promise.target, calendar: promise.calendar, atMs, usedSeconds })
  return [...clocks, withReminder({ kind, cycle, facts, warnedAtMs: null, why: promise.why })]
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
  return stopClock(wasInTime ? { ...facts, state: 'running', breachedAtMs: null } : facts, Math.max(atMs, facts.startedAtMs))
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
      after = replace(after, clock, resumed.breachedByChange ? withReminder({ ...clock, facts: resumed.clock }).facts : resumed.clock)
    }
  }
  return { clocks: after, byChange }
}

/** A change of level or plan: open clocks take the new promise from now on; `byChange` are those it made overdue at once. */
export function retargetClocks(clocks: Clocks, promises: TicketPromises, atMs: number): { clocks: Clocks; byChange: ClockKind[] } {
  const byChange: ClockKind[] = []
  let after = clocks
  for (const kind of KINDS) {
    const promise = promises[kind]
    const clock = latestClock(after, kind)
    if (!clock && kind === 'resolution' && promise) after = begin(after, kind, promise, atMs)
    if (!isRunning(clock) || clock.facts.state === 'breached') continue
    if (!promise) {
      after = replace(after, clock, cancelClock(clock.facts, atMs), 'No longer promised.')
      continue
    }
    const { clock: facts, breachedByChange } = retargetClock(clock.facts, { ...promise, atMs })
    if (breachedByChange) byChange.push(kind)
    const moved = withReminder({ ...clock, facts })
    after = replace(
      after,
      clock,
      moved.facts,
      breachedByChange ? `${promise.why}; overdue at once because the level or plan changed` : promise.why,
    )
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
        facts.state === 'cancelled' ? `${clock.why}; resolved by itself before the answer was due` : clock.why,
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
      after = replace(after, clock, cancelClock(clock.facts, Math.max(atMs, clock.facts.startedAtMs)), `${clock.why}; closed`)
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
  if (promises.resolution)
    after = begin(after, 'resolution', promises.resolution, atMs, latestClock(after, 'resolution')?.facts.usedSeconds ?? 0)
  return after
}

export type Fired = { kind: 'warning' | 'breach'; clock: TicketClock } | { kind: 'reminder'; clock: TicketClock; missed: number }

function fireClock(clock: TicketClock, nowMs: number): { clock: TicketClock; fired: Fired | null } {
  const { facts } = clock
  const none = { clock, fired: null }
  if (facts.endedAtMs !== null || facts.runningSinceMs === null) return none
  const breached = breachIfDue(facts, nowMs)
  if (breached !== facts) {
    const after = withReminder({ ...clock, facts: breached })
    return { clock: after, fired: { kind: 'breach', clock: after } }
  }
  if (facts.warnAtMs === null || facts.warnAtMs > nowMs) return none
  if (facts.state === 'running' && clock.warnedAtMs === null) {
    const after = { ...clock, warnedAtMs: nowMs }
    return { clock: after, fired: { kind: 'warning', clock: after } }
  }
  if (facts.state !== 'breached' || facts.target.kind !== 'minutes' || facts.dueAtMs === null) return none
  const calendar = compileCalendar(facts.calendar)
  const interval = facts.target.minutes * 60
  const missed = Math.max(1, Math.floor(openSecondsBetween(calendar, facts.dueAtMs, nowMs) / interval))
  const after = { ...clock, facts: { ...facts, warnAtMs: addOpenSeconds(calendar, facts.dueAtMs, (missed + 1) * interval) } }
  return { clock: after, fired: { kind: 'reminder', clock: after, missed } }
}

/** Everything that became due: after a standstill only the highest step of each clock, once. */
export function fireClocks(clocks: Clocks, nowMs: number): { clocks: Clocks; fired: Fired[] } {
  const fired: Fired[] = []
  const after = clocks.map(clock => {
    const result = fireClock(clock, nowMs)
    if (result.fired) fired.push(result.fired)
    return result.clock
  })
  return { clocks: fired.length > 0 ? after : clocks, fired }
}

/** Next instant at which `fireClocks` has something to do; null when nothing is owed. Breached means after the due instant. */
export function nextClockDeadline(clocks: Clocks): number | null {
  let next: number | null = null
  const sooner = (atMs: number | null): void => {
    if (atMs !== null && (next === null || atMs < next)) next = atMs
  }
  for (const { facts, warnedAtMs } of clocks) {
    if (facts.endedAtMs !== null || facts.runningSinceMs === null) continue
    if (facts.state === 'running') {
      if (warnedAtMs === null) sooner(facts.warnAtMs)
      if (facts.dueAtMs !== null) sooner(facts.dueAtMs + 1)
    } else if (facts.state === 'breached') sooner(facts.warnAtMs)
  }
  return next
}
