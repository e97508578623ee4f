/** What the clocks would say: one clock moved by events, without any store. */
import type { CalendarSpec, ClockPreviewAnswer, ClockPreviewBody } from '../../../shared/api/sla/sla-api.ts'
import { compileCalendar, type Calendar } from '../../calendars/rules/calendar.ts'
import {
  breachIfDue,
  pauseClock,
  resumeClock,
  retargetClock,
  startClock,
  stopClock,
  usedSecondsAt,
  type ClockFacts,
} from '../../sla/rules/clock.ts'
import { DomainError, invalidInput } from '../../platform/errors.ts'

/** A clock meets a few calendars in its life; each costs time to work out. */
const MAX_CALENDARS = 100

/** Epoch ms of an instant on the wire. Throws DomainError `invalid` naming the field when the day does not exist. */
export function instantMs(text: string, path: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds
  } catch {
    throw invalidInput([{ path, message: `${text} is not an instant such as 2026-03-16T14:20:00+01:00` }])
  }
}

/** A calendar of the request, compiled. Throws DomainError `invalid`, its faults under the calendar's own place. */
export function calendarAt(spec: CalendarSpec, path: string): Calendar {
  try {
    return compileCalendar(spec)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    throw invalidInput(
      error.errors.map(fault => ({ path: `${path}${fault.path}`, message: fault.message })),
      error.message,
    )
  }
}

/** Instant on the wire, in a zone: `2026-03-16T14:20:00+01:00`. Throws DomainError `invalid` outside the years 0000 to 9999. */
export function wireInstant(atMs: number, timeZone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(atMs)
  // An offset has no seconds on the wire; those of local mean time have: there the instant is told in UTC, or it would be another one.
  const isWhole = instant.toZonedDateTimeISO(timeZone).offsetNanoseconds % 60e9 === 0
  const text = instant.toString({ timeZone: isWhole ? timeZone : 'UTC' })
  if (!/^\d{4}-/.test(text)) throw new DomainError('invalid', 'invalid-input', 'The answer lies outside the years 0000 to 9999.')
  return text
}

/** Minutes for people and programs: six digits, so that seconds survive and binary noise does not. */
export function wireMinutes(seconds: number): number {
  return Math.round((seconds / 60) * 1e6) / 1e6
}

/** Events in time order; equal instants keep the order given. */
export function inOrder<Event extends { at: string }>(events: readonly Event[], path: string): (Event & { atMs: number })[] {
  return events
    .map((event, index) => ({ ...event, atMs: instantMs(event.at, `${path}/${index}/at`) }))
    .toSorted((one, other) => one.atMs - other.atMs)
}

/** One clock through its events. `restart` begins a new cycle. Without `now` the answer is as of the last event, else of the start. */
export function previewClock(body: ClockPreviewBody): ClockPreviewAnswer {
  calendarAt(body.calendar, '/calendar')
  if (body.events.filter(event => event.calendar).length > MAX_CALENDARS)
    throw invalidInput([{ path: '/events', message: `name more than ${MAX_CALENDARS} calendars` }])
  for (const [index, event] of body.events.entries()) if (event.calendar) calendarAt(event.calendar, `/events/${index}/calendar`)
  const startMs = instantMs(body.start, '/start')
  let targetMinutes = body.targetMinutes
  let calendar = body.calendar
  const start = (atMs: number): ClockFacts => startClock({ target: { kind: 'minutes', minutes: targetMinutes }, calendar, atMs })
  let clock = start(startMs)
  let nowMs = startMs
  for (const event of inOrder(body.events, '/events')) {
    const { atMs } = event
    nowMs = Math.max(nowMs, atMs)
    if (event.type === 'pause') clock = pauseClock(clock, atMs)
    else if (event.type === 'resume') clock = resumeClock(clock, atMs).clock
    else if (event.type === 'stop') clock = stopClock(clock, atMs)
    else {
      targetMinutes = event.targetMinutes ?? targetMinutes
      calendar = event.calendar ?? calendar
      clock =
        event.type === 'restart'
          ? start(atMs)
          : retargetClock(clock, { target: { kind: 'minutes', minutes: targetMinutes }, calendar, atMs }).clock
    }
  }
  if (body.now !== undefined) nowMs = instantMs(body.now, '/now')
  clock = breachIfDue(clock, nowMs)
  return {
    state: clock.state,
    usedMinutes: wireMinutes(usedSecondsAt(clock, nowMs)),
    dueAt: clock.dueAtMs === null ? null : wireInstant(clock.dueAtMs, clock.calendar.timezone),
  }
}
