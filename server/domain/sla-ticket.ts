/**
 * The clocks of one ticket together: which event starts, stops, pauses or retargets which clock. The rules are those of the
 * plan catalogue; the update clock starts at the first response, restarts at every public update and ends with the ticket.
 */
import { breachIfDue, pauseClock, resumeClock, retargetClock, startClock, stopClock, type ClockFacts } from './clock.ts'
import type { PromiseTerms, TicketPromises } from './plan.ts'

export type ClockName = 'response' | 'update' | 'resolution'
/** `update` and `resolution` are null while they have not begun, or where the plan has none. */
export type TicketClocks = {
  response: ClockFacts
  update: ClockFacts | null
  resolution: ClockFacts | null
  /** Number of the current update cycle, from 1; 0 = none yet. */
  updateCycle: number
  /** Update cycles that have ended; never rewritten. */
  endedUpdates: { cycle: number; clock: ClockFacts }[]
  isWaiting: boolean
  isResolved: boolean
  /** Overdue at once because a change of level or plan left nothing. */
  breachedByChange: ClockName[]
}

const start = (promise: PromiseTerms, atMs: number): ClockFacts => startClock({ target: promise.target, calendar: promise.calendar, atMs })

/** A ticket registers: response and resolution run, the update clock waits for the response unless the plan says otherwise. */
export function registerClocks(promises: TicketPromises, atMs: number): TicketClocks {
  const isUpdateOwed = promises.updateFrom === 'registration'
  return {
    response: start(promises.response, atMs),
    update: isUpdateOwed ? start(promises.update, atMs) : null,
    resolution: promises.resolution ? start(promises.resolution, atMs) : null,
    updateCycle: isUpdateOwed ? 1 : 0,
    endedUpdates: [],
    isWaiting: false,
    isResolved: false,
    breachedByChange: [],
  }
}

function endUpdate(clocks: TicketClocks, atMs: number): TicketClocks {
  if (!clocks.update || clocks.update.endedAtMs !== null) return clocks
  const update = stopClock(clocks.update, atMs)
  return { ...clocks, update, endedUpdates: [...clocks.endedUpdates, { cycle: clocks.updateCycle, clock: update }] }
}

function beginUpdate(clocks: TicketClocks, promises: TicketPromises, atMs: number): TicketClocks {
  const running = start(promises.update, atMs)
  const update = clocks.isWaiting && promises.waitingPausesUpdate ? pauseClock(running, atMs) : running
  return { ...clocks, update, updateCycle: clocks.updateCycle + 1 }
}

/** A public message by a person: meets the response clock, and a new update interval begins. */
export function tellCustomer(clocks: TicketClocks, promises: TicketPromises, atMs: number): TicketClocks {
  if (clocks.isResolved) return clocks
  const answered = { ...clocks, response: stopClock(clocks.response, atMs) }
  return beginUpdate(endUpdate(answered, atMs), promises, atMs)
}

/** Waiting for the customer: resolution and, where the plan says so, the update clock stand still. The response never does. */
export function awaitCustomer(clocks: TicketClocks, promises: TicketPromises, atMs: number): TicketClocks {
  if (clocks.isResolved || clocks.isWaiting) return clocks
  const update = clocks.update && promises.waitingPausesUpdate ? pauseClock(clocks.update, atMs) : clocks.update
  return { ...clocks, update, resolution: clocks.resolution && pauseClock(clocks.resolution, atMs), isWaiting: true }
}

/** Work goes on: after waiting what stood still runs again; after a resolution the ticket is open anew, with a new update interval. */
export function workOn(clocks: TicketClocks, promises: TicketPromises, atMs: number): TicketClocks {
  if (clocks.isResolved) {
    // The first result of the resolution clock stays; a second one carries the time used before.
    const resolution =
      clocks.resolution && promises.resolution
        ? startClock({
            target: promises.resolution.target,
            calendar: promises.resolution.calendar,
            atMs,
            usedSeconds: clocks.resolution.usedSeconds,
          })
        : clocks.resolution
    return beginUpdate({ ...clocks, resolution, isResolved: false, isWaiting: false }, promises, atMs)
  }
  if (!clocks.isWaiting) return clocks
  const update = clocks.update && resumeClock(clocks.update, atMs)
  const resolution = clocks.resolution && resumeClock(clocks.resolution, atMs)
  const breachedByChange = [
    ...clocks.breachedByChange,
    ...(update?.breachedByChange ? ['update' as const] : []),
    ...(resolution?.breachedByChange ? ['resolution' as const] : []),
  ]
  return { ...clocks, update: update?.clock ?? null, resolution: resolution?.clock ?? null, isWaiting: false, breachedByChange }
}

/** Another level or plan from now on: what was met stays, what runs keeps its used time. */
export function changePromises(clocks: TicketClocks, promises: TicketPromises, atMs: number): TicketClocks {
  const breachedByChange = [...clocks.breachedByChange]
  const move = (name: ClockName, clock: ClockFacts | null, promise: PromiseTerms | undefined): ClockFacts | null => {
    if (!clock || !promise) return clock
    const change = retargetClock(clock, { target: promise.target, calendar: promise.calendar, atMs })
    if (change.breachedByChange) breachedByChange.push(name)
    return change.clock
  }
  const response = move('response', clocks.response, promises.response) ?? clocks.response
  let update = move('update', clocks.update, promises.update)
  if (clocks.isWaiting && update) update = promises.waitingPausesUpdate ? pauseClock(update, atMs) : resumeClock(update, atMs).clock
  const moved = move('resolution', clocks.resolution, promises.resolution)
  const resolution = clocks.isWaiting && moved ? pauseClock(moved, atMs) : moved
  return { ...clocks, response, update, resolution, breachedByChange }
}

/** Resolved or closed, and the customer told: every clock ends, the response too when nothing was said before. */
export function resolveClocks(clocks: TicketClocks, atMs: number): TicketClocks {
  if (clocks.isResolved) return clocks
  const ended = endUpdate({ ...clocks, response: stopClock(clocks.response, atMs) }, atMs)
  return { ...ended, resolution: clocks.resolution && stopClock(clocks.resolution, atMs), isWaiting: false, isResolved: true }
}

/** Marks what is overdue at an instant. */
export function breachClocks(clocks: TicketClocks, nowMs: number): TicketClocks {
  return {
    ...clocks,
    response: breachIfDue(clocks.response, nowMs),
    update: clocks.update && breachIfDue(clocks.update, nowMs),
    resolution: clocks.resolution && breachIfDue(clocks.resolution, nowMs),
  }
}
