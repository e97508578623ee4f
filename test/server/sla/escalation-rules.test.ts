import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { EscalationStep, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import { addOpenSeconds, compileCalendar, isOpen } from '../../../server/calendars/rules/calendar.ts'
import { pauseClock, resumeClock, retargetClock, startClock, type ClockFacts } from '../../../server/sla/rules/clock.ts'
import { nextStepMs, stepKey, stepPointMs, stepsFor, takeOverdueSteps, takeSteps } from '../../../server/sla/rules/escalation.ts'
import { planFaults } from '../../../server/plans/rules/plan-faults.ts'

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const workday: [string, string][] = [
  ['08:00', '12:00'],
  ['13:00', '17:00'],
]
const office: CalendarSpec = {
  timezone: 'Europe/Stockholm',
  hours: { mon: workday, tue: workday, wed: workday, thu: workday, fri: workday },
}
const minutes = (count: number): PlanTarget => ({ kind: 'minutes', minutes: count })
const march = (day: number, time: string): number => at(`2026-03-${String(day).padStart(2, '0')}T${time}:00+01:00`)
const started = (target: PlanTarget, atMs = march(16, '09:00')): ClockFacts => startClock({ target, calendar: office, atMs })
const none = { steps: [], fired: [] }
const point = (clock: ClockFacts, step: object): number | null => stepPointMs(clock, { tell: ['desk'], ...step })

describe('the instant of a step', () => {
  it.each([
    ['75 % of eight hours, over noon and night', minutes(480), march(16, '14:00'), { percent: 75 }, march(17, '11:00')],
    ['a point at noon is noon, not the opening after it', minutes(240), march(16, '10:00'), { percent: 50 }, march(16, '12:00')],
    ['registered on Saturday it counts from Monday', minutes(60), march(21, '12:00'), { percent: 50 }, march(23, '08:30')],
    ['100 % is the due instant', minutes(60), march(16, '09:00'), { percent: 100 }, march(16, '10:00')],
    [
      'of business days: of the open time between start and due',
      { kind: 'business-days', days: 1, receipt: 'calendar-date' } as const,
      march(16, '09:00'),
      { percent: 60 },
      march(17, '10:00'),
    ],
    [
      'a band has its lower bound',
      { kind: 'business-days', days: 3, firstDays: 1, receipt: 'calendar-date' } as const,
      march(16, '09:00'),
      { band: true },
      march(17, '17:00'),
    ],
    ['open time without a target', { kind: 'best-effort' } as const, march(16, '16:00'), { afterMinutes: 120 }, march(17, '09:00')],
  ])('%s', (_reason, target, startMs, step, expected) => expect(point(started(target, startMs), step)).toBe(expected))

  it('overdue minutes are open minutes after the due instant', () => {
    const { clock } = retargetClock(started(minutes(480)), { target: minutes(60), calendar: office, atMs: march(16, '16:30') })
    expect([clock.dueAtMs, point(clock, { overdueMinutes: 60 })]).toEqual([march(16, '16:30'), march(17, '08:30')])
    expect(point(started(minutes(60)), { overdueMinutes: 60 })).toBeNull()
  })
  it('a pause puts a step off as it does the due time, and there is none while it lasts', () => {
    const paused = pauseClock(started(minutes(240)), march(16, '10:00'))
    expect(point(paused, { percent: 75 })).toBeNull()
    expect(point(resumeClock(paused, march(17, '08:00')).clock, { percent: 75 })).toBe(march(17, '10:00'))
  })
  it('a point that a change passed comes with the next open moment, never at night', () => {
    const clock = retargetClock(started(minutes(2400)), { target: minutes(600), calendar: office, atMs: march(16, '20:00') }).clock
    expect(point(clock, { percent: 50 })).toBe(march(17, '08:00'))
  })

  const starts = fc.integer({ min: march(2, '00:00') / 60_000, max: march(20, '00:00') / 60_000 }).map(minute => minute * 60_000)
  it('lies at start + part of the target in open time, for any start, target and part', () => {
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 99 }), (startMs, count, percent) => {
        const pointMs = point(started(minutes(count), startMs), { percent }) ?? 0
        expect(pointMs).toBe(addOpenSeconds(compileCalendar(office), startMs, (count * 60 * percent) / 100))
        expect(isOpen(compileCalendar(office), pointMs - 1)).toBe(true)
      }),
    )
  })
})

describe('which steps a clock has', () => {
  const response = (target: PlanTarget, escalation?: EscalationStep[], level = 1) =>
    stepsFor(escalation, { kind: 'response', level, target }).map(step => `${stepKey(step)} ${step.tell.join('+')}`)
  const band: PlanTarget = { kind: 'business-days', days: 3, firstDays: 1, receipt: 'calendar-date' }
  const half: EscalationStep = { clock: 'response', percent: 50, tell: ['manager'] }
  it.each([
    ['left out: the usual', response(minutes(60)), ['percent:75 desk', 'percent:100 desk+partner']],
    ['left out, a band warns at its lower bound', response(band), ['band desk', 'percent:100 desk+partner']],
    ['left out, best effort has none', response({ kind: 'best-effort' }), []],
    ['when done has none', response({ kind: 'none' }, [half]), []],
    ['given: those, and a breach is never untold', response(minutes(60), [half]), ['percent:50 manager', 'percent:100 desk+partner']],
    ['given for the due instant: only those', response(minutes(60), [{ ...half, percent: 100 }]), ['percent:100 manager']],
    ['of another level', response(minutes(60), [{ ...half, levels: [2] }]), ['percent:100 desk+partner']],
    ['of another clock', response(minutes(60), [{ ...half, clock: 'update' }]), ['percent:100 desk+partner']],
    [
      'without a target only open time counts',
      response({ kind: 'best-effort' }, [half, { clock: 'response', afterMinutes: 60, tell: ['desk'] }]),
      ['after:60 desk'],
    ],
  ])('%s', (_reason, steps, expected) => expect(steps).toEqual(expected))
})

describe('taking steps', () => {
  const steps = [
    { percent: 50, tell: ['desk'] as const },
    { percent: 75, tell: ['manager'] as const, toLine: 2 },
    { percent: 100, tell: ['desk', 'partner'] as const },
    { overdueMinutes: 30, tell: ['customer'] as const },
  ]
  it('one at a time when somebody looks at each instant', () => {
    let progress: { steps: typeof steps; fired: readonly string[] } = { steps, fired: [] }
    const clock = started(minutes(60))
    const taken: [string, number][] = []
    for (let next = nextStepMs(clock, progress); next !== null; next = nextStepMs(clock, progress)) {
      const step = takeSteps(clock, progress, next)
      expect(takeSteps(clock, progress, next - 1)).toBeNull()
      taken.push([step?.keys.join() ?? '', next])
      progress = { steps, fired: [...progress.fired, ...(step?.keys ?? [])] }
    }
    expect(taken).toEqual([
      ['percent:50', march(16, '09:30')],
      ['percent:75', march(16, '09:45')],
      ['percent:100', march(16, '10:00') + 1],
    ])
  })
  it('after a standstill the highest speaks: everybody hears of it once, the line passed over counts', () => {
    expect(takeSteps(started(minutes(60)), { steps, fired: ['percent:50'] }, march(16, '09:50'))).toMatchObject({
      keys: ['percent:75'],
      toLine: 2,
    })
    expect(takeSteps(started(minutes(60)), { steps, fired: [] }, march(16, '11:00'))).toMatchObject({
      step: { percent: 100 },
      keys: ['percent:50', 'percent:75', 'percent:100'],
      tell: ['desk', 'manager', 'partner'],
      toLine: 2,
    })
  })
  it('a change that leaves nothing takes all up to the due instant as one', () => {
    const { clock } = retargetClock(started(minutes(480)), { target: minutes(30), calendar: office, atMs: march(16, '11:00') })
    expect(takeOverdueSteps(clock, { steps, fired: ['percent:50'] })).toMatchObject({
      step: { percent: 100 },
      keys: ['percent:75', 'percent:100'],
      toLine: 2,
    })
    expect(takeOverdueSteps(clock, none)).toBeNull()
  })
  it('what was taken under the old promise stays taken under the new one', () => {
    const { clock } = retargetClock(started(minutes(60)), { target: minutes(480), calendar: office, atMs: march(16, '09:50') })
    expect(takeSteps(clock, { steps, fired: ['percent:50', 'percent:75'] }, march(16, '17:00'))).toBeNull()
  })
})

describe('faults of an escalation', () => {
  const folder = new URL('../../../server/catalogue/plans/', import.meta.url)
  const plan = (id: string): Plan => JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8')) as Plan
  const faults = (escalation: object[], id = 'ombori-production') => planFaults({ ...plan(id), escalation }).map(fault => fault.path)
  const tell = ['desk']
  it.each([
    ['no point', [{ clock: 'response', tell }], ['/escalation/0']],
    ['two points', [{ clock: 'response', percent: 50, afterMinutes: 9, tell }], ['/escalation/0']],
    [
      'the same point twice at a level',
      [
        { clock: 'response', percent: 50, tell },
        { clock: 'response', percent: 50, levels: [3], tell },
      ],
      ['/escalation/1'],
    ],
    [
      'the same point at other levels is fine',
      [
        { clock: 'response', percent: 50, levels: [1], tell },
        { clock: 'response', percent: 50, levels: [2], tell },
      ],
      [],
    ],
    ['a line the plan does not have', [{ clock: 'response', percent: 50, tell, toLine: 3 }], ['/escalation/0/toLine']],
    ['a part of a target that no level has', [{ clock: 'update', percent: 50, levels: [3, 4], tell }], ['/escalation/0/percent']],
    ['overdue of a clock that is not promised', [{ clock: 'resolution', overdueMinutes: 5, tell }], ['/escalation/0/overdueMinutes']],
    ['open time of a clock that never runs', [{ clock: 'resolution', afterMinutes: 5, tell }], ['/escalation/0/afterMinutes']],
    ['a target at one of its levels is enough', [{ clock: 'update', percent: 50, tell }], []],
    [
      'the same line twice, by two clocks',
      [
        { clock: 'response', percent: 50, tell, toLine: 2 },
        { clock: 'update', percent: 50, levels: [2], tell, toLine: 2 },
      ],
      ['/escalation/1/toLine'],
    ],
    [
      'the later one is wrong, wherever it stands in the list',
      [
        { clock: 'response', overdueMinutes: 60, tell, toLine: 2 },
        { clock: 'response', percent: 50, levels: [1], tell, toLine: 2 },
      ],
      ['/escalation/0/toLine'],
    ],
    ['a point beyond 100 %', [{ clock: 'response', percent: 120, tell }], ['/escalation/0/percent']],
    ['nobody we know', [{ clock: 'response', percent: 50, tell: ['press'] }], ['/escalation/0/tell/0']],
  ])('%s', (_reason, escalation, paths) => expect(faults(escalation)).toEqual(paths))
  it('a step back to a lower line', () => {
    const back = [
      { clock: 'response', percent: 50, tell, toLine: 3 },
      { clock: 'resolution', afterMinutes: 5000, tell, toLine: 2 },
    ]
    expect(faults(back, 'op5-standard')).toEqual(['/escalation/1/toLine'])
    expect(planFaults({ ...plan('op5-standard'), escalation: back })[0]?.message).toBe(
      'leads to line 2, but /escalation/0 has led to line 3 by then at level 1',
    )
  })
  it('a band that ends where it begins', () => {
    const band = { kind: 'business-days', days: 2, firstDays: 2, receipt: 'calendar-date' }
    const basic = plan('op5-basic')
    expect(
      planFaults({ ...basic, levels: { ...basic.levels, '2': { ...basic.levels['2'], response: band } } }).map(fault => fault.path),
    ).toEqual(['/levels/2/response/firstDays'])
  })

  it.each(readdirSync(folder).map(file => file.replace('.json', '')))('%s escalates, and to no line it does not have', id => {
    const { escalation = [], lines } = plan(id)
    expect(escalation.length).toBeGreaterThan(0)
    expect(escalation.every(step => (step.toLine ?? 1) <= lines)).toBe(true)
  })
  it.each([
    ['op5-basic', ['resolution after:540 2', 'resolution after:1620 3']],
    ['op5-standard', ['resolution after:540 2', 'resolution after:1620 3']],
    ['op5-premium', ['resolution after:1440 2', 'resolution after:4320 3']],
    ['ombori-free', []],
    ['ombori-pilot', ['response overdue:60 2']],
    ['ombori-enterprise', ['response percent:100 2']],
    ['opmantek-enterprise', ['response percent:100 2', 'response overdue:60 2', 'response overdue:480 2']],
    ['ops-com-premium', ['response percent:100 2', 'response after:480 2']],
    ['opservices-pro', ['response after:960 2']],
  ])('%s gives tickets to the next line at %j', (id, expected) => {
    const leading = (plan(id).escalation ?? []).filter(step => step.toLine !== undefined)
    expect(leading.map(({ clock, toLine, ...step }) => `${clock} ${stepKey(step)} ${toLine ?? ''}`)).toEqual(expected)
  })
})
