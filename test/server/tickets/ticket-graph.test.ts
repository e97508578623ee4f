import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  endOfMerges,
  MERGE_UNDO_MS,
  mustUndo,
  whyNotMerge,
  whyNotPart,
  type TiedTicket,
} from '../../../server/tickets/rules/ticket-graph.ts'

const ticket = (id: string, more: Partial<TiedTicket> = {}): TiedTicket => ({
  id,
  reference: `KK-${id}`,
  customerId: 'c1',
  status: 'new',
  mergedIntoId: null,
  ...more,
})

describe('a merge', () => {
  it.each([
    { why: 'two of one customer become one', one: ticket('a'), into: ticket('b'), refused: null },
    {
      why: 'what is resolved may be merged too: it was the same thing',
      one: ticket('a', { status: 'resolved' }),
      into: ticket('b'),
      refused: null,
    },
    { why: 'a ticket into itself is a circle of one', one: ticket('a'), into: ticket('a'), refused: /itself/ },
    { why: 'customers never see each other', one: ticket('a'), into: ticket('b', { customerId: 'c2' }), refused: /another customer/ },
    { why: 'merged twice it would have two ends', one: ticket('a', { mergedIntoId: 'x' }), into: ticket('b'), refused: /undo that first/ },
    { why: 'words must not go where nobody works', one: ticket('a'), into: ticket('b', { status: 'closed' }), refused: /closed/ },
    {
      why: 'only the end of a chain is worked on',
      one: ticket('a'),
      into: ticket('b', { mergedIntoId: 'c' }),
      refused: /goes on in another/,
    },
  ])('$why', ({ one, into, refused }) => {
    const answer = whyNotMerge(one, into)
    if (refused === null) expect(answer).toBeNull()
    else expect(answer).toMatch(refused)
  })

  it('never closes a circle, and every ticket has one end, whatever is merged and undone in whatever order', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 4 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const into = new Map<string, string | null>()
        const mergedInto = (id: string): string | null => into.get(id) ?? null
        for (const [from, to, kind] of steps) {
          if (kind === 0) {
            into.delete(`${from}`)
            continue
          }
          const end = endOfMerges(`${to}`, mergedInto)
          const one = ticket(`${from}`, { mergedIntoId: mergedInto(`${from}`) })
          if (whyNotMerge(one, ticket(end)) === null) into.set(one.id, end)
          for (let id = 0; id < 8; id += 1) {
            let hops = 0
            for (let at: string | null = `${id}`; at !== null; at = mergedInto(at)) expect(++hops).toBeLessThanOrEqual(8)
            expect(mergedInto(endOfMerges(`${id}`, mergedInto))).toBeNull()
          }
        }
      }),
    )
  })

  it('ends also in data that has a circle, which no rule of ours makes', () => {
    const circle: Record<string, string> = { a: 'b', b: 'c', c: 'a' }
    expect(['a', 'b', 'c']).toContain(endOfMerges('a', id => circle[id] ?? null))
  })

  it.each([
    { why: 'within the hour it is undone', merge: { atMs: 0, undoneAtMs: null }, nowMs: MERGE_UNDO_MS, refused: null },
    {
      why: 'later words have gone to the other ticket',
      merge: { atMs: 0, undoneAtMs: null },
      nowMs: MERGE_UNDO_MS + 1,
      refused: /an hour ago/,
    },
    { why: 'what was undone is not undone again', merge: { atMs: 0, undoneAtMs: 5 }, nowMs: 10, refused: /not merged/ },
    { why: 'there is nothing to undo', merge: null, nowMs: 0, refused: /not merged/ },
  ])('$why', ({ merge, nowMs, refused }) => {
    const undo = (): void => mustUndo(merge, 'KK-1', nowMs)
    if (refused === null) expect(undo).not.toThrow()
    else expect(undo).toThrow(refused)
  })
})

describe('a part of a ticket', () => {
  const none = (): null => null
  it.each([
    { why: 'subordinate problems are tickets of their own', child: ticket('a'), parent: ticket('b'), parentOf: none, refused: null },
    { why: 'nothing is a part of itself', child: ticket('a'), parent: ticket('a'), parentOf: none, refused: /itself/ },
    {
      why: 'several customers are a major incident',
      child: ticket('a'),
      parent: ticket('b', { customerId: 'c2' }),
      parentOf: none,
      refused: /major/,
    },
    {
      why: 'one has one whole',
      child: ticket('a'),
      parent: ticket('b'),
      parentOf: (id: string) => (id === 'a' ? 'z' : null),
      refused: /already/,
    },
    {
      why: 'the whole is no part of its part',
      child: ticket('a'),
      parent: ticket('b'),
      parentOf: (id: string) => (id === 'b' ? 'a' : null),
      refused: /circle/,
    },
    {
      why: 'what was merged has no parts',
      child: ticket('a'),
      parent: ticket('b', { mergedIntoId: 'c' }),
      parentOf: none,
      refused: /goes on/,
    },
  ])('$why', ({ child, parent, parentOf, refused }) => {
    const answer = whyNotPart(child, parent, parentOf)
    if (refused === null) expect(answer).toBeNull()
    else expect(answer).toMatch(refused)
  })

  it('never becomes a circle', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { maxLength: 60 }), ties => {
        const parents = new Map<string, string>()
        const parentOf = (id: string): string | null => parents.get(id) ?? null
        for (const [child, parent] of ties) {
          if (whyNotPart(ticket(`${child}`), ticket(`${parent}`), parentOf) === null) parents.set(`${child}`, `${parent}`)
          for (let id = 0; id < 7; id += 1) {
            let hops = 0
            for (let at: string | null = `${id}`; at !== null; at = parentOf(at)) expect(++hops).toBeLessThanOrEqual(7)
          }
        }
      }),
    )
  })
})
