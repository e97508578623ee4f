import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideComments, sameText, type TheirComment } from '../../../server/servicedesks/rules/sync-comments.ts'
import { healthOf, type LinkFacts } from '../../../server/servicedesks/rules/sync-health.ts'
import { shownFacts, subjectConflict } from '../../../server/servicedesks/rules/sync-ownership.ts'
import { countMirrored, decideRetry, LOOP_LIMIT, readRetryAfter } from '../../../server/servicedesks/rules/sync-retry.ts'
import {
  decideState,
  isSameStatus,
  mapFaults,
  statusOf,
  stepsTo,
  SYNC_STATES,
  type StateMap,
} from '../../../server/servicedesks/rules/sync-states.ts'

const MAP: StateMap = {
  theirs: { '1': 'new', '2': 'in-progress', '3': 'waiting-customer', '6': 'resolved', '7': 'closed', '8': 'ignore' },
  ours: {
    new: '1',
    'in-progress': '2',
    'waiting-customer': '3',
    'waiting-partner': '2',
    'waiting-information': 'ignore',
    resolved: '6',
    closed: '7',
  },
}

describe('the status on both desks', () => {
  it.each([
    { why: 'nobody moved', ours: 'new', theirs: '1', agreed: ['new', '1'], want: { kind: 'nothing' } },
    { why: 'they moved', ours: 'new', theirs: '2', agreed: ['new', '1'], want: { kind: 'take', to: 'in-progress' } },
    { why: 'we moved', ours: 'resolved', theirs: '2', agreed: ['in-progress', '2'], want: { kind: 'push', state: '6', conflict: false } },
    {
      why: 'both moved: our clocks run from ours',
      ours: 'resolved',
      theirs: '3',
      agreed: ['in-progress', '2'],
      want: { kind: 'push', state: '6', conflict: true },
    },
    { why: 'both moved to the same', ours: 'resolved', theirs: '6', agreed: ['in-progress', '2'], want: { kind: 'nothing' } },
    {
      why: 'two of ours are one of theirs: their 2 does not undo it',
      ours: 'waiting-partner',
      theirs: '2',
      agreed: ['waiting-partner', '2'],
      want: { kind: 'nothing' },
    },
    { why: 'a state that says nothing', ours: 'new', theirs: '8', agreed: ['new', '1'], want: { kind: 'nothing' } },
    { why: 'a status nobody sets there', ours: 'waiting-information', theirs: '1', agreed: ['new', '1'], want: { kind: 'nothing' } },
    {
      why: 'a state nobody mapped is never guessed',
      ours: 'new',
      theirs: 'Neu',
      agreed: ['new', '1'],
      want: { kind: 'unknown', state: 'Neu' },
    },
    { why: 'unknown is said once', ours: 'new', theirs: 'Neu', agreed: ['new', 'Neu'], want: { kind: 'nothing' } },
    {
      why: 'we move on from an unknown one',
      ours: 'resolved',
      theirs: 'Neu',
      agreed: ['new', 'Neu'],
      want: { kind: 'push', state: '6', conflict: false },
    },
    {
      why: 'a name of Object is no state',
      ours: 'new',
      theirs: 'constructor',
      agreed: ['new', '1'],
      want: { kind: 'unknown', state: 'constructor' },
    },
  ] as const)('$why', ({ ours, theirs, agreed, want }) => {
    expect(decideState(MAP, { ours, theirs }, { ours: agreed[0], theirs: agreed[1] }, 'us')).toEqual(want)
  })

  it('a ticket is taken from who made it', () => {
    expect(decideState(MAP, { ours: 'new', theirs: '2' }, null, 'them')).toEqual({ kind: 'take', to: 'in-progress' })
    expect(decideState(MAP, { ours: 'in-progress', theirs: '1' }, null, 'us')).toEqual({ kind: 'push', state: '2', conflict: false })
  })

  it('agrees after one decision, whatever moved', () => {
    const state = fc.constantFrom(...SYNC_STATES)
    const raw = fc.constantFrom('1', '2', '3', '6', '7')
    fc.assert(
      fc.property(state, raw, state, raw, (ours, theirs, agreedOurs, agreedTheirs) => {
        const decision = decideState(MAP, { ours, theirs }, { ours: agreedOurs, theirs: agreedTheirs }, 'us')
        const after = { ours: decision.kind === 'take' ? decision.to : ours, theirs: decision.kind === 'push' ? decision.state : theirs }
        expect(isSameStatus(MAP, after.ours, after.theirs)).toBe(true)
      }),
    )
  })

  it('is reached by allowed steps', () => {
    expect(stepsTo('closed', 'waiting-customer')).toEqual(['in-progress', 'waiting-customer'])
    expect(stepsTo('resolved', 'closed')).toEqual(['closed'])
    expect(stepsTo('closed', 'resolved')).toEqual(['in-progress', 'resolved'])
    expect(stepsTo('in-progress', 'new')).toBeNull()
    expect(stepsTo('new', 'new')).toEqual([])
  })

  it('names what a map lacks', () => {
    expect(mapFaults(MAP)).toEqual([])
    const { closed: _, ...ours } = MAP.ours
    expect(mapFaults({ theirs: {}, ours }).map(fault => fault.path)).toEqual([
      '/ours/closed',
      '/theirs/1',
      '/theirs/2',
      '/theirs/3',
      '/theirs/6',
    ])
    expect(statusOf(MAP, 'toString')).toBeNull()
  })
})

const said = (id: string, text: string, more: Partial<TheirComment> = {}): TheirComment => ({
  id,
  text,
  isPublic: true,
  isOurs: false,
  author: 'Anna',
  atMs: null,
  ...more,
})
const decide = (comments: TheirComment[], known: string[] = [], written: [string, string | null, string][] = []) =>
  decideComments(
    comments,
    new Set(known),
    written.map(([rowId, externalId, text]) => ({ rowId, externalId, hash: sameText(text) })),
    sameText,
  ).map(action => [action.kind, action.comment.id])

describe('comments of their desk', () => {
  it.each([
    { why: 'a public word is a message', got: decide([said('1', 'Hi')]), want: [['message', '1']] },
    { why: 'what is known is over', got: decide([said('1', 'Hi')], ['1']), want: [] },
    { why: 'internal stays there', got: decide([said('1', 'Hi', { isPublic: false })]), want: [['skip', '1']] },
    { why: 'unknown counts as internal', got: decide([said('1', 'Hi', { isPublic: null })]), want: [['note', '1']] },
    {
      why: 'ours comes back with its id',
      got: decide([said('1', 'a  b', { isOurs: true })], [], [['r', null, 'a b']]),
      want: [['ours', '1']],
    },
    { why: 'ours on its way is left alone', got: decide([said('1', 'Hi', { isOurs: true })]), want: [] },
    { why: 'an echo under another name', got: decide([said('1', 'Hi')], [], [['r', null, 'Hi']]), want: [['ours', '1']] },
    {
      why: 'a word repeated by a person is a message',
      got: decide([said('2', 'OK')], ['1'], [['r', '1', 'OK']]),
      want: [['message', '2']],
    },
    {
      why: 'ours is matched before a person who says the same',
      got: decide([said('1', 'OK'), said('2', 'OK', { isOurs: true })], [], [['r', null, 'OK']]),
      want: [
        ['message', '1'],
        ['ours', '2'],
      ],
    },
  ])('$why', ({ got, want }) => expect(got).toEqual(want))

  it('makes a message only of what is said to be public', () => {
    const comment = fc.record({ isPublic: fc.constantFrom(true, false, null), isOurs: fc.boolean(), text: fc.constantFrom('a', 'b') })
    fc.assert(
      fc.property(fc.array(comment), list => {
        const comments = list.map((one, index) => said(`${index}`, one.text, one))
        const messages = decideComments(comments, new Set(), [], sameText).filter(action => action.kind === 'message')
        expect(messages.every(action => action.comment.isPublic === true && !action.comment.isOurs)).toBe(true)
      }),
    )
  })
})

describe('what did not arrive', () => {
  it.each([
    { why: 'no answer', status: null, want: 'again' },
    { why: 'a fault of theirs', status: 500, want: 'again' },
    { why: 'busy', status: 503, want: 'again' },
    ...[408, 409, 425, 429].map(status => ({ why: 'may pass', status, want: 'again' })),
    ...[302, 400, 401, 403, 404, 410, 422].map(status => ({ why: 'repeating does not mend it', status, want: 'park' })),
  ])('$status $why: $want', ({ status, want }) => {
    expect(decideRetry({ status, retryAfterMs: null, reason: '' }, 1, 0).kind).toBe(want)
  })

  it('pauses longer each time, with jitter, and as long as it is asked to', () => {
    const pause = (attempt: number, jitter: number, retryAfterMs: number | null = null) =>
      decideRetry({ status: 503, retryAfterMs, reason: '' }, attempt, jitter)
    expect([1, 2, 3, 30].map(attempt => pause(attempt, 0))).toEqual(
      [10_000, 20_000, 40_000, 3_600_000].map(inMs => ({ kind: 'again', inMs })),
    )
    expect(pause(1, 1)).toEqual({ kind: 'again', inMs: 5_000 })
    expect(pause(1, 0, 90_000)).toEqual({ kind: 'again', inMs: 90_000 })
    expect(readRetryAfter('120', 0)).toBe(120_000)
    expect(readRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 0)).toBe(60_000)
    expect(readRetryAfter('soon', 0)).toBeNull()
  })

  it('is a loop after twenty changes in ten minutes', () => {
    let recent: number[] = []
    for (let turn = 1; turn <= LOOP_LIMIT; turn += 1) {
      const counted = countMirrored(recent, 1, turn * 1000)
      expect(counted.isLoop).toBe(false)
      recent = counted.recent
    }
    expect(countMirrored(recent, 1, 30_000).isLoop).toBe(true)
    expect(countMirrored(recent, 1, 700_000).isLoop).toBe(false)
  })
})

const WELL: LinkFacts = {
  isEnabled: true,
  isInPlan: true,
  oldestPendingAtMs: null,
  oldestParkedAtMs: null,
  parked: 0,
  failingSinceMs: null,
  lastError: null,
  clockSkewMs: 0,
  warnings: [],
  stoppedTickets: 0,
}

describe('health of a link', () => {
  const MINUTE = 60_000
  it.each([
    { why: 'well', facts: {}, state: 'ok' },
    { why: 'switched off', facts: { isEnabled: false, parked: 3 }, state: 'off' },
    { why: 'not in the plan', facts: { isInPlan: false }, state: 'off' },
    { why: 'waits, but not for long', facts: { oldestPendingAtMs: 16 * MINUTE }, state: 'ok' },
    { why: 'waits for fifteen minutes', facts: { oldestPendingAtMs: 15 * MINUTE }, state: 'alarm' },
    { why: 'just parked', facts: { parked: 1, oldestParkedAtMs: 29 * MINUTE }, state: 'warning' },
    { why: 'parked for long', facts: { parked: 1, oldestParkedAtMs: 0 }, state: 'alarm' },
    { why: 'one failure', facts: { failingSinceMs: 29 * MINUTE }, state: 'warning' },
    { why: 'away for long', facts: { failingSinceMs: 0 }, state: 'alarm' },
    { why: 'clocks differ', facts: { clockSkewMs: -300_000 }, state: 'warning' },
    { why: 'a state nobody mapped', facts: { warnings: ['x'] }, state: 'warning' },
    { why: 'a ticket in a loop', facts: { stoppedTickets: 1 }, state: 'warning' },
  ])('$why: $state', ({ facts, state }) => {
    const health = healthOf({ ...WELL, ...facts }, 30 * MINUTE)
    expect(health.state).toBe(state)
    expect(health.why.length > 0).toBe(state !== 'ok')
  })
})

describe('fields with one owner', () => {
  it('shows theirs and keeps ours', () => {
    const theirs = { key: 'HELP-7', subject: 'Other words', priority: 'Hoch', assignee: null, stateName: 'Neu' }
    expect(shownFacts(theirs)).toEqual({ key: 'HELP-7', priority: 'Hoch', assignee: null, stateName: 'Neu' })
    expect(subjectConflict('Printer', 'Other words')).toContain('Other words')
    expect(subjectConflict('Printer', '[KK-2026-000001] Printer')).toBeNull()
  })
})
