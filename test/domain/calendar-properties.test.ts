import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarSpec } from '../../shared/api/sla-api.ts'
import {
  addOpenSeconds,
  closeOfBusinessDay,
  compileCalendar,
  isOpen,
  nextClose,
  nextOpening,
  openSecondsBetween,
  wholeBusinessDaysWithin,
} from '../../server/domain/calendar.ts'
import { walkOf } from './calendar-walk.ts'

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds
const DAY_MS = 86_400_000
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** Each zone with local dates around which its clock changes, or something else is odd. */
const PLACES: [zone: string, date: string][] = [
  ['Europe/Stockholm', '2026-03-29'],
  ['Europe/Stockholm', '2026-10-25'],
  ['Europe/Stockholm', '2026-12-31'],
  // Clock changed at midnight: 00:00 did not exist, and 23:00 came twice.
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/Sao_Paulo', '2018-02-17'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  // Summer time is the standard there, interrupted for Ramadan.
  ['Africa/Casablanca', '2026-02-15'],
  ['Africa/Casablanca', '2026-03-22'],
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Apia', '2011-12-31'],
  ['Asia/Kathmandu', '1986-01-01'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Pacific/Chatham', '2026-04-05'],
  ['Pacific/Chatham', '2026-09-27'],
  // Two hours at once.
  ['Antarctica/Troll', '2026-03-29'],
  ['Antarctica/Troll', '2026-10-25'],
  ['Africa/Cairo', '2026-04-24'],
  ['Asia/Tehran', '2022-03-22'],
  ['America/St_Johns', '2006-10-29'],
  ['Pacific/Kwajalein', '1993-08-21'],
  ['Asia/Pyongyang', '2018-05-05'],
  ['Etc/UTC', '2028-02-29'],
  ['America/Havana', '2026-11-01'],
  ['Asia/Beirut', '2026-03-29'],
]

/** Intervals of one day, disjoint by construction; some touch, some begin at 00:00, some end at 24:00; any minute may be an edge. */
const intervalsArb = fc
  .uniqueArray(
    fc.oneof(
      fc.integer({ min: 0, max: 1440 }),
      fc.integer({ min: 0, max: 96 }).map(quarter => quarter * 15),
      fc.constantFrom(0, 60, 120, 150, 180, 1380, 1439, 1440),
    ),
    { minLength: 0, maxLength: 8 },
  )
  .map(marks => marks.toSorted((one, other) => one - other))
  .chain(marks =>
    fc.boolean().map(isTouching => {
      const step = isTouching ? 1 : 2
      const pairs: [string, string][] = []
      for (let index = 0; index + 1 < marks.length; index += step)
        pairs.push([clock(marks[index] as number), clock(marks[index + 1] as number)])
      return pairs
    }),
  )
const whole: [string, string][] = [['00:00', '24:00']]
const dayArb = fc.oneof(
  { weight: 4, arbitrary: intervalsArb },
  { weight: 1, arbitrary: fc.constant(whole) },
  // A night in two pieces.
  {
    weight: 1,
    arbitrary: fc.constant<[string, string][]>([
      ['00:00', '02:00'],
      ['22:00', '24:00'],
    ]),
  },
  { weight: 1, arbitrary: fc.constant<[string, string][]>([]) },
)
const datedArb = fc.dictionary(
  fc.integer({ min: -3, max: 6 }).map(plus => String(plus)),
  dayArb,
  { maxKeys: 3 },
)

const caseArb = fc
  .record({
    place: fc.constantFrom(...PLACES),
    week: fc.array(dayArb, { minLength: 7, maxLength: 7 }),
    overrides: datedArb,
    breaks: datedArb,
    holidays: fc.uniqueArray(fc.integer({ min: -3, max: 6 }), { maxLength: 2 }),
    // From three days before the odd date to one after it, down to the millisecond.
    offsetMs: fc.oneof(
      fc.integer({ min: -3 * DAY_MS, max: DAY_MS }),
      fc.integer({ min: -72, max: 24 }).map(hours => hours * 3_600_000),
    ),
    spanMs: fc.integer({ min: 0, max: 4 * DAY_MS }),
  })
  .map(({ place: [timezone, date], week, overrides, breaks, holidays, offsetMs, spanMs }) => {
    const on = (plus: number): string => Temporal.PlainDate.from(date).add({ days: plus }).toString()
    const dated = (rows: Record<string, [string, string][]>): Record<string, [string, string][]> =>
      Object.fromEntries(Object.entries(rows).map(([plus, intervals]) => [on(Number(plus)), intervals]))
    const spec: CalendarSpec = {
      timezone,
      hours: {
        ...Object.fromEntries(days.map((day, index) => [day, week[index]])),
        // Something is always open.
        wed: [['10:00', '11:15']],
      },
      holidays: holidays.map(on),
      overrides: dated(overrides),
      breaks: dated(breaks),
    }
    const fromMs = Temporal.PlainDate.from(date).toZonedDateTime(timezone).epochMilliseconds + offsetMs
    return { spec, fromMs, toMs: fromMs + spanMs }
  })

describe('for any calendar in any zone, around the days on which its clock changes', () => {
  it('open time is what a walk over every minute finds', () => {
    fc.assert(
      fc.property(caseArb, ({ spec, fromMs, toMs }) => {
        expect(openSecondsBetween(compileCalendar(spec), fromMs, toMs)).toBe(walkOf(spec).between(fromMs, toMs))
      }),
      { numRuns: 300 },
    )
  })
  it('the instant reached is the one the walk reaches', () => {
    fc.assert(
      fc.property(caseArb, fc.integer({ min: 1, max: 150_000_000 }), ({ spec, fromMs }, ms) => {
        const walked = walkOf(spec).add(fromMs, ms / 1000, 9 * DAY_MS)
        if (walked !== null) expect(addOpenSeconds(compileCalendar(spec), fromMs, ms / 1000)).toBe(walked)
      }),
      { numRuns: 300 },
    )
  })
  it('open or not, the next opening and the next close are those of the walk', () => {
    fc.assert(
      fc.property(caseArb, ({ spec, fromMs }) => {
        const [calendar, walk] = [compileCalendar(spec), walkOf(spec)]
        expect(isOpen(calendar, fromMs)).toBe(walk.isOpen(fromMs))
        const opening = walk.nextOpening(fromMs, 9 * DAY_MS)
        if (opening !== null) expect(nextOpening(calendar, fromMs)).toBe(opening)
        const close = walk.nextClose(fromMs, 6)
        if (close !== null) expect(nextClose(calendar, fromMs)).toBe(close)
      }),
      { numRuns: 250 },
    )
  })
  it('the close of the n-th business day is that of the walk, and whole business days up to it are n', () => {
    fc.assert(
      fc.property(caseArb, fc.integer({ min: 1, max: 4 }), ({ spec, fromMs }, n) => {
        const calendar = compileCalendar(spec)
        const walked = walkOf(spec).closeOfBusinessDay(fromMs, n, 8)
        if (walked === null) return
        expect(closeOfBusinessDay(calendar, fromMs, n)).toBe(walked)
        expect(wholeBusinessDaysWithin(calendar, fromMs, fromMs, walked)).toBe(n)
        expect(wholeBusinessDaysWithin(calendar, fromMs, fromMs, walked - 1)).toBe(n - 1)
      }),
      { numRuns: 150 },
    )
  })
  it('adding and measuring are inverse, and what is due lies in open time or at its end', () => {
    fc.assert(
      fc.property(caseArb, fc.integer({ min: 1, max: 2_000_000_000 }), ({ spec, fromMs }, ms) => {
        const calendar = compileCalendar(spec)
        const dueMs = addOpenSeconds(calendar, fromMs, ms / 1000)
        expect(Math.round(openSecondsBetween(calendar, fromMs, dueMs) * 1000)).toBe(ms)
        expect(isOpen(calendar, dueMs - 1)).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
  it('measuring and adding are inverse at an instant in open time', () => {
    fc.assert(
      fc.property(caseArb, ({ spec, fromMs, toMs }) => {
        const calendar = compileCalendar(spec)
        fc.pre(toMs > fromMs && isOpen(calendar, toMs - 1))
        expect(addOpenSeconds(calendar, fromMs, openSecondsBetween(calendar, fromMs, toMs))).toBe(toMs)
      }),
      { numRuns: 200 },
    )
  })
  it('more time is never due earlier, a later start neither', () => {
    const someArb = fc.integer({ min: 0, max: 300_000_000 })
    fc.assert(
      fc.property(caseArb, someArb, someArb, ({ spec, fromMs, toMs }, some, more) => {
        const calendar = compileCalendar(spec)
        const dueMs = addOpenSeconds(calendar, fromMs, some / 1000)
        expect(addOpenSeconds(calendar, fromMs, (some + more) / 1000)).toBeGreaterThanOrEqual(dueMs)
        expect(addOpenSeconds(calendar, toMs, some / 1000)).toBeGreaterThanOrEqual(dueMs)
      }),
      { numRuns: 300 },
    )
  })
  it('a span split in three, or a sum added in two steps, is the same', () => {
    const partArb = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(caseArb, partArb, partArb, fc.integer({ min: 1, max: 100_000_000 }), ({ spec, fromMs, toMs }, one, other, ms) => {
        const calendar = compileCalendar(spec)
        const [first, second] = [one, other].map(part => Math.round(fromMs + (toMs - fromMs) * part)).toSorted((a, b) => a - b) as [
          number,
          number,
        ]
        const sum = [
          [fromMs, first],
          [first, second],
          [second, toMs],
        ].reduce((total, [from, to]) => total + openSecondsBetween(calendar, from as number, to as number), 0)
        expect(sum).toBeCloseTo(openSecondsBetween(calendar, fromMs, toMs), 6)
        const half = Math.floor(ms / 2)
        const inSteps = addOpenSeconds(calendar, addOpenSeconds(calendar, fromMs, half / 1000), (ms - half) / 1000)
        expect(inSteps).toBe(addOpenSeconds(calendar, fromMs, ms / 1000))
      }),
      { numRuns: 300 },
    )
  })
})

const office: CalendarSpec['hours'] = Object.fromEntries(days.slice(0, 5).map(day => [day, [['09:00', '17:00']]]))
const always: CalendarSpec['hours'] = Object.fromEntries(days.map(day => [day, whole]))
const utc = 'Etc/UTC'

/** Classes of cases that the suites of other projects hold, each with the reason. 2026-03-16 is a Monday. */
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
    ['five hundred years', { timezone: utc, hours: always }, '1526-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 182_622 * 86_400],
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
