import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import { addOpenSeconds, compileCalendar, nextOpening } from '../../../server/calendars/rules/calendar.ts'
import { effectivePlan, planCalendar, promisesFor, type EffectivePlan } from '../../../server/plans/rules/plan.ts'
import { calendarOf, resolveDates } from '../../../server/plans/rules/plan-calendar.ts'
import { overrideFaults, planFaults } from '../../../server/plans/rules/plan-faults.ts'
import { calendarWarnings, ownTerms } from '../../../server/plans/rules/plan-own.ts'

const shipped = (id: string): Plan =>
  JSON.parse(readFileSync(new URL(`../../../server/catalogue/plans/${id}.json`, import.meta.url), 'utf8')) as Plan
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const inForce = (plan: Plan, overrides: PlanOverrides = {}): EffectivePlan =>
  effectivePlan({ plan, overrides, timeZone: 'Europe/Stockholm', holidaysOf: () => ['2026-12-25', '2026-12-26'] })

describe('special dates and holidays become one row a date', () => {
  it.each<[reason: string, holidays: string[], special: Record<string, [string, string][]>, closed: string[], open: string[]]>([
    ['without special dates the holidays stay', ['2026-12-25'], {}, ['2026-12-25'], []],
    ['a date without intervals is closed like a holiday', ['2026-12-25'], { '2026-12-24': [] }, ['2026-12-24', '2026-12-25'], []],
    ['a holiday with hours is no holiday', ['2026-12-25'], { '2026-12-25': [['10:00', '12:00']] }, [], ['2026-12-25']],
    ['a holiday that is closed once more is there once', ['2026-12-25'], { '2026-12-25': [] }, ['2026-12-25'], []],
    ['dates come in order, each once', ['2026-12-26', '2026-12-25', '2026-12-26'], {}, ['2026-12-25', '2026-12-26'], []],
  ])('%s', (_reason, holidays, special, closed, open) => {
    const dates = resolveDates(holidays, special)
    expect([dates.holidayDates, Object.keys(dates.specialHours)]).toEqual([closed, open])
  })

  it("the customer's row of a date wins over the plan's, its other rows stay", () => {
    const plan: Plan = { ...shipped('ombori-pilot'), specialDates: { '2026-12-24': [], '2026-12-31': [['08:00', '12:00']] } }
    const own = inForce(plan, { specialDates: { '2026-12-24': [['08:00', '10:00']] } })
    expect([own.holidayDates, own.specialHours]).toEqual([[], { '2026-12-24': [['08:00', '10:00']], '2026-12-31': [['08:00', '12:00']] }])
    expect(own.specialDates).toEqual({ '2026-12-24': [['08:00', '10:00']], '2026-12-31': [['08:00', '12:00']] })
  })

  const christmas = inForce(shipped('ombori-pilot'), {
    holidays: { country: 'SE' },
    // Thursday short, Friday open although a public holiday, Saturday open at all; Monday closed.
    specialDates: {
      '2026-12-24': [['08:00', '12:00']],
      '2026-12-25': [['10:00', '12:00']],
      '2026-12-26': [['09:00', '10:00']],
      '2026-12-28': [],
    },
  })
  it.each([
    ['a short day ends early, the next hour is on a holiday with hours', '2026-12-24T11:00:00+01:00', 120, '2026-12-25T11:00:00+01:00'],
    ['a Saturday with hours counts', '2026-12-25T11:00:00+01:00', 120, '2026-12-26T10:00:00+01:00'],
    ['a Monday that is closed does not', '2026-12-26T09:30:00+01:00', 60, '2026-12-29T08:30:00+01:00'],
  ])('a clock: %s', (_reason, from, minutes, due) =>
    expect(addOpenSeconds(compileCalendar(planCalendar(christmas, 1)), at(from), minutes * 60)).toBe(at(due)),
  )

  it('they hold for hours of a level, for business hours after which only the first line answers, and for staff on call', () => {
    const special: PlanOverrides = { specialDates: { '2026-03-17': [['10:00', '11:00']], '2026-03-18': [] } }
    const own = inForce(shipped('ombori-pilot'), { ...special, levels: { '2': { hours: { tue: [['06:00', '22:00']] } } } })
    expect(nextOpening(compileCalendar(planCalendar(own, 2)), at('2026-03-17T06:00:00+01:00'))).toBe(at('2026-03-17T10:00:00+01:00'))

    const ticket = { level: 1, environment: 'production', category: 'incident', channel: 'email' } as const
    const flagsAt = (id: string, time: string): string[] =>
      promisesFor(inForce(shipped(id), special), { ...ticket, registeredAtMs: at(time) }).flags
    expect(flagsAt('op5-premium', '2026-03-17T10:30:00+01:00')).toEqual([])
    expect(flagsAt('op5-premium', '2026-03-17T12:00:00+01:00')).toEqual(['after-hours'])
    expect(flagsAt('ops-com-standard-plus', '2026-03-18T12:00:00+01:00')).toEqual(['after-hours'])
    const onCall = promisesFor(inForce(shipped('ops-com-standard-plus'), special), {
      ...ticket,
      registeredAtMs: at('2026-03-18T12:00:00+01:00'),
    })
    expect(nextOpening(compileCalendar(onCall.response.calendar), at('2026-03-18T12:00:00+01:00'))).toBe(at('2026-03-18T12:00:00+01:00'))
  })

  it('a calendar without special hours has no overrides', () =>
    expect(calendarOf({ timeZone: 'Etc/UTC', holidayDates: [], specialHours: {} }, { mon: [['08:00', '09:00']] })).toEqual({
      timezone: 'Etc/UTC',
      hours: { mon: [['08:00', '09:00']] },
      holidays: [],
    }))
})

describe('wrong special dates are named', () => {
  it.each<[reason: string, special: unknown, path: string]>([
    ['a day that does not exist', { '2026-02-30': [] }, '/specialDates/2026-02-30'],
    ['no date', { christmas: [] }, '/specialDates/christmas'],
    [
      'overlap',
      {
        '2026-12-24': [
          ['08:00', '12:00'],
          ['11:00', '13:00'],
        ],
      },
      '/specialDates/2026-12-24',
    ],
    ['no length', { '2026-12-24': [['08:00', '08:00']] }, '/specialDates/2026-12-24/0'],
    ['end before start', { '2026-12-24': [['22:00', '02:00']] }, '/specialDates/2026-12-24/0'],
    ['24:00 as a start', { '2026-12-24': [['24:00', '24:00']] }, '/specialDates/2026-12-24/0'],
    ['not a list', { '2026-12-24': 'closed' }, '/specialDates/2026-12-24'],
    ['one time', { '2026-12-24': [['08:00']] }, '/specialDates/2026-12-24/0'],
  ])('%s', (_reason, specialDates, path) => {
    expect(overrideFaults({ specialDates }).map(fault => fault.path)).toContain(path)
    expect(planFaults({ ...shipped('ombori-pilot'), specialDates }).map(fault => fault.path)).toContain(path)
  })
  it('closed, open and the night in two pieces are right', () =>
    expect(
      overrideFaults({ specialDates: { '2026-12-24': [], '2026-12-25': [['22:00', '24:00']], '2026-12-26': [['00:00', '02:00']] } }),
    ).toEqual([]))
  it('a night is explained in the words of its own times', () =>
    expect(overrideFaults({ hours: { fri: [['22:00', '02:00']] } })).toEqual([
      {
        path: '/hours/fri/0',
        message:
          'ends at 02:00 before it starts at 22:00; write a night as two intervals: 22:00 to 24:00 and, on the day after, 00:00 to 02:00',
      },
    ]))
})

describe("which terms are the customer's own", () => {
  it.each<[overrides: PlanOverrides, own: string[]]>([
    [{}, []],
    [{ devices: 5, cases: 2, contacts: { namedOnly: false } }, ['/cases/perMonth', '/contacts/namedOnly', '/devices/included']],
    [{ hours: { mon: [['08:00', '09:00']] }, timeZone: 'Asia/Tokyo' }, ['/hours', '/timeZone']],
    [{ levels: { '1': { response: { kind: 'best-effort' }, name: 'Blocker' } } }, ['/levels/1/name', '/levels/1/response']],
    [{ specialDates: { '2026-12-24': [] }, holidays: { country: 'SE' } }, ['/holidays', '/specialDates/2026-12-24']],
    [{ entitlements: { training: 8 } }, ['/entitlements/training']],
    [{ entitlements: [] }, ['/entitlements']],
  ])('%j', (overrides, own) => expect(ownTerms(overrides)).toEqual(own))
})

describe('what will be missing from a calendar', () => {
  it.each<[reason: string, holidays: Plan['holidays'], dates: string[], words: string | null]>([
    ['no holidays at all are a choice', [], [], null],
    ['a list that reaches into the coming year is complete', ['2026-12-25', '2027-12-25'], ['2026-12-25', '2027-12-25'], null],
    ['a list that ends this year', ['2026-12-25'], ['2026-12-25'], 'ends on 2026-12-25: none is known for 2027'],
    ['a list that ended long ago', ['2020-12-25'], ['2020-12-25'], 'ends on 2020-12-25'],
    ['a list that leaves the coming year out', ['2030-01-01'], ['2030-01-01'], 'has no date in 2027'],
    ['a country whose days are all excepted', { country: 'SE' }, ['2026-01-01'], 'No holiday of SE falls in 2027'],
    ['a region without days', { country: 'DE', region: 'BY' }, [], 'No holiday of DE, BY'],
    ['a country as usual', { country: 'SE' }, ['2026-12-25', '2027-12-25'], null],
  ])('%s', (_reason, holidays, holidayDates, words) => {
    const warnings = calendarWarnings({ holidays, holidayDates }, 2026)
    if (words === null) expect(warnings).toEqual([])
    else expect(warnings).toEqual([expect.stringContaining(words)])
  })
})
