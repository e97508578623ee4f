import * as fc from 'fast-check'
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
import { parseCalendar } from '../../../server/calendars/rules/calendar-spec.ts'
import { openYear } from '../../../server/calendars/rules/calendar-year.ts'
import { walkOf } from './calendar-walk.ts'

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
const always: CalendarSpec['hours'] = Object.fromEntries(days.map(day => [day, whole]))
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

describe('around the clock', () => {
  it('open time is elapsed time, over every change of the clock', () => {
    fc.assert(
      fc.property(caseArb, ({ spec: { timezone }, fromMs, toMs }) => {
        expect(openSecondsBetween(compileCalendar({ timezone, hours: always }), fromMs, toMs)).toBe((toMs - fromMs) / 1000)
      }),
      { numRuns: 100 },
    )
  })
})

describe('in every zone there is', () => {
  it.each([1945, 2026])('the dates of %i begin when they begin, and around the clock nothing is lost', year => {
    for (const timezone of Intl.supportedValuesOf('timeZone')) {
      const open = openYear(parseCalendar({ timezone, hours: always }), year)
      let date = Temporal.PlainDate.from({ year, month: 1, day: 1 })
      const begin: number[] = []
      for (; date.year === year; date = date.add({ days: 1 })) begin.push(date.toZonedDateTime(timezone).epochMilliseconds)
      begin.push(date.toZonedDateTime(timezone).epochMilliseconds)
      expect([timezone, open.dateStarts]).toEqual([timezone, begin])
      expect([timezone, open.before.at(-1)]).toEqual([timezone, open.endMs - open.startMs])
    }
  })
})
