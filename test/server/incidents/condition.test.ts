import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileCalendar } from '../../../server/calendars/rules/calendar.ts'
import { finishDue, takeObservation, type Condition, type Move, type Seen, type Terms } from '../../../server/incidents/rules/condition.ts'
import { effectiveLevel, heldSeconds, holdEnd, isCustomerFacing } from '../../../server/incidents/rules/condition-hold.ts'

const TERMS: Terms = { enabled: true, holdSeconds: 30, clearSeconds: 60, ladderSeconds: 300, hasRemedies: true, openingHours: null }
const T0 = 1_800_000_000_000
const SECOND = 1_000

const seen = (seconds: number, state: Seen['state'], more: Partial<Seen> = {}): Seen => ({
  state,
  level: 2,
  text: state,
  atMs: T0 + seconds * SECOND,
  receivedAtMs: T0 + seconds * SECOND,
  ladder: 'none',
  ...more,
})

/** Runs observations; the worker looks at the deadlines once a second of server time, or only at the end. */
function run(
  observations: readonly Seen[],
  terms: Terms,
  worker: 'every-second' | 'at-the-end',
  endMs: number,
): { condition: Condition | null; moves: string[]; all: Move[] } {
  let condition: Condition | null = null
  const moves: Move[] = []
  const work = (nowMs: number): void => {
    if (!condition) return
    const step = finishDue(condition, nowMs)
    condition = step.condition
    moves.push(...step.moves)
  }
  let nowMs = T0
  const workUntil = (untilMs: number): void => {
    if (worker === 'at-the-end') return
    for (; nowMs < untilMs; nowMs += SECOND) work(nowMs)
  }
  for (const observation of observations.toSorted((one, other) => one.receivedAtMs - other.receivedAtMs)) {
    workUntil(observation.receivedAtMs)
    const step = takeObservation(condition, observation, terms)
    condition = step.condition
    moves.push(...step.moves)
  }
  workUntil(endMs)
  work(endMs)
  return {
    condition,
    all: moves,
    moves: moves.filter(move => move.kind === 'open' || move.kind === 'close').map(move => `${move.kind} ${(move.atMs - T0) / SECOND}`),
  }
}
const judged = (observations: readonly Seen[], terms = TERMS) => run(observations, terms, 'every-second', T0 + 2_000 * SECOND).moves

describe('a condition', () => {
  it.each([
    { why: 'the hold is over', seconds: [seen(0, 'failing')], moves: ['open 30'] },
    { why: 'mended within the hold: nothing', seconds: [seen(0, 'failing'), seen(29, 'ok')], moves: [] },
    {
      why: 'mended at the very end of the hold: it lasted as long as the hold',
      seconds: [seen(0, 'failing'), seen(30, 'ok')],
      moves: ['open 30', 'close 30'],
    },
    {
      why: 'the hold counts from the first failing',
      seconds: [seen(0, 'failing'), seen(20, 'failing'), seen(25, 'failing')],
      moves: ['open 30'],
    },
    {
      why: 'a new fault after a mended one is held anew',
      seconds: [seen(0, 'failing'), seen(10, 'ok'), seen(20, 'failing'), seen(45, 'ok')],
      moves: [],
    },
    { why: 'quiet long enough: ended at the recovery', seconds: [seen(0, 'failing'), seen(100, 'ok')], moves: ['open 30', 'close 100'] },
    {
      why: 'back within the quiet time: one episode',
      seconds: [seen(0, 'failing'), seen(100, 'ok'), seen(159, 'failing'), seen(200, 'ok')],
      moves: ['open 30', 'close 200'],
    },
    {
      why: 'back when the quiet time is just over: two episodes',
      seconds: [seen(0, 'failing'), seen(100, 'ok'), seen(160, 'failing'), seen(200, 'ok')],
      moves: ['open 30', 'close 100', 'open 190', 'close 200'],
    },
    { why: 'unknown closes nothing', seconds: [seen(0, 'failing'), seen(100, 'unknown')], moves: ['open 30'] },
    { why: 'unknown opens nothing', seconds: [seen(0, 'unknown')], moves: [] },
    {
      why: 'unknown does not break a quiet time',
      seconds: [seen(0, 'failing'), seen(100, 'ok'), seen(120, 'unknown')],
      moves: ['open 30', 'close 100'],
    },
    {
      why: 'an older word is ignored',
      seconds: [seen(50, 'failing'), { ...seen(40, 'ok'), receivedAtMs: T0 + 60 * SECOND }],
      moves: ['open 80'],
    },
    { why: 'a ladder that runs is waited for', seconds: [seen(0, 'failing', { ladder: 'running' })], moves: ['open 300'] },
    { why: 'mended by the ladder: no ticket', seconds: [seen(0, 'failing', { ladder: 'running' }), seen(200, 'ok')], moves: [] },
    {
      why: 'an exhausted ladder is not waited for',
      seconds: [seen(0, 'failing', { ladder: 'running' }), seen(90, 'failing', { ladder: 'exhausted' })],
      moves: ['open 30'],
    },
    { why: 'level 1 waits for no ladder', seconds: [seen(0, 'failing', { ladder: 'running', level: 1 })], moves: ['open 30'] },
    {
      why: 'becoming level 1 ends the waiting',
      seconds: [seen(0, 'failing', { ladder: 'running' }), seen(60, 'failing', { level: 1 })],
      moves: ['open 30'],
    },
    {
      why: 'a repeated word without the ladder changes nothing',
      seconds: [seen(0, 'failing', { ladder: 'running' }), seen(60, 'failing')],
      moves: ['open 300'],
    },
  ])('$why', ({ seconds, moves }) => {
    expect(judged(seconds)).toEqual(moves)
  })

  it('does not wait for a ladder where the rule has no remedies', () => {
    expect(judged([seen(0, 'failing', { ladder: 'running' })], { ...TERMS, hasRemedies: false })).toEqual(['open 30'])
  })

  it('opens nothing while its rule is switched off', () => {
    expect(judged([seen(0, 'failing'), seen(500, 'ok')], { ...TERMS, enabled: false })).toEqual([])
  })

  const history = fc
    .array(
      fc.record({ gap: fc.integer({ min: 1, max: 200 }), state: fc.constantFrom('failing' as const, 'ok' as const, 'unknown' as const) }),
      // Too few to be unstable: then the open and close moves are all there is.
      { maxLength: 9 },
    )
    .map(items => {
      let at = 0
      return items.map(item => seen((at += item.gap), item.state))
    })
  const END_MS = T0 + 5_000 * SECOND

  it('ends the same whether the worker comes every second or only at the end', () => {
    fc.assert(
      fc.property(history, observations => {
        const live = run(observations, TERMS, 'every-second', END_MS)
        const late = run(observations, TERMS, 'at-the-end', END_MS)
        expect(late.moves).toEqual(live.moves)
        expect(late.condition).toEqual(live.condition)
      }),
    )
  })

  it('ends the same whether observations come at once or all together an hour later', () => {
    fc.assert(
      fc.property(history, observations => {
        const live = run(observations, TERMS, 'every-second', END_MS)
        const replayed = observations.map((one, index) => ({ ...one, receivedAtMs: T0 + 4_000 * SECOND + index * 20 }))
        expect(run(replayed, TERMS, 'every-second', END_MS).moves).toEqual(live.moves)
      }),
    )
  })

  const longHistory = fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 400 }), state: fc.constantFrom('failing' as const, 'ok' as const) }), {
      maxLength: 60,
    })
    .map(items => {
      let at = 0
      return items.map(item => seen((at += item.gap), item.state))
    })

  it('ends in the same state whatever the order, delay and repetition in which its observations come', () => {
    const muddled = history.chain(observations =>
      fc.record({
        observations: fc.constant(observations),
        order: fc.shuffledSubarray(
          observations.flatMap((_, index) => [index, index]),
          { minLength: observations.length },
        ),
        delays: fc.array(fc.nat(600), { minLength: 20, maxLength: 20 }),
      }),
    )
    fc.assert(
      fc.property(muddled, ({ observations, order, delays }) => {
        // What was not drawn comes last, so that everything comes at least once.
        const indexes = [...order, ...observations.keys()]
        const startMs = T0 + 2_000 * SECOND
        let receivedAtMs = startMs
        const late = indexes.map((index, position) => {
          receivedAtMs += (delays[position % 20] ?? 0) * SECOND
          return { ...(observations[index] as Seen), receivedAtMs }
        })
        const endMs = receivedAtMs + 5_000 * SECOND
        const inOrder = run(observations, TERMS, 'every-second', endMs).condition
        const muddledUp = run(late, TERMS, 'at-the-end', endMs).condition
        expect(muddledUp?.state === 'failing').toBe(inOrder?.state === 'failing')
        // Not knowing is never taken for well: the newest word said so.
        const newestWord = observations.findLast(one => one.state !== 'unknown')
        if (muddledUp?.state === 'ok') expect(newestWord?.state).toBe('ok')
        expect(muddledUp?.hasIncident).toBe(inOrder?.hasIncident)
        expect(muddledUp?.opensAtMs).toBe(inOrder?.opensAtMs)
      }),
    )
  })

  it('closes every incident once it is ok and quiet, however often it came and went', () => {
    fc.assert(
      fc.property(longHistory, observations => {
        const last = (observations.at(-1)?.atMs ?? T0) + SECOND
        const ended = [...observations, { ...seen(0, 'ok'), atMs: last, receivedAtMs: last }]
        const { all, condition } = run(ended, TERMS, 'at-the-end', last + 2 * 3_600_000)
        expect(condition).toMatchObject({ state: 'ok', hasIncident: false, opensAtMs: null, clearsAtMs: null })
        const opened = all.filter(move => move.kind === 'open').length
        expect(all.filter(move => move.kind === 'close')).toHaveLength(opened)
        expect(all.filter(move => move.kind === 'unstable')).toHaveLength(all.filter(move => move.kind === 'calm').length)
      }),
    )
  })

  it('opens nothing for an episode that began and ended before anybody here knew of it', () => {
    fc.assert(
      fc.property(longHistory, observations => {
        const last = (observations.at(-1)?.atMs ?? T0) + SECOND
        const ended = [...observations, { ...seen(0, 'ok'), atMs: last }]
        const late = ended.map((one, index) => ({ ...one, receivedAtMs: last + 3_600_000 + index * 20 }))
        const { all } = run(late, TERMS, 'at-the-end', last + 3 * 3_600_000)
        expect(all.filter(move => move.kind === 'open' && !move.isPast)).toEqual([])
        expect(all.filter(move => move.kind === 'unstable')).toEqual([])
      }),
    )
  })

  it('keeps one incident open for what comes and goes, and lets it go when it is calm', () => {
    const often = Array.from({ length: 8 }, (_, index) => [seen(index * 200, 'failing'), seen(index * 200 + 60, 'ok')]).flat()
    const { all } = run(often, TERMS, 'at-the-end', T0 + 3 * 3_600_000)
    const kinds = all.map(move => move.kind).filter(kind => ['open', 'close', 'unstable', 'calm'].includes(kind))
    expect(kinds).toEqual([...Array.from({ length: 4 }, () => ['open', 'close']).flat(), 'open', 'unstable', 'calm', 'close'])
  })

  it('opens what only ever blips within its hold when it does so all the time', () => {
    const blips = Array.from({ length: 30 }, (_, index) => [seen(index * 40, 'failing'), seen(index * 40 + 10, 'ok')]).flat()
    const { all } = run(blips, TERMS, 'at-the-end', T0 + 3 * 3_600_000)
    expect(all.map(move => move.kind).filter(kind => ['open', 'close', 'unstable', 'calm'].includes(kind))).toEqual([
      'open',
      'unstable',
      'calm',
      'close',
    ])
  })

  it('opens and closes in turn, never closes before it opened, and unknown changes nothing of it', () => {
    fc.assert(
      fc.property(history, observations => {
        const { moves } = run(observations, TERMS, 'every-second', END_MS)
        for (const [index, move] of moves.entries()) expect(move.startsWith(index % 2 === 0 ? 'open' : 'close')).toBe(true)
        const known = observations.filter(one => one.state !== 'unknown')
        expect(run(known, TERMS, 'every-second', END_MS).moves).toEqual(moves)
      }),
    )
  })
})

describe('the level of a fault', () => {
  it.each([
    { why: 'the rule decides', facts: { ruleLevel: 2, isCritical: false }, level: 2 },
    {
      why: 'the profile knows its component better, also downwards',
      facts: { ruleLevel: 2, profileLevel: 4, isCritical: false },
      level: 4,
    },
    { why: 'the event raises', facts: { ruleLevel: 3, severity: 1, isCritical: false }, level: 1 },
    { why: 'the event never lowers', facts: { ruleLevel: 2, severity: 4, isCritical: false }, level: 2 },
    { why: 'a critical device is level 1 when it is gone', facts: { ruleLevel: 2, isCritical: true }, level: 1 },
  ] as const)('$why', ({ facts, level }) => {
    expect(effectiveLevel(facts)).toBe(level)
  })

  it('gives the ladder its time only below level 1', () => {
    expect([
      heldSeconds(TERMS, 1, true),
      heldSeconds(TERMS, 2, true),
      heldSeconds(TERMS, 2, false),
      heldSeconds({ ...TERMS, ladderSeconds: 5 }, 2, true),
    ]).toEqual([30, 300, 30, 30])
  })
})

describe('opening hours', () => {
  const shop = compileCalendar({ timezone: 'Europe/Stockholm', hours: { mon: [['08:00', '20:00']], tue: [['08:00', '20:00']] } })
  const at = (text: string): number => Date.parse(`${text}+01:00`)
  it.each([
    { why: 'open: the hold alone', since: '2026-11-16T10:00:00', end: '2026-11-16T10:01:00' },
    { why: 'closed: held anew from the opening', since: '2026-11-16T22:00:00', end: '2026-11-17T08:01:00' },
    { why: 'the hold would end in closed time: held anew from the next opening', since: '2026-11-16T19:59:30', end: '2026-11-17T08:01:00' },
    { why: 'closed on Sunday: Monday', since: '2026-11-15T12:00:00', end: '2026-11-16T08:01:00' },
  ])('$why', ({ since, end }) => {
    expect(holdEnd(at(since), 60, shop)).toBe(at(end))
  })

  it('counts for what customers meet, not for the machine itself', () => {
    expect(['app.crashed', 'screen.blank', 'agent.offline', 'printer.jam', 'usb.missing'].every(isCustomerFacing)).toBe(true)
    expect(['disk.full', 'agent.outdated', 'filesystem.read-only', 'temperature.high', 'agent.missing'].some(isCustomerFacing)).toBe(false)
  })
})
