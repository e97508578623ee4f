/** Classes of cases that the suites of other projects hold, each with the reason. 2026-03-16 is a Monday. */
import { describe, expect, it } from 'vitest'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import { addOpenSeconds, compileCalendar, openSecondsBetween } from '../../../server/calendars/rules/calendar.ts'

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const whole: [string, string][] = [['00:00', '24:00']]
const office: CalendarSpec['hours'] = Object.fromEntries(days.slice(0, 5).map(day => [day, [['09:00', '17:00']]]))
const always: CalendarSpec['hours'] = Object.fromEntries(days.map(day => [day, whole]))
const utc = 'Etc/UTC'

describe('adding', () => {
  it.each<[reason: string, calendar: CalendarSpec, from: string, minutes: number, to: string]>([
    ['half a second', { timezone: utc, hours: office }, '2026-03-16T10:00:00Z', 0.5 / 60, '2026-03-16T10:00:00.5Z'],
    ['the last second of a day and one more', { timezone: utc, hours: office }, '2026-03-16T16:59:59Z', 2 / 60, '2026-03-17T09:00:01Z'],
    [
      'a start with an offset and a fraction',
      { timezone: utc, hours: office },
      '2026-03-16T20:29:59.250+05:30',
      60,
      '2026-03-16T15:59:59.250Z',
    ],
    ['a whole year of eight-hour days', { timezone: utc, hours: office }, '2026-01-01T00:00:00Z', 261 * 480, '2026-12-31T17:00:00Z'],
    ['ten years around the clock', { timezone: utc, hours: always }, '2016-01-01T00:00:00Z', 5_260_320, '2026-01-01T00:00:00Z'],
    ['a leap day counts', { timezone: utc, hours: always }, '2028-02-28T12:00:00Z', 1440, '2028-02-29T12:00:00Z'],
    ['and is no day in other years', { timezone: utc, hours: always }, '2027-02-28T12:00:00Z', 1440, '2027-03-01T12:00:00Z'],
    [
      'open on leap days only',
      { timezone: utc, hours: {}, overrides: { '2024-02-29': whole, '2028-02-29': whole } },
      '2024-02-29T12:00:00Z',
      1440,
      '2028-02-29T12:00:00Z',
    ],
    [
      'a holiday on a Saturday changes nothing',
      { timezone: utc, hours: office, holidays: ['2026-03-21'] },
      '2026-03-20T16:00:00Z',
      120,
      '2026-03-23T10:00:00Z',
    ],
    [
      'a week of holidays',
      { timezone: utc, hours: office, holidays: ['2026-03-16', '2026-03-17', '2026-03-18', '2026-03-19', '2026-03-20'] },
      '2026-03-13T17:00:00Z',
      1,
      '2026-03-23T09:01:00Z',
    ],
    [
      'around the clock with a holiday',
      { timezone: utc, hours: always, holidays: ['2026-12-25'] },
      '2026-12-24T23:30:00Z',
      60,
      '2026-12-26T00:30:00Z',
    ],
    [
      'a break that covers the day',
      { timezone: utc, hours: office, breaks: { '2026-03-17': [['08:00', '18:00']] } },
      '2026-03-16T16:00:00Z',
      120,
      '2026-03-18T10:00:00Z',
    ],
    [
      'a break over the closing time',
      { timezone: utc, hours: office, breaks: { '2026-03-16': [['16:00', '18:00']] } },
      '2026-03-16T15:30:00Z',
      60,
      '2026-03-17T09:30:00Z',
    ],
    [
      'a break before opening changes nothing',
      { timezone: utc, hours: office, breaks: { '2026-03-16': [['06:00', '09:00']] } },
      '2026-03-16T08:00:00Z',
      60,
      '2026-03-16T10:00:00Z',
    ],
    [
      'two breaks that overlap the ends of intervals',
      {
        timezone: utc,
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['13:00', '17:00'],
          ],
        },
        breaks: {
          '2026-03-16': [
            ['11:00', '14:00'],
            ['15:00', '15:30'],
          ],
        },
      },
      '2026-03-16T08:00:00Z',
      300,
      '2026-03-16T16:30:00Z',
    ],
    [
      'an override opens a Sunday',
      { timezone: utc, hours: office, overrides: { '2026-03-15': [['10:00', '12:00']] } },
      '2026-03-13T16:30:00Z',
      60,
      '2026-03-15T10:30:00Z',
    ],
    [
      'an override without hours closes a day',
      { timezone: utc, hours: office, overrides: { '2026-03-16': [] } },
      '2026-03-13T16:30:00Z',
      60,
      '2026-03-17T09:30:00Z',
    ],
    [
      'a holiday beats an override',
      { timezone: utc, hours: office, overrides: { '2026-03-16': [['10:00', '12:00']] }, holidays: ['2026-03-16'] },
      '2026-03-13T16:30:00Z',
      60,
      '2026-03-17T09:30:00Z',
    ],
    [
      'pieces that touch at midnight are one night',
      { timezone: utc, hours: { fri: [['22:00', '24:00']], sat: [['00:00', '02:00']] } },
      '2026-03-20T23:30:00Z',
      60,
      '2026-03-21T00:30:00Z',
    ],
    [
      'pieces that touch at noon are one day',
      {
        timezone: utc,
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['12:00', '16:00'],
          ],
        },
      },
      '2026-03-16T11:30:00Z',
      60,
      '2026-03-16T12:30:00Z',
    ],
    [
      'pieces in any order',
      {
        timezone: utc,
        hours: {
          mon: [
            ['13:00', '17:00'],
            ['08:00', '12:00'],
          ],
        },
      },
      '2026-03-16T11:30:00Z',
      60,
      '2026-03-16T13:30:00Z',
    ],
    [
      'the last minute of the day alone',
      { timezone: utc, hours: { mon: [['23:59', '24:00']] } },
      '2026-03-16T00:00:00Z',
      2,
      '2026-03-24T00:00:00Z',
    ],
    [
      'the first minute of the day alone',
      { timezone: utc, hours: { mon: [['00:00', '00:01']] } },
      '2026-03-16T00:00:30Z',
      1,
      '2026-03-23T00:00:30Z',
    ],
    [
      'one minute a week for nineteen years',
      { timezone: utc, hours: { mon: [['09:00', '09:01']] } },
      '2026-03-16T00:00:00Z',
      1000,
      '2045-05-08T09:01:00Z',
    ],
    ['what ends at closing is due at closing', { timezone: utc, hours: office }, '2026-03-20T16:00:00Z', 60, '2026-03-20T17:00:00Z'],
    [
      'a start at closing begins with the next opening',
      { timezone: utc, hours: office },
      '2026-03-20T17:00:00Z',
      60,
      '2026-03-23T10:00:00Z',
    ],
    ['before 1970', { timezone: 'America/New_York', hours: office }, '1969-12-31T16:00:00-05:00', 120, '1970-01-01T10:00:00-05:00'],
    [
      'the night of a clock change that Sweden had in 1980',
      { timezone: 'Europe/Stockholm', hours: always },
      '1980-04-06T00:00:00+01:00',
      1440,
      '1980-04-07T01:00:00+02:00',
    ],
    // Stockholm kept its mean time until 1879: an hour less 6 min 32 s ahead of UTC.
    ['local mean time with seconds', { timezone: 'Europe/Stockholm', hours: office }, '1875-03-15T08:00:00Z', 60, '1875-03-15T09:06:32Z'],
    // Monrovia was 44 min 30 s behind until 1972.
    [
      'an offset with seconds within living memory',
      { timezone: 'Africa/Monrovia', hours: office },
      '1971-12-31T17:44:30Z',
      30,
      '1972-01-03T10:14:30Z',
    ],
    [
      'a zone that has no Friday that week',
      { timezone: 'Pacific/Apia', hours: office },
      '2011-12-29T16:00:00-10:00',
      120,
      '2012-01-02T10:00:00+14:00',
    ],
    ['a far year', { timezone: 'Europe/Stockholm', hours: office }, '9998-12-31T12:00:00+01:00', 60, '9998-12-31T13:00:00+01:00'],
    ['the year nought', { timezone: utc, hours: always }, '0000-01-01T00:00:00Z', 60, '0000-01-01T01:00:00Z'],
  ])('%s', (_reason, calendar, from, minutes, to) => {
    const answer = addOpenSeconds(compileCalendar(calendar), at(from), minutes * 60)
    expect(Temporal.Instant.fromEpochMilliseconds(answer).toString()).toBe(Temporal.Instant.from(to).toString())
  })
})

describe('measuring', () => {
  it.each<[reason: string, calendar: CalendarSpec, from: string, to: string, seconds: number]>([
    ['reversed is nothing', { timezone: utc, hours: office }, '2026-03-16T12:00:00Z', '2026-03-16T10:00:00Z', 0],
    ['the same instant is nothing', { timezone: utc, hours: office }, '2026-03-16T12:00:00Z', '2026-03-16T12:00:00Z', 0],
    ['a millisecond', { timezone: utc, hours: office }, '2026-03-16T12:00:00Z', '2026-03-16T12:00:00.001Z', 0.001],
    ['closing to opening is nothing', { timezone: utc, hours: office }, '2026-03-20T17:00:00Z', '2026-03-23T09:00:00Z', 0],
    ['Saturday to Sunday is nothing', { timezone: utc, hours: office }, '2026-03-21T10:00:00Z', '2026-03-22T10:00:00Z', 0],
    ['a hundred years around the clock', { timezone: utc, hours: always }, '1926-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 36_525 * 86_400],
    ['a year of working hours', { timezone: 'Europe/Paris', hours: office }, '2025-12-31T23:00:00Z', '2026-12-31T23:00:00Z', 261 * 28_800],
    ['a day of 24.5 hours', { timezone: 'Australia/Lord_Howe', hours: always }, '2026-04-04T13:00:00Z', '2026-04-05T13:30:00Z', 88_200],
    ['a day of 22 hours', { timezone: 'Antarctica/Troll', hours: always }, '2026-03-29T00:00:00+00:00', '2026-03-29T22:00:00Z', 79_200],
    [
      'a day that is 23 h 58 min 45 s long: Sao Paulo in 1914',
      { timezone: 'America/Sao_Paulo', hours: always },
      '1913-12-31T03:06:28Z',
      '1914-01-02T03:00:00Z',
      2 * 86_400 - 388,
    ],
    [
      'midnight did not exist: the day began at one',
      { timezone: 'America/Sao_Paulo', hours: { sun: [['00:00', '02:00']] } },
      '2018-11-03T12:00:00Z',
      '2018-11-04T12:00:00Z',
      3_600,
    ],
    [
      '23:00 came twice before midnight',
      { timezone: 'America/Sao_Paulo', hours: { sat: [['22:00', '24:00']] } },
      '2018-02-17T12:00:00Z',
      '2018-02-18T12:00:00Z',
      10_800,
    ],
    [
      'a holiday closes its local date, not the date in UTC',
      { timezone: 'Asia/Tokyo', hours: always, holidays: ['2026-03-17'] },
      '2026-03-16T00:00:00Z',
      '2026-03-18T00:00:00Z',
      86_400,
    ],
    [
      'a holiday of 25 hours',
      { timezone: 'Europe/Berlin', hours: always, holidays: ['2026-10-25'] },
      '2026-10-24T00:00:00+02:00',
      '2026-10-27T00:00:00+01:00',
      2 * 86_400,
    ],
    [
      'a break of one minute every day of a week',
      {
        timezone: utc,
        hours: office,
        breaks: Object.fromEntries([16, 17, 18, 19, 20].map(day => [`2026-03-${day}`, [['12:00', '12:01']]])),
      },
      '2026-03-16T00:00:00Z',
      '2026-03-21T00:00:00Z',
      5 * (28_800 - 60),
    ],
  ])('%s', (_reason, calendar, from, to, seconds) => {
    expect(openSecondsBetween(compileCalendar(calendar), at(from), at(to))).toBe(seconds)
  })
})
