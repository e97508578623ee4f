import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import { addOpenSeconds, compileCalendar, openSecondsBetween } from '../../../server/calendars/rules/calendar.ts'
import {
  bandCloseMs,
  breachIfDue,
  cancelClock,
  explainClock,
  pauseClock,
  resumeClock,
  retargetClock,
  spellSeconds,
  startClock,
  stopClock,
  usedSecondsAt,
  type ClockFacts,
} from '../../../server/sla/rules/clock.ts'
import { previewClock } from '../../../server/tickets/rules/sla-preview.ts'

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const workday: [string, string][] = [['08:00', '18:00']]
const office: CalendarSpec = {
  timezone: 'Europe/Stockholm',
  hours: { mon: workday, tue: workday, wed: workday, thu: workday, fri: workday },
}
const minutes = (count: number): PlanTarget => ({ kind: 'minutes', minutes: count })
const nextDay: PlanTarget = { kind: 'business-days', days: 1, receipt: 'calendar-date' }
const monday = (time: string): number => at(`2026-03-16T${time}:00+01:00`)
const tuesday = (time: string): number => at(`2026-03-17T${time}:00+01:00`)
const wednesday = (time: string): number => at(`2026-03-18T${time}:00+01:00`)
const started = (target: PlanTarget, atMs = monday('09:00')): ClockFacts => startClock({ target, calendar: office, atMs })

type Scenario = {
  id: string
  name: string
  calendar: CalendarSpec
  target_minutes: number
  start: string
  events: { at: string; type: 'pause' | 'resume' | 'restart' | 'retarget' | 'stop'; target_minutes?: number; calendar?: CalendarSpec }[]
  now?: string
  expect: { state: string; used_minutes: number; due: string | null }
}
const scenarios = JSON.parse(readFileSync(new URL('../../support/vectors/sla-scenarios.json', import.meta.url), 'utf8')) as Scenario[]

describe('scenarios of one clock', () => {
  it.each(scenarios.map(scenario => [scenario.id, scenario.name, scenario] as const))('%s %s', (_id, _name, scenario) => {
    const answer = previewClock({
      calendar: scenario.calendar,
      targetMinutes: scenario.target_minutes,
      start: scenario.start,
      events: scenario.events.map(({ target_minutes, ...event }) => ({
        ...event,
        ...(target_minutes === undefined ? {} : { targetMinutes: target_minutes }),
      })),
      ...(scenario.now === undefined ? {} : { now: scenario.now }),
    })
    expect(answer).toEqual({ state: scenario.expect.state, usedMinutes: scenario.expect.used_minutes, dueAt: scenario.expect.due })
  })
})

describe('a clock in minutes', () => {
  it('is in time at the due instant and breached one millisecond later', () => {
    const clock = started(minutes(60))
    expect(breachIfDue(clock, monday('10:00'))).toBe(clock)
    expect(breachIfDue(clock, monday('10:00') + 1)).toMatchObject({ state: 'breached', breachedAtMs: monday('10:00') })
    expect(stopClock(clock, monday('10:00')).state).toBe('met')
    expect(stopClock(clock, monday('10:01'))).toMatchObject({
      state: 'breached',
      breachedAtMs: monday('10:00'),
      endedAtMs: monday('10:01'),
      usedSeconds: 3660,
    })
  })
  it('stands still while paused: no due time, nothing to breach, then the rest', () => {
    const paused = pauseClock(started(minutes(60)), monday('09:40'))
    expect(paused).toMatchObject({ state: 'paused', dueAtMs: null, usedSeconds: 2400 })
    expect(breachIfDue(paused, wednesday('12:00'))).toBe(paused)
    expect(usedSecondsAt(paused, wednesday('12:00'))).toBe(2400)
    expect(resumeClock(paused, wednesday('12:00')).clock).toMatchObject({ state: 'running', dueAtMs: wednesday('12:20') })
  })
  it('paused late is breached, not paused; the measuring stops and goes on', () => {
    const late = pauseClock(started(minutes(60)), monday('11:00'))
    expect(late).toMatchObject({ state: 'breached', usedSeconds: 7200, runningSinceMs: null })
    expect(usedSecondsAt(resumeClock(late, monday('12:00')).clock, monday('12:30'))).toBe(9000)
  })
  it('a smaller target that is used up is overdue at once, by the change', () => {
    const { clock, breachedByChange } = retargetClock(started(minutes(480)), {
      target: minutes(60),
      calendar: office,
      atMs: monday('10:00'),
    })
    expect([breachedByChange, clock.state, clock.dueAtMs, clock.breachedAtMs]).toEqual([true, 'breached', monday('10:00'), monday('10:00')])
  })
  it('a smaller target during a pause bites at the resume', () => {
    const paused = pauseClock(started(minutes(480)), monday('11:00'))
    const silent = retargetClock(paused, { target: minutes(60), calendar: office, atMs: monday('12:00') })
    expect([silent.breachedByChange, silent.clock.state, silent.clock.dueAtMs]).toEqual([false, 'paused', null])
    expect(resumeClock(silent.clock, tuesday('09:00'))).toMatchObject({
      breachedByChange: true,
      clock: { state: 'breached', dueAtMs: tuesday('09:00') },
    })
  })
  it('what is breached or finished is never rewritten', () => {
    const breached = breachIfDue(started(minutes(60)), monday('12:00'))
    expect(retargetClock(breached, { target: minutes(600), calendar: office, atMs: monday('12:00') }).clock).toBe(breached)
    const met = stopClock(started(minutes(60)), monday('09:30'))
    for (const change of [pauseClock, stopClock, cancelClock, breachIfDue]) expect(change(met, tuesday('09:00'))).toBe(met)
    expect(resumeClock(met, tuesday('09:00')).clock).toBe(met)
    expect(retargetClock(met, { target: minutes(1), calendar: office, atMs: tuesday('09:00') }).clock).toBe(met)
  })
  it('cancelled has no verdict, but an overdue one stays overdue', () => {
    expect(cancelClock(started(minutes(60)), monday('09:30'))).toMatchObject({
      state: 'cancelled',
      dueAtMs: null,
      endedAtMs: monday('09:30'),
    })
    expect(cancelClock(started(minutes(60)), monday('11:00'))).toMatchObject({ state: 'breached', endedAtMs: monday('11:00') })
  })
})

describe('a clock in business days', () => {
  it('is due at close of the next business day, registered Friday evening or Saturday', () => {
    for (const from of ['2026-03-13T20:00:00+01:00', '2026-03-14T12:00:00+01:00'])
      expect(started(nextDay, at(from)).dueAtMs).toBe(monday('18:00'))
  })
  it('counts from the next opening when the plan says so', () => {
    expect(started({ kind: 'business-days', days: 1, receipt: 'received-when-open' }, at('2026-03-13T20:00:00+01:00')).dueAtMs).toBe(
      tuesday('18:00'),
    )
    expect(started({ kind: 'business-days', days: 1, receipt: 'received-when-open' }, at('2026-03-13T17:00:00+01:00')).dueAtMs).toBe(
      monday('18:00'),
    )
  })
  it('a band is due at its end and warned at the close of its beginning', () => {
    const clock = started({ kind: 'business-days', days: 3, firstDays: 1, receipt: 'calendar-date' })
    expect([bandCloseMs(clock), clock.dueAtMs]).toEqual([tuesday('18:00'), at('2026-03-19T18:00:00+01:00')])
    expect(bandCloseMs(started(nextDay))).toBeNull()
  })
  it.each([
    ['a pause within a day adds nothing', '2026-03-16T10:00:00+01:00', '2026-03-16T15:00:00+01:00', '2026-03-17T18:00:00+01:00'],
    ['a whole day covered adds that day', '2026-03-16T10:00:00+01:00', '2026-03-18T07:00:00+01:00', '2026-03-18T18:00:00+01:00'],
    ['never due within or before the pause', '2026-03-17T10:00:00+01:00', '2026-03-18T10:00:00+01:00', '2026-03-18T18:00:00+01:00'],
    ['over a weekend only the Friday counts', '2026-03-20T07:00:00+01:00', '2026-03-23T07:00:00+01:00', '2026-03-23T18:00:00+01:00'],
  ])('%s', (_reason, from, to, due) => {
    const clock = startClock({
      target: nextDay,
      calendar: office,
      atMs: from < '2026-03-19' ? monday('09:00') : at('2026-03-19T09:00:00+01:00'),
    })
    expect(resumeClock(pauseClock(clock, at(from)), at(to)).clock.dueAtMs).toBe(at(due))
  })
  it.each([
    ['a report completed a day later is received then', monday('09:00'), tuesday('17:59'), wednesday('18:00')],
    ['a report completed the same day is due as ever', monday('09:00'), monday('12:00'), tuesday('18:00')],
    ['completed on a Saturday it is due on Monday', at('2026-03-12T09:00:00+01:00'), at('2026-03-14T12:00:00+01:00'), monday('18:00')],
  ])('that stood still from its start begins when it first runs: %s', (_reason, fromMs, toMs, dueMs) => {
    const resumed = resumeClock(pauseClock(started(nextDay, fromMs), fromMs), toMs).clock
    expect([resumed.dueAtMs, usedSecondsAt(resumed, toMs), resumed.startedAtMs]).toEqual([dueMs, 0, fromMs])
    const { clock } = retargetClock(resumed, { target: { ...nextDay, days: 1 }, calendar: office, atMs: toMs })
    expect(clock.dueAtMs).toBe(dueMs)
  })
  it('pauses before a change from minutes to days are not forgotten', () => {
    const resumed = resumeClock(pauseClock(started(minutes(6000)), monday('10:00')), wednesday('07:00')).clock
    expect(retargetClock(resumed, { target: nextDay, calendar: office, atMs: wednesday('09:00') }).clock.dueAtMs).toBe(wednesday('18:00'))
  })
  it('changed to minutes it keeps the open time used', () => {
    expect(retargetClock(started(nextDay), { target: minutes(240), calendar: office, atMs: monday('12:00') }).clock.dueAtMs).toBe(
      monday('13:00'),
    )
    expect(retargetClock(started(minutes(6000)), { target: nextDay, calendar: office, atMs: wednesday('12:00') })).toMatchObject({
      breachedByChange: true,
    })
  })
})

describe('clocks without a deadline', () => {
  it('best effort is measured and never breached', () => {
    const clock = started({ kind: 'best-effort' })
    expect(clock).toMatchObject({ state: 'best-effort', dueAtMs: null })
    expect(breachIfDue(clock, wednesday('12:00'))).toBe(clock)
    expect(stopClock(clock, monday('11:00'))).toMatchObject({ state: 'best-effort', usedSeconds: 7200, endedAtMs: monday('11:00') })
  })
  it('"when done" has nothing to count until a change gives it a target', () => {
    const clock = started({ kind: 'none' })
    expect([clock.state, usedSecondsAt(clock, wednesday('12:00'))]).toEqual(['none', 0])
    expect(retargetClock(clock, { target: minutes(60), calendar: office, atMs: tuesday('09:00') }).clock).toMatchObject({
      state: 'running',
      dueAtMs: tuesday('10:00'),
    })
  })
})

describe('in words', () => {
  it.each([
    ['running', started(minutes(60)), monday('09:10'), 'due Mon 16 Mar 10:00 (Europe/Stockholm)'],
    [
      'outside hours',
      started(minutes(60), monday('17:30')),
      monday('20:00'),
      'due Tue 17 Mar 08:30 (Europe/Stockholm); outside service hours, goes on Tue 17 Mar 08:00 (Europe/Stockholm)',
    ],
    ['paused', pauseClock(started(minutes(180)), monday('09:50')), monday('12:00'), 'paused, 2 h 10 min left'],
    ['paused days', pauseClock(started(nextDay), monday('09:50')), monday('12:00'), 'paused'],
    ['overdue', breachIfDue(started(minutes(60)), monday('12:00')), monday('12:00'), 'overdue since Mon 16 Mar 10:00 (Europe/Stockholm)'],
    ['met', stopClock(started(minutes(60)), monday('09:30')), monday('12:00'), 'met Mon 16 Mar 09:30 (Europe/Stockholm)'],
    ['cancelled', cancelClock(started(minutes(60)), monday('09:30')), monday('12:00'), 'cancelled'],
    ['best effort', started({ kind: 'best-effort' }), monday('12:00'), 'best effort: measured, never overdue'],
    ['none', started({ kind: 'none' }), monday('12:00'), 'no deadline'],
  ])('%s', (_state, clock, nowMs, words) => expect(explainClock(clock, nowMs)).toBe(words))
  it.each([
    [1800, '30 min'],
    [3600, '1 h'],
    [7800, '2 h 10 min'],
    [30, '1 min'],
  ])('%i seconds are %s', (seconds, words) => expect(spellSeconds(seconds)).toBe(words))
})

describe('for any pauses', () => {
  it('the due time is what is left of the target after the last resume, and used time is the open time not paused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 2, maxLength: 8 }),
        (target, steps) => {
          const calendar = compileCalendar(office)
          let clock = started(minutes(target))
          let nowMs = monday('09:00')
          let used = 0
          for (const [index, step] of steps.entries()) {
            const next = nowMs + step * 60_000
            if (clock.dueAtMs !== null && next > clock.dueAtMs) break
            if (index % 2 === 0) {
              used += openSecondsBetween(calendar, nowMs, next)
              clock = pauseClock(clock, next)
              expect(clock).toMatchObject({ state: 'paused', usedSeconds: used, dueAtMs: null })
            } else {
              clock = resumeClock(clock, next).clock
              expect(clock.dueAtMs).toBe(addOpenSeconds(calendar, next, target * 60 - used))
            }
            nowMs = next
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
