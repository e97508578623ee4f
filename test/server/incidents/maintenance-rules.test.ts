import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  covers,
  nextTime,
  plannedTimes,
  quietTimes,
  plannedUntil,
  timesOf,
  type PlannedWork,
} from '../../../server/incidents/rules/maintenance-windows.ts'

const ZONE = 'Europe/Stockholm'
const at = (local: string, zone = ZONE): number => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds
const local = (ms: number): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(ZONE).toPlainDateTime().toString().slice(0, 16)
const work = (from: string, to: string, more: Partial<PlannedWork> = {}): PlannedWork => ({
  id: 'w',
  scope: {},
  fromMs: at(from),
  toMs: at(to),
  recurrence: null,
  timeZone: ZONE,
  reason: 'Update',
  ...more,
})
const place = { customerId: 'c1', siteId: 's1', profileId: 'p1', deviceId: 'd1' }

describe('the times of a window', () => {
  it.each([
    {
      why: 'once is once',
      window: work('2026-11-16T22:00', '2026-11-17T02:00'),
      times: ['2026-11-16T22:00 2026-11-17T02:00'],
    },
    {
      why: 'every Monday and Thursday at the same local time, over midnight',
      window: work('2026-11-16T22:00', '2026-11-17T02:00', { recurrence: { days: ['mon', 'thu'] } }),
      times: ['2026-11-16T22:00 2026-11-17T02:00', '2026-11-19T22:00 2026-11-20T02:00', '2026-11-23T22:00 2026-11-24T02:00'],
    },
    {
      why: 'the last date is the last begin',
      window: work('2026-11-16T22:00', '2026-11-17T02:00', { recurrence: { days: ['mon', 'thu'], until: '2026-11-19' } }),
      times: ['2026-11-16T22:00 2026-11-17T02:00', '2026-11-19T22:00 2026-11-20T02:00'],
    },
    {
      why: 'a first day that is not among the weekdays is no time of it',
      window: work('2026-11-16T22:00', '2026-11-17T02:00', { recurrence: { days: ['sun'] } }),
      times: ['2026-11-22T22:00 2026-11-23T02:00'],
    },
  ])('$why', ({ window, times }) => {
    const found = timesOf(window, { fromMs: at('2026-11-16T00:00'), toMs: at('2026-11-25T00:00') })
    expect(found.map(time => `${local(time.fromMs)} ${local(time.toMs)}`)).toEqual(times)
  })

  it('keep their local time when the clocks change', () => {
    const window = work('2026-10-19T03:00', '2026-10-19T05:00', { recurrence: { days: ['mon'] } })
    const found = timesOf(window, { fromMs: at('2026-10-19T00:00'), toMs: at('2026-10-27T00:00') })
    expect(found.map(time => local(time.fromMs))).toEqual(['2026-10-19T03:00', '2026-10-26T03:00'])
    expect((found[1]?.fromMs ?? 0) - (found[0]?.fromMs ?? 0)).toBe(7 * 86_400_000 + 3_600_000)
  })

  it('name the one that runs, then the next, then none', () => {
    const once = work('2026-11-16T22:00', '2026-11-17T02:00')
    expect(nextTime(once, at('2026-11-16T23:00'))).toEqual({ fromMs: once.fromMs, toMs: once.toMs })
    expect(nextTime(once, at('2026-11-17T02:00'))).toBeNull()
    const weekly = work('2026-11-16T22:00', '2026-11-17T02:00', { recurrence: { days: ['mon'], until: '2026-11-23' } })
    expect(local(nextTime(weekly, at('2026-11-17T02:00'))?.fromMs ?? 0)).toBe('2026-11-23T22:00')
    expect(nextTime(weekly, at('2026-11-24T02:00'))).toBeNull()
  })
})

describe('a window covers', () => {
  it.each([
    { why: 'everything when nothing is named', scope: {}, is: true },
    { why: 'its customer', scope: { customerId: 'c1' }, is: true },
    { why: 'not another customer', scope: { customerId: 'c2' }, is: false },
    { why: 'a profile at a site: both must fit', scope: { siteId: 's1', profileId: 'p2' }, is: false },
    { why: 'one signal of one device', scope: { deviceId: 'd1', signal: 'screen.blank' }, is: true },
    { why: 'not the other signals', scope: { deviceId: 'd1', signal: 'app.crashed' }, is: false },
  ])('$why', ({ scope, is }) => {
    expect(covers(scope, place, 'screen.blank')).toBe(is)
  })

  it('times that follow one another as one', () => {
    const works = [work('2026-11-16T22:00', '2026-11-17T02:00'), work('2026-11-17T01:00', '2026-11-17T04:00', { scope: { siteId: 's1' } })]
    const times = quietTimes(plannedTimes(works, at('2026-11-16T23:00')), place, 'screen.blank')
    expect(plannedUntil(times, at('2026-11-16T23:00'))).toBe(at('2026-11-17T04:00'))
    expect(plannedUntil(times, at('2026-11-17T04:00'))).toBeNull()
    expect(
      plannedUntil(
        quietTimes(plannedTimes(works, at('2026-11-16T23:00')), { ...place, siteId: 's2' }, 'screen.blank'),
        at('2026-11-16T23:00'),
      ),
    ).toBe(at('2026-11-17T02:00'))
  })

  it('an instant exactly when one of its times does, however the search is cut', () => {
    const HOUR = 3_600_000
    const start = at('2026-03-20T00:00')
    fc.assert(
      fc.property(
        fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, { minLength: 1 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 0, max: 400 }),
        (days, fromHour, hours, probeHour) => {
          const window: PlannedWork = {
            ...work('2026-03-20T00:00', '2026-03-20T01:00'),
            fromMs: start + fromHour * HOUR,
            toMs: start + (fromHour + hours) * HOUR,
            recurrence: { days },
          }
          const probe = start + probeHour * HOUR
          const wide = timesOf(window, { fromMs: start, toMs: start + 60 * 24 * HOUR })
          const inWide = wide.some(time => time.fromMs <= probe && probe < time.toMs)
          expect(plannedUntil(quietTimes(plannedTimes([window], probe), place, 'x.y'), probe) !== null).toBe(inWide)
        },
      ),
      { numRuns: 200 },
    )
  })
})
