import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
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
} from '../../../server/calendars/rules/calendar.ts'
import { calendarFaults } from '../../../server/calendars/rules/calendar-spec.ts'
import { DomainError } from '../../../server/platform/errors.ts'

type Vector = {
  id: string
  source: string
  calendar: CalendarSpec
  op: 'add' | 'between'
  from: string
  to: string
  minutes: number
  edge?: string
  convention?: string
  alt_to?: string
  alt_minutes?: number
}
const vectors = JSON.parse(readFileSync(new URL('../../support/vectors/sla-vectors.json', import.meta.url), 'utf8')) as Vector[]
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const office: CalendarSpec = {
  timezone: 'Europe/Stockholm',
  hours: {
    mon: [['08:00', '17:00']],
    tue: [['08:00', '17:00']],
    wed: [['08:00', '17:00']],
    thu: [['08:00', '17:00']],
    fri: [['08:00', '17:00']],
  },
}
const allWeek = (from: string, to: string): CalendarSpec['hours'] => {
  const day: [string, string][] = [[from, to]]
  return { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }
}

describe('the vectors taken from other projects', () => {
  it('are all there', () => expect(vectors.length).toBeGreaterThan(150))

  it.each(vectors.filter(vector => vector.op === 'add').map(vector => [vector.id, vector] as const))('add %s', (_id, vector) => {
    const answer = addOpenSeconds(compileCalendar(vector.calendar), at(vector.from), vector.minutes * 60)
    const isOther = vector.edge === 'closing-minute' && vector.convention === 'opening'
    const expected =
      isOther && vector.alt_to ? [vector.alt_to] : vector.edge === 'zero-minutes' ? [vector.to, vector.alt_to ?? vector.to] : [vector.to]
    // Sources give minutes with six digits: a second at most is lost to rounding.
    expect(expected.some(text => Math.abs(at(text) - answer) < 1)).toBe(true)
  })

  it.each(vectors.filter(vector => vector.op === 'between').map(vector => [vector.id, vector] as const))('between %s', (_id, vector) => {
    const calendar = compileCalendar(vector.calendar)
    const minutes = openSecondsBetween(calendar, at(vector.from), at(vector.to)) / 60
    if (vector.edge === 'reversed') expect(minutes).toBe(0)
    else if (vector.edge === 'rounding') expect(minutes).toBeCloseTo(vector.alt_minutes ?? vector.minutes, 3)
    else expect(minutes).toBeCloseTo(vector.minutes, 3)
  })
})

describe('a calendar with faults is refused, each named', () => {
  const rows: [reason: string, spec: Partial<CalendarSpec>, path: string][] = [
    ['unknown zone', { timezone: 'Europe/Gotham' }, '/timezone'],
    ['an offset is no zone', { timezone: '+02:00' }, '/timezone'],
    [
      'overlap',
      {
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['11:59', '13:00'],
          ],
        },
      },
      '/hours/mon',
    ],
    ['zero length', { hours: { mon: [['08:00', '08:00']] } }, '/hours/mon/0'],
    ['end before start', { hours: { mon: [['22:00', '02:00']] } }, '/hours/mon/0'],
    ['24:00 is no start', { hours: { mon: [['24:00', '24:00']] } }, '/hours/mon/0'],
    ['24:10 does not exist', { hours: { mon: [['08:00', '24:10']] } }, '/hours/mon/0'],
    ['bad day', { hours: { monday: [['08:00', '17:00']] } as never }, '/hours/monday'],
    ['bad date', { holidays: ['2026-02-30'] }, '/holidays/0'],
    ['bad date of an override', { overrides: { '2026-13-01': [] } }, '/overrides/2026-13-01'],
    ['no open minute', { hours: {} }, '/hours'],
    ['the only opening is a holiday', { hours: {}, overrides: { '2026-05-01': [['08:00', '09:00']] }, holidays: ['2026-05-01'] }, '/hours'],
    [
      'the only opening is a break',
      { hours: {}, overrides: { '2026-05-01': [['08:00', '09:00']] }, breaks: { '2026-05-01': [['07:00', '10:00']] } },
      '/hours',
    ],
  ]
  it.each(rows)('%s', (_reason, spec, path) => {
    expect(calendarFaults({ ...office, ...spec }).map(fault => fault.path)).toContain(path)
    expect(() => compileCalendar({ ...office, ...spec })).toThrow(DomainError)
  })
  it('all faults at once', () =>
    expect(calendarFaults({ timezone: 'X/Y', hours: { mon: [['9', '10:00']] }, holidays: ['x'] })).toHaveLength(3))
})

describe('business days', () => {
  const calendar = compileCalendar({ ...office, holidays: ['2026-12-25'] })
  it.each([
    ['Monday noon is due by close of Tuesday', '2026-03-16T12:00:00+01:00', 1, '2026-03-17T17:00:00+01:00'],
    ['Friday evening: Monday', '2026-03-13T20:00:00+01:00', 1, '2026-03-16T17:00:00+01:00'],
    ['Saturday: the same Monday', '2026-03-14T12:00:00+01:00', 1, '2026-03-16T17:00:00+01:00'],
    ['five days are a week', '2026-03-16T12:00:00+01:00', 5, '2026-03-23T17:00:00+01:00'],
    ['a holiday is no business day', '2026-12-24T12:00:00+01:00', 1, '2026-12-28T17:00:00+01:00'],
    ['over the turn of the year', '2026-12-30T12:00:00+01:00', 3, '2027-01-04T17:00:00+01:00'],
  ])('%s', (_reason, from, days, due) => expect(closeOfBusinessDay(calendar, at(from), days)).toBe(at(due)))

  it('a whole day within a span counts, a part does not', () => {
    const registered = at('2026-03-16T12:00:00+01:00')
    expect(wholeBusinessDaysWithin(calendar, registered, at('2026-03-16T13:00:00+01:00'), at('2026-03-18T10:00:00+01:00'))).toBe(1)
    expect(wholeBusinessDaysWithin(calendar, registered, at('2026-03-17T09:00:00+01:00'), at('2026-03-18T10:00:00+01:00'))).toBe(0)
  })
  it('the next close is strictly after', () => {
    expect(nextClose(calendar, at('2026-03-16T17:00:00+01:00'))).toBe(at('2026-03-17T17:00:00+01:00'))
  })
})

describe('opening', () => {
  const calendar = compileCalendar(office)
  it('holds at the opening instant and no longer at the closing instant', () => {
    expect(isOpen(calendar, at('2026-03-16T08:00:00+01:00'))).toBe(true)
    expect(isOpen(calendar, at('2026-03-16T17:00:00+01:00'))).toBe(false)
  })
  it('is now when open, else the next one', () => {
    expect(nextOpening(calendar, at('2026-03-16T09:00:00+01:00'))).toBe(at('2026-03-16T09:00:00+01:00'))
    expect(nextOpening(calendar, at('2026-03-13T17:00:00+01:00'))).toBe(at('2026-03-16T08:00:00+01:00'))
  })
  it('ends its search: null, or an error for a due time', () => {
    const once = compileCalendar({ timezone: 'Etc/UTC', hours: {}, overrides: { '2020-05-01': [['08:00', '09:00']] } })
    expect(nextOpening(once, at('2026-01-01T00:00:00Z'))).toBe(null)
    expect(() => addOpenSeconds(once, at('2026-01-01T00:00:00Z'), 60)).toThrow(DomainError)
    expect(() => closeOfBusinessDay(once, at('2026-01-01T00:00:00Z'), 1)).toThrow(DomainError)
    expect(() => openSecondsBetween(once, at('1925-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'))).toThrow(DomainError)
  })
})

describe('days on which the clock changes or a date is missing', () => {
  it.each([
    ['24/7 day of 25 hours', 'Europe/Paris', '2020-10-25T00:00:00+02:00', '2020-10-26T00:00:00+01:00', 25],
    ['24/7 day of 23 hours', 'Europe/Paris', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 23],
    ['half an hour', 'Australia/Lord_Howe', '2026-04-05T00:00:00+11:00', '2026-04-06T00:00:00+10:30', 24.5],
    ['a date that never was', 'Pacific/Apia', '2011-12-29T00:00:00-10:00', '2012-01-01T00:00:00+14:00', 48],
    ['midnight does not exist', 'Africa/Cairo', '2026-04-24T00:00:00+02:00', '2026-04-25T00:00:00+03:00', 23],
  ])('%s', (_reason, timezone, from, to, hours) => {
    expect(openSecondsBetween(compileCalendar({ timezone, hours: allWeek('00:00', '24:00') }), at(from), at(to)) / 3600).toBe(hours)
  })
  it('a shift inside the missing hour is not open, one inside the doubled hour is open once', () => {
    const night = compileCalendar({ timezone: 'Europe/Stockholm', hours: allWeek('02:00', '02:30') })
    expect(openSecondsBetween(night, at('2026-10-25T00:00:00+02:00'), at('2026-10-26T00:00:00+01:00'))).toBe(1800)
  })
})
