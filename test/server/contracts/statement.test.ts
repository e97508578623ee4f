import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  additionalDays,
  earliestEndMs,
  laterMonth,
  openMonth,
  openMonths,
  type AdditionalSpan,
  type StatementMonth,
} from '../../../server/contracts/rules/statement.ts'
import { monthOf } from '../../../server/tickets/rules/ticket-intake.ts'

const at = (text: string): number => Date.parse(text)
const monthIn = (month: string, timeZone: string): StatementMonth => ({
  ...monthOf(Temporal.PlainDate.from(`${month}-15`).toZonedDateTime(timeZone).epochMilliseconds, timeZone),
  timeZone,
})
const span = (from: string, to: string | null, deviceId = 'd'): AdditionalSpan => ({
  deviceId,
  fromMs: at(from),
  toMs: to === null ? null : at(to),
})

describe('days on which a device was additional', () => {
  it.each<{ why: string; month?: string; timeZone?: string; spans: AdditionalSpan[]; now?: string; days: string[] }>([
    { why: 'a moment makes a day', spans: [span('2026-11-05T10:00:00+01:00', '2026-11-05T10:00:01+01:00')], days: ['2026-11-05'] },
    {
      why: 'a moment on both sides of midnight makes two',
      spans: [span('2026-11-05T23:59:59+01:00', '2026-11-06T00:00:01+01:00')],
      days: ['2026-11-05', '2026-11-06'],
    },
    {
      why: 'the end at midnight is not the next day',
      spans: [span('2026-11-05T10:00:00+01:00', '2026-11-06T00:00:00+01:00')],
      days: ['2026-11-05'],
    },
    {
      why: 'twice on a day is one day',
      spans: [
        span('2026-11-05T10:00:00+01:00', '2026-11-05T11:00:00+01:00'),
        span('2026-11-05T15:00:00+01:00', '2026-11-05T16:00:00+01:00'),
      ],
      days: ['2026-11-05'],
    },
    { why: 'local days, not UTC days', spans: [span('2026-11-05T23:30:00Z', '2026-11-05T23:40:00Z')], days: ['2026-11-06'] },
    {
      why: 'what began before the month and goes on counts within it',
      spans: [span('2026-10-01T00:00:00Z', null)],
      now: '2026-11-03T12:00:00+01:00',
      days: ['2026-11-01', '2026-11-02', '2026-11-03'],
    },
    {
      why: 'what has just begun counts today',
      spans: [span('2026-11-03T12:00:00+01:00', null)],
      now: '2026-11-03T12:00:00+01:00',
      days: ['2026-11-03'],
    },
    {
      why: 'outside the month nothing counts',
      spans: [span('2026-10-01T00:00:00Z', '2026-10-31T23:00:00Z'), span('2026-12-01T00:00:00+01:00', null)],
      now: '2026-12-05T00:00:00Z',
      days: [],
    },
    {
      why: 'the day of 23 hours',
      month: '2026-03',
      spans: [span('2026-03-28T23:30:00+01:00', '2026-03-30T00:00:00+02:00')],
      days: ['2026-03-28', '2026-03-29'],
    },
    {
      why: 'the day of 25 hours, its last hour',
      month: '2026-10',
      spans: [span('2026-10-25T23:00:00+01:00', '2026-10-25T23:30:00+01:00')],
      days: ['2026-10-25'],
    },
    {
      why: 'an hour that comes twice, the second time',
      month: '2026-10',
      spans: [span('2026-10-25T02:30:00+01:00', '2026-10-25T02:40:00+01:00')],
      days: ['2026-10-25'],
    },
    {
      why: 'a day that begins at 01:00 for the clock skips midnight',
      month: '2026-09',
      timeZone: 'America/Santiago',
      spans: [span('2026-09-06T03:30:00Z', '2026-09-06T04:30:00Z')],
      days: ['2026-09-05', '2026-09-06'],
    },
    {
      why: 'a local date that did not exist is not billed',
      month: '2011-12',
      timeZone: 'Pacific/Apia',
      spans: [span('2011-12-29T12:00:00-10:00', '2011-12-31T12:00:00+14:00')],
      days: ['2011-12-29', '2011-12-31'],
    },
    {
      why: 'a clock that went back over midnight: both dates were there',
      month: '2010-11',
      timeZone: 'America/St_Johns',
      spans: [span('2010-11-07T00:00:30-02:30', '2010-11-06T23:30:00-03:30')],
      days: ['2010-11-06', '2010-11-07'],
    },
  ])('$why', ({ month = '2026-11', timeZone = 'Europe/Stockholm', spans, now = '2027-01-01T00:00:00Z', days }) => {
    expect(additionalDays(spans, monthIn(month, timeZone), at(now)).get('d') ?? []).toEqual(days)
  })

  it('equals a walk over every minute, on any history, month and zone', () => {
    const zones = ['Europe/Stockholm', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago', 'Pacific/Apia']
    const months = ['2026-02', '2026-03', '2026-04', '2026-09', '2026-10', '2026-11', '2024-02']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...months),
        fc.array(
          fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -3000, max: 46_000 }), fc.option(fc.integer({ min: 1, max: 9000 }))),
          { maxLength: 8 },
        ),
        fc.integer({ min: 0, max: 50_000 }),
        (timeZone, name, pieces, nowMinute) => {
          const month = monthIn(name, timeZone)
          const minute = (index: number): number => month.fromMs + index * 60_000
          const spans = pieces.map(([deviceId, from, length]): AdditionalSpan => ({
            deviceId,
            fromMs: minute(from),
            toMs: length === null ? null : minute(from + length),
          }))
          const nowMs = minute(nowMinute)
          const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
          const walked = new Map<string, Set<string>>()
          for (let ms = month.fromMs; ms < month.toMs; ms += 60_000) {
            const there = spans.filter(one => one.fromMs <= ms && (one.toMs === null ? ms <= nowMs : ms < one.toMs))
            if (there.length === 0) continue
            const date = format.format(ms)
            for (const { deviceId } of there) walked.set(deviceId, (walked.get(deviceId) ?? new Set()).add(date))
          }
          const recounted = Object.fromEntries([...walked].map(([id, dates]) => [id, [...dates]]))
          expect(Object.fromEntries(additionalDays(spans, month, nowMs))).toEqual(recounted)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)
})

describe('which month is open', () => {
  const since = at('2026-08-20T10:00:00Z')
  it('is the one the customer was made in, then the one after the last statement', () => {
    expect(openMonth(null, since, 'Europe/Stockholm')).toMatchObject({
      month: '2026-08',
      fromMs: at('2026-07-31T22:00:00Z'),
      toMs: at('2026-08-31T22:00:00Z'),
    })
    const last = { month: '2026-12', toMs: at('2026-12-31T23:00:00Z') }
    expect(openMonth(last, since, 'Europe/Stockholm')).toMatchObject({
      month: '2027-01',
      fromMs: last.toMs,
      toMs: at('2027-01-31T23:00:00Z'),
    })
  })

  it.each([
    {
      why: 'a customer that moved west: no moment is lost',
      timeZone: 'America/New_York',
      moment: '2026-12-01T02:00:00+01:00',
      days: ['2026-12-01'],
    },
    {
      why: 'a customer that moved east: what was billed is not billed again',
      timeZone: 'Asia/Tokyo',
      moment: '2026-11-30T20:00:00+01:00',
      days: [],
    },
  ])('follows the last statement when the zone changed in between: $why', ({ timeZone, moment, days }) => {
    const november = monthIn('2026-11', 'Europe/Stockholm')
    const december = openMonth({ month: '2026-11', toMs: november.toMs }, since, timeZone)
    expect(december.fromMs).toBe(november.toMs)
    const short = [{ deviceId: 'd', fromMs: at(moment), toMs: at(moment) + 60_000 }]
    expect(additionalDays(short, december, december.toMs).get('d') ?? []).toEqual(days)
    const total = [november, december].flatMap(month => additionalDays(short, month, december.toMs).get('d') ?? [])
    expect(total).toHaveLength(1)
  })

  it('has not ended anywhere before the earliest end, and has nowhere much later', () => {
    const zones = fc.constantFrom('Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Stockholm', 'America/St_Johns', 'Asia/Kathmandu')
    const instants = fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zones, instants, (timeZone, sinceMs) => {
        const first = openMonth(null, sinceMs, timeZone)
        expect(earliestEndMs(null, sinceMs)).toBeLessThanOrEqual(first.toMs)
        const next = openMonth({ month: first.month, toMs: first.toMs }, sinceMs, timeZone)
        expect(earliestEndMs(first.month, sinceMs)).toBeLessThanOrEqual(next.toMs)
        expect(next.toMs - earliestEndMs(first.month, sinceMs)).toBeLessThan(30 * 3_600_000)
      }),
    )
  })

  it('lists the months to now, and refuses what is later', () => {
    const open = openMonth(null, since, 'Europe/Stockholm')
    const now = at('2026-10-31T23:30:00Z')
    expect(openMonths(open, now)).toEqual(['2026-11', '2026-10', '2026-09', '2026-08'])
    expect(laterMonth('2026-11', open, now)?.fromMs).toBe(at('2026-10-31T23:00:00Z'))
    expect([laterMonth('2026-12', open, now), laterMonth('2026-08', open, now), laterMonth('2026-07', open, now)]).toEqual([
      null,
      null,
      null,
    ])
  })
})
