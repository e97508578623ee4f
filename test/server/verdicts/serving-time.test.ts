import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileCalendar, isOpen } from '../../../server/calendars/rules/calendar.ts'
import { countServing, servingPercent, type VerdictMark } from '../../../server/verdicts/rules/serving-time.ts'
import type { VerdictWord } from '../../../shared/api/devices/device-api.ts'

const ZONE = 'Europe/Stockholm'
const shop = compileCalendar({ timezone: ZONE, hours: { mon: [['08:00', '18:00']], tue: [['08:00', '18:00']], sun: [['00:00', '06:00']] } })
const at = (local: string): number => Temporal.PlainDateTime.from(local).toZonedDateTime(ZONE).epochMilliseconds
const mark = (local: string, verdict: VerdictWord, cause: string | null = null): VerdictMark => ({ fromMs: at(local), verdict, cause })
const MONDAY = { fromMs: at('2026-11-16T00:00'), toMs: at('2026-11-17T00:00') }
/** Hours by verdict: open, serving, degraded, not serving, planned, unknown. */
const inHours = (facts: ReturnType<typeof countServing>): number[] =>
  Object.values(facts.sums).map(seconds => Math.round((seconds / 3600) * 1000) / 1000)

describe('serving time', () => {
  it.each([
    {
      why: 'the verdict before the window counts from its beginning',
      marks: [mark('2026-11-10T12:00', 'serving')],
      hours: [10, 10, 0, 0, 0, 0],
    },
    {
      why: 'a fault over closing time counts only while the shop is open',
      marks: [mark('2026-11-15T00:00', 'serving'), mark('2026-11-16T17:00', 'not-serving', 'screen.blank')],
      hours: [10, 9, 0, 1, 0, 0],
      causes: [{ signal: 'screen.blank', seconds: 3600 }],
    },
    {
      why: 'a night of faults is no time lost',
      marks: [
        mark('2026-11-15T00:00', 'serving'),
        mark('2026-11-16T01:00', 'not-serving', 'app.crashed'),
        mark('2026-11-16T07:59', 'serving'),
      ],
      hours: [10, 10, 0, 0, 0, 0],
    },
    {
      why: 'before its first verdict a device was not there: the day has only the hours since',
      marks: [mark('2026-11-16T13:00', 'serving')],
      hours: [5, 5, 0, 0, 0, 0],
    },
    {
      why: 'degraded still serves, planned absence and unknown are told apart',
      marks: [
        mark('2026-11-15T00:00', 'degraded', 'printer.jam'),
        mark('2026-11-16T10:00', 'closed'),
        mark('2026-11-16T11:00', 'unknown'),
        mark('2026-11-16T15:00', 'serving'),
      ],
      hours: [10, 3, 2, 0, 1, 4],
    },
    {
      why: 'while the server was down nobody knows: it is taken off whatever the verdict was',
      marks: [mark('2026-11-15T00:00', 'not-serving', 'app.frozen')],
      blind: [{ fromMs: at('2026-11-16T06:00'), toMs: at('2026-11-16T10:00') }],
      hours: [10, 0, 0, 8, 0, 2],
      causes: [{ signal: 'app.frozen', seconds: 8 * 3600 }],
    },
    { why: 'a device that was never there has no hours', marks: [], hours: [0, 0, 0, 0, 0, 0] },
  ])('$why', ({ marks, hours, causes, blind }) => {
    const facts = countServing({ marks, window: MONDAY, hours: shop, timeZone: ZONE, blind: blind ?? [] })
    expect(inHours(facts)).toEqual(hours)
    expect(facts.causes).toEqual(causes ?? [])
  })

  it('counts the night in which the clocks change by hours that passed', () => {
    const window = { fromMs: at('2026-03-29T00:00'), toMs: at('2026-03-30T00:00') }
    const facts = countServing({ marks: [mark('2026-03-01T00:00', 'serving')], window, hours: shop, timeZone: ZONE, blind: [] })
    expect(inHours(facts)[0]).toBe(5)
    expect(facts.days).toMatchObject([{ date: '2026-03-29' }])
  })

  it('says nothing of a percent when nothing was judged', () => {
    const facts = countServing({ marks: [mark('2026-11-01T00:00', 'unknown')], window: MONDAY, hours: null, timeZone: ZONE, blind: [] })
    expect(servingPercent(facts.sums)).toBeNull()
  })

  it('agrees with a walk over the minutes, for any verdicts and any times without a server', () => {
    const MINUTE = 60_000
    const window = { fromMs: at('2026-11-15T00:00'), toMs: at('2026-11-18T00:00') }
    const minutes = (window.toMs - window.fromMs) / MINUTE
    const instant = fc.integer({ min: -2000, max: minutes }).map(minute => window.fromMs + minute * MINUTE)
    const words = fc.constantFrom<VerdictWord>('serving', 'degraded', 'not-serving', 'closed', 'unknown')
    const marksOf = fc
      .uniqueArray(fc.record({ fromMs: instant, verdict: words, cause: fc.constant(null) }), {
        selector: item => item.fromMs,
        maxLength: 12,
      })
      .map(marks => marks.toSorted((one, other) => one.fromMs - other.fromMs))
    const spans = fc.array(
      fc.tuple(instant, fc.integer({ min: 1, max: 900 })).map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length * MINUTE })),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(marksOf, spans, (marks, blind) => {
        const { sums } = countServing({ marks, window, hours: shop, timeZone: ZONE, blind })
        const walked = { serving: 0, degraded: 0, 'not-serving': 0, closed: 0, unknown: 0 }
        for (let atMs = window.fromMs; atMs < window.toMs; atMs += MINUTE) {
          const current = marks.findLast(item => item.fromMs <= atMs)
          if (!current || !isOpen(shop, atMs)) continue
          walked[blind.some(span => span.fromMs <= atMs && atMs < span.toMs) ? 'unknown' : current.verdict] += 60
        }
        expect(sums).toEqual({
          openSeconds: Object.values(walked).reduce((sum, seconds) => sum + seconds, 0),
          servingSeconds: walked.serving,
          degradedSeconds: walked.degraded,
          notServingSeconds: walked['not-serving'],
          plannedSeconds: walked.closed,
          unknownSeconds: walked.unknown,
        })
      }),
      { numRuns: 150 },
    )
  })
})
