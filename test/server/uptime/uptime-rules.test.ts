import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeBeat } from '../../../server/uptime/rules/heartbeat.ts'
import { addLook, EMPTY_LOOK_LOG, type Look, type LookLog } from '../../../server/uptime/rules/probe-log.ts'
import { lastMonths, measureUptime, type BeatSpan } from '../../../server/uptime/rules/availability.ts'
import { joinSpans, lengthOf, withoutSpans, type Span } from '../../../server/calendars/rules/spans.ts'

const beat = (fromMs: number, toMs: number, ended: string | null = null): BeatSpan => ({ fromMs, toMs, ended })
const HOUR = 3_600_000
const window = { fromMs: 0, toMs: 1000 * HOUR }
const base = { window, nowMs: 1000 * HOUR, probes: [], planned: [], promisePercent: 99.9 }

describe('measured uptime', () => {
  it.each([
    ['one run without a gap', { beats: [beat(0, 1000 * HOUR)] }, { downMs: 0, percent: 100, state: 'kept' }],
    [
      'a gap between two runs is down time',
      { beats: [beat(0, 10 * HOUR, 'killed'), beat(12 * HOUR, 1000 * HOUR)] },
      { downMs: 2 * HOUR, percent: 99.8, state: 'broken' },
    ],
    [
      'exactly what the promise allows is kept',
      { beats: [beat(0, 10 * HOUR), beat(11 * HOUR, 1000 * HOUR)] },
      { downMs: HOUR, allowedMs: HOUR, state: 'kept' },
    ],
    ['nothing is measured before the first beat', { beats: [beat(500 * HOUR, 1000 * HOUR)] }, { measuredMs: 500 * HOUR, downMs: 0 }],
    ['what lies ahead is not measured', { beats: [beat(0, 10 * HOUR)], nowMs: 10 * HOUR }, { measuredMs: 10 * HOUR, downMs: 0 }],
    ['no beat at all: nothing is known', { beats: [] }, { measuredMs: 0, percent: null, state: 'unknown' }],
    ['no promise: measured, not judged', { beats: [beat(0, 1000 * HOUR)], promisePercent: null }, { state: 'no-promise', percent: 100 }],
    [
      'announced maintenance counts neither way',
      {
        beats: [beat(0, 10 * HOUR), beat(15 * HOUR, 1000 * HOUR)],
        planned: [{ fromMs: 9 * HOUR, toMs: 16 * HOUR, announcedAtMs: HOUR, reason: 'new disks' }],
      },
      { downMs: 0, plannedMs: 5 * HOUR, percent: 100, state: 'kept' },
    ],
    [
      'what goes beyond the announced time is down time',
      {
        beats: [beat(0, 10 * HOUR), beat(15 * HOUR, 1000 * HOUR)],
        planned: [{ fromMs: 10 * HOUR, toMs: 12 * HOUR, announcedAtMs: 0, reason: 'new disks' }],
      },
      { downMs: 3 * HOUR, plannedMs: 2 * HOUR, state: 'broken' },
    ],
    [
      'maintenance announced after it began is none',
      {
        beats: [beat(0, 10 * HOUR), beat(12 * HOUR, 1000 * HOUR)],
        planned: [{ fromMs: 10 * HOUR, toMs: 12 * HOUR, announcedAtMs: 11 * HOUR, reason: 'excuse' }],
      },
      { downMs: 2 * HOUR, plannedMs: 0 },
    ],
    [
      'up inside, unreachable from outside: down',
      {
        beats: [beat(0, 1000 * HOUR)],
        probes: [{ name: 'shop', spans: [{ fromMs: 20 * HOUR, toMs: 22 * HOUR, isUp: false, reason: 'ECONNREFUSED' }] }],
      },
      { downMs: 2 * HOUR, state: 'broken' },
    ],
    [
      'one probe down while another is up: the way of the first is broken, not the platform',
      {
        beats: [beat(0, 1000 * HOUR)],
        probes: [
          { name: 'shop', spans: [{ fromMs: 20 * HOUR, toMs: 22 * HOUR, isUp: false, reason: 'ENETUNREACH' }] },
          { name: 'office', spans: [{ fromMs: 0, toMs: 1000 * HOUR, isUp: true, reason: null }] },
        ],
      },
      { downMs: 0, state: 'kept' },
    ],
    [
      'inside and outside see the same outage once',
      {
        beats: [beat(0, 10 * HOUR), beat(12 * HOUR, 1000 * HOUR)],
        probes: [{ name: 'shop', spans: [{ fromMs: 11 * HOUR, toMs: 13 * HOUR, isUp: false, reason: 'timeout' }] }],
      },
      { downMs: 3 * HOUR },
    ],
    [
      'overlapping runs (the clock was set back) are one',
      { beats: [beat(0, 500 * HOUR, 'set back'), beat(400 * HOUR, 1000 * HOUR)] },
      { downMs: 0 },
    ],
  ] as const)('%s', (_reason, facts, expected) => {
    const result = measureUptime({ ...base, ...(facts as unknown as Partial<typeof base> & { beats: BeatSpan[] }) })
    expect(result).toMatchObject(expected)
  })

  it('says who saw a gap and why it was there', () => {
    const { down } = measureUptime({
      ...base,
      beats: [beat(0, 10 * HOUR, 'the server was stopped'), beat(12 * HOUR, 1000 * HOUR)],
      probes: [{ name: 'shop', spans: [{ fromMs: 50 * HOUR, toMs: 51 * HOUR, isUp: false, reason: 'timeout' }] }],
    })
    expect(down).toEqual([
      { fromMs: 10 * HOUR, toMs: 12 * HOUR, seenBy: ['inside'], planned: false, reason: 'the server was stopped' },
      { fromMs: 50 * HOUR, toMs: 51 * HOUR, seenBy: ['shop'], planned: false, reason: 'not reached from outside: timeout' },
    ])
  })

  const spans = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 60 })), { maxLength: 12 })
    .map(list => list.map(([fromMs, length]): Span => ({ fromMs, toMs: fromMs + length })))
  const minutes = (list: readonly Span[]): Set<number> => {
    const set = new Set<number>()
    for (const { fromMs, toMs } of list) for (let at = fromMs; at < toMs; at += 1) set.add(at)
    return set
  }

  it('counts what a walk over every instant counts', () => {
    fc.assert(
      fc.property(spans, spans, spans, spans, fc.integer({ min: 1, max: 360 }), (runs, downs, ups, windows, nowMs) => {
        fc.pre(runs.some(run => run.toMs > run.fromMs))
        const beats = runs.map(run => beat(run.fromMs, run.toMs))
        const planned = windows.map(span => ({ ...span, announcedAtMs: span.fromMs - 1, reason: 'planned' }))
        const probes = [
          { name: 'a', spans: downs.map(span => ({ ...span, isUp: false, reason: null })) },
          { name: 'b', spans: ups.map(span => ({ ...span, isUp: true, reason: null })) },
        ]
        const result = measureUptime({ window: { fromMs: 50, toMs: 320 }, nowMs, beats, probes, planned, promisePercent: 99 })
        const first = Math.min(...beats.map(run => run.fromMs))
        const [up, seenDown, seenUp, excused] = [minutes(beats), minutes(downs), minutes(ups), minutes(windows)]
        const count = { measuredMs: 0, downMs: 0, plannedMs: 0 }
        for (let at = Math.max(50, first); at < Math.min(320, nowMs); at += 1) {
          count.measuredMs += 1
          if (up.has(at) && !(seenDown.has(at) && !seenUp.has(at))) continue
          if (excused.has(at)) count.plannedMs += 1
          else count.downMs += 1
        }
        expect({ measuredMs: result.measuredMs, downMs: result.downMs, plannedMs: result.plannedMs }).toEqual(count)
        expect(lengthOf(result.down)).toBe(count.downMs + count.plannedMs)
      }),
    )
  })

  it('joins and cuts without losing an instant', () => {
    fc.assert(
      fc.property(spans, spans, (one, other) => {
        expect(minutes(joinSpans(one))).toEqual(minutes(one))
        const cut = minutes(other)
        expect(minutes(withoutSpans(one, other))).toEqual(new Set([...minutes(one)].filter(at => !cut.has(at))))
      }),
    )
  })
})

describe('the months of a zone', () => {
  it('begin at local midnight, newest first', () => {
    const [now, before] = lastMonths(Temporal.Instant.from('2026-11-01T00:30:00+01:00').epochMilliseconds, 'Europe/Stockholm', 2)
    expect(now).toMatchObject({ month: '2026-11', fromMs: Temporal.Instant.from('2026-11-01T00:00:00+01:00').epochMilliseconds })
    expect(before).toMatchObject({ month: '2026-10', fromMs: Temporal.Instant.from('2026-10-01T00:00:00+02:00').epochMilliseconds })
  })
})

describe('a beat', () => {
  const run = { id: 'r', lastMs: 1_000_000, monotonicMs: 5_000 }
  it.each([
    ['the next second extends the run', { wallMs: 1_001_000, monotonicMs: 6_000 }, 'extend'],
    ['a clock set forward leaves no gap', { wallMs: 9_000_000, monotonicMs: 6_000 }, 'extend'],
    ['a clock set back begins a new run', { wallMs: 500_000, monotonicMs: 6_000 }, 'new'],
    ['a process that stood still was not there', { wallMs: 1_060_000, monotonicMs: 65_000 }, 'new'],
    ['three seconds are a slow second', { wallMs: 1_003_000, monotonicMs: 8_000 }, 'extend'],
  ])('%s', (_reason, next, kind) => expect(takeBeat(run, next).kind).toBe(kind))
})

describe('what a probe remembers', () => {
  const looks = (list: readonly (readonly [number, boolean])[], log: LookLog = EMPTY_LOOK_LOG): LookLog =>
    list.reduce((before, [atMs, isUp]) => addLook(before, { atMs, isUp, reason: isUp ? null : 'refused' } satisfies Look, 20), log)
  it.each([
    [
      'good looks are one span',
      [
        [0, true],
        [5, true],
        [10, true],
      ],
      [[0, 10, true]],
    ],
    [
      'one failed look is noise of the way',
      [
        [0, true],
        [5, false],
        [10, true],
      ],
      [[0, 10, true]],
    ],
    [
      'two in a row are down, since the first',
      [
        [0, true],
        [5, false],
        [10, false],
        [15, true],
      ],
      [
        [0, 5, true],
        [5, 10, false],
        [10, 15, true],
      ],
    ],
    [
      'down from the first look on',
      [
        [0, false],
        [5, false],
        [10, false],
      ],
      [[0, 10, false]],
    ],
    [
      'a probe that was away says nothing about the time',
      [
        [0, true],
        [5, true],
        [100, true],
        [105, true],
      ],
      [
        [0, 5, true],
        [100, 105, true],
      ],
    ],
    [
      'a doubt before it was away stays open',
      [
        [0, true],
        [5, false],
        [100, true],
        [105, true],
      ],
      [[100, 105, true]],
    ],
    [
      'a clock set back begins anew',
      [
        [100, true],
        [50, true],
        [55, true],
      ],
      [[50, 55, true]],
    ],
  ] as const)('%s', (_reason, given, expected) => {
    expect(looks(given).spans.map(({ fromMs, toMs, isUp }) => [fromMs, toMs, isUp])).toEqual(expected)
  })
  it('never overlaps itself, whatever it sees', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), { maxLength: 60 }), steps => {
        let atMs = 0
        const { spans } = looks(steps.map(([step, isUp]) => [(atMs += step), isUp] as const))
        for (const [index, span] of spans.entries()) {
          expect(span.toMs).toBeGreaterThan(span.fromMs)
          const next = spans[index + 1]
          if (next) expect(next.fromMs).toBeGreaterThanOrEqual(span.toMs)
        }
      }),
    )
  })
})
