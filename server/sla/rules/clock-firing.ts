/** What the clocks of a ticket do by themselves when time passes: breaches, steps of the escalation, reminders. Each is done once. */
import { addOpenSeconds, compileCalendar } from '../../calendars/rules/calendar.ts'
import { breachIfDue, overdueSecondsAt } from './clock.ts'
import { nextStepMs, takeOverdueSteps, takeSteps, type StepTaken } from './escalation.ts'
import type { Clocks, TicketClock } from './ticket-clocks.ts'

/** `clock` as it is after it. `missed`: whole update intervals without a word since the clock was due. */
export type Fired = { clock: TicketClock } & (
  | { kind: 'breach' }
  | { kind: 'steps'; taken: StepTaken }
  | { kind: 'reminder'; missed: number; pointMs: number }
)

/** Interval of the reminders of an overdue update; null for every other clock. */
function reminderSeconds({ kind, facts }: TicketClock): number | null {
  const isOverdueUpdate = kind === 'update' && facts.state === 'breached' && facts.target.kind === 'minutes'
  return isOverdueUpdate && facts.target.kind === 'minutes' ? facts.target.minutes * 60 : null
}

/** Instant of the reminder after `missed` whole intervals; null when there is none. */
function reminderPointMs(clock: TicketClock, missed: number): number | null {
  const { facts } = clock
  const interval = reminderSeconds(clock)
  if (interval === null || facts.runningSinceMs === null || facts.target.usedAtDueSeconds === undefined) return null
  const seconds = facts.target.usedAtDueSeconds + missed * interval - facts.usedSeconds
  return addOpenSeconds(compileCalendar(facts.calendar), facts.runningSinceMs, seconds)
}

function withSteps(clock: TicketClock, taken: StepTaken): TicketClock {
  return { ...clock, fired: [...clock.fired, ...taken.keys] }
}

function fireClock(before: TicketClock, nowMs: number): Fired[] {
  if (before.facts.endedAtMs !== null || before.facts.runningSinceMs === null) return []
  const fired: Fired[] = []
  let clock = before
  const facts = breachIfDue(clock.facts, nowMs)
  if (facts !== clock.facts) {
    clock = { ...clock, facts }
    fired.push({ kind: 'breach', clock })
  }
  const taken = takeSteps(facts, clock, nowMs)
  if (taken) {
    clock = withSteps(clock, taken)
    fired.push({ kind: 'steps', clock, taken })
  }
  const interval = reminderSeconds(clock)
  // In whole milliseconds, as instants are: sums of fractions must not fall short of the interval they make up.
  const missed = interval === null ? 0 : Math.floor(Math.round(overdueSecondsAt(facts, nowMs) * 1000) / (interval * 1000))
  if (missed > clock.reminded) {
    clock = { ...clock, reminded: missed }
    fired.push({ kind: 'reminder', clock, missed, pointMs: reminderPointMs(clock, missed) ?? nowMs })
  }
  return fired.map(item => ({ ...item, clock }))
}

/** Everything that became due: after a standstill the highest step of each clock speaks for those below it. */
export function fireClocks(clocks: Clocks, nowMs: number): { clocks: Clocks; fired: Fired[] } {
  const fired: Fired[] = []
  const after = clocks.map(clock => {
    const items = fireClock(clock, nowMs)
    fired.push(...items)
    return items.at(-1)?.clock ?? clock
  })
  return { clocks: fired.length > 0 ? after : clocks, fired }
}

/**
 * Steps of clocks that an act found overdue (or made so) and that no worker has seen yet: the promise was missed, whoever noticed
 * it, and that is told once.
 */
export function fireBreaches(before: Clocks, after: Clocks): { clocks: Clocks; fired: Fired[] } {
  const fired: Fired[] = []
  const clocks = after.map(clock => {
    const { kind, cycle, facts } = clock
    const old = before.find(one => one.kind === kind && one.cycle === cycle)
    if (facts.breachedAtMs === null || (old && old.facts.breachedAtMs !== null)) return clock
    const taken = takeOverdueSteps(facts, clock)
    const told = taken ? withSteps(clock, taken) : clock
    fired.push({ kind: 'breach', clock: told })
    if (taken) fired.push({ kind: 'steps', clock: told, taken })
    return told
  })
  return { clocks: fired.length > 0 ? clocks : after, fired }
}

/** Next instant at which `fireClocks` has something to do; null when nothing is owed. Breached means after the due instant. */
export function nextClockDeadline(clocks: Clocks): number | null {
  let next: number | null = null
  const sooner = (atMs: number | null): void => {
    if (atMs !== null && (next === null || atMs < next)) next = atMs
  }
  for (const clock of clocks) {
    const { facts } = clock
    if (facts.endedAtMs !== null || facts.runningSinceMs === null) continue
    sooner(nextStepMs(facts, clock))
    if (facts.state === 'running' && facts.dueAtMs !== null) sooner(facts.dueAtMs + 1)
    sooner(reminderPointMs(clock, clock.reminded + 1))
  }
  return next
}
