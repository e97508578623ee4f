import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  judgeTickets,
  missedBy,
  replayRule,
  type PastEvent,
  type PastTicket,
  type TrialRule,
} from '../../../server/incidents/rules/rule-trial.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const RULE: TrialRule = { enabled: true, level: 2, holdSeconds: 60, clearSeconds: 30 }
const event = (minute: number, state: PastEvent['state'], key = 'd1/'): PastEvent => ({
  key,
  state,
  text: state,
  atMs: minute * MINUTE,
  receivedAtMs: minute * MINUTE,
})
const always = () => null

describe('a rule tried on the past', () => {
  it.each([
    { why: 'a fault longer than the hold is a ticket', events: [event(0, 'failing'), event(5, 'ok')], rule: RULE, opened: [1] },
    { why: 'one mended within the hold is none', events: [event(0, 'failing'), event(0.5, 'ok')], rule: RULE, opened: [] },
    { why: 'a longer hold swallows it', events: [event(0, 'failing'), event(5, 'ok')], rule: { ...RULE, holdSeconds: 600 }, opened: [] },
    { why: 'switched off nothing opens', events: [event(0, 'failing')], rule: { ...RULE, enabled: false }, opened: [] },
    { why: 'what still fails at the end is a ticket', events: [event(0, 'failing')], rule: RULE, opened: [1] },
    {
      why: 'the same fault within a day is the same ticket',
      events: [event(0, 'failing'), event(5, 'ok'), event(30, 'failing'), event(40, 'ok')],
      rule: RULE,
      opened: [1],
    },
    {
      why: 'after more than a day it is another one',
      events: [event(0, 'failing'), event(5, 'ok'), event(25 * 60, 'failing'), event(25 * 60 + 9, 'ok')],
      rule: RULE,
      opened: [1, 25 * 60 + 1],
    },
    {
      why: 'a quiet time long enough joins a flapping fault into one',
      events: [event(0, 'failing'), event(2, 'ok'), event(3, 'failing'), event(6, 'ok')],
      rule: { ...RULE, clearSeconds: 300 },
      opened: [1],
    },
    {
      why: 'each device and component counts for itself',
      events: [event(0, 'failing', 'd1/'), event(0, 'failing', 'd2/')],
      rule: RULE,
      opened: [1, 1],
    },
  ])('$why', ({ events, rule, opened }) => {
    expect(replayRule(events, rule, 60 * 24 * 3 * MINUTE, always).map(ticket => ticket.openedAtMs / MINUTE)).toEqual(opened)
  })

  it('never opens more with a longer hold', () => {
    const events = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.constantFrom<PastEvent['state']>('failing', 'ok', 'unknown')), {
        maxLength: 40,
      })
      .map(list => list.toSorted((one, other) => one[0] - other[0]).map(([minute, state]) => event(minute, state)))
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 3_600 }), fc.integer({ min: 0, max: 3_600 }), (past, hold, more) => {
        const count = (holdSeconds: number): number =>
          replayRule(past, { ...RULE, clearSeconds: 0, holdSeconds }, 6_000 * MINUTE, always).reduce(
            (sum, ticket) => sum + ticket.openings,
            0,
          )
        expect(count(hold + more)).toBeLessThanOrEqual(count(hold))
      }),
    )
  })

  it('tells what was real, what was noise, and what it would miss', () => {
    const past: PastTicket[] = [
      { id: '1', reference: 'KK-1', key: 'd1/', fromMs: 0, toMs: HOUR, acted: true },
      { id: '2', reference: 'KK-2', key: 'd2/', fromMs: 0, toMs: HOUR, acted: false },
      { id: '3', reference: 'KK-3', key: 'd3/', fromMs: 0, toMs: HOUR, acted: true },
    ]
    const replayed = replayRule([event(1, 'failing', 'd1/'), event(1, 'failing', 'd2/'), event(1, 'failing', 'd4/')], RULE, HOUR, always)
    expect(judgeTickets(replayed, past).map(ticket => [ticket.key, ticket.judged, ticket.reference])).toEqual([
      ['d1/', 'real', 'KK-1'],
      ['d2/', 'noise', 'KK-2'],
      ['d4/', 'unseen', null],
    ])
    expect(missedBy(replayed, past).map(ticket => ticket.reference)).toEqual(['KK-3'])
  })
})
