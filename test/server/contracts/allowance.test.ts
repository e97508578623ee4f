import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocatePlaces, type Allowance, type Candidate, type PlaceState } from '../../../server/contracts/rules/cover-allocation.ts'

const device = (id: string, state: PlaceState, at: number, chosen = false): Candidate => ({
  id,
  state,
  enrolledAtMs: at,
  waitingSinceMs: state === 'waiting' ? at : null,
  chosen,
})
const refused = (included: number | null, inGrace = false): Allowance => ({ included, more: 'refused', inGrace })

describe('places in a plan', () => {
  it.each<{ why: string; devices: Candidate[]; allowance: Allowance; moved: Record<string, PlaceState> }>([
    { why: 'a free place goes to the one that waits', devices: [device('a', 'waiting', 1)], allowance: refused(1), moved: { a: 'active' } },
    {
      why: 'who waits longest enters first',
      devices: [device('a', 'active', 1), device('b', 'waiting', 3), device('c', 'waiting', 2)],
      allowance: refused(2),
      moved: { c: 'active' },
    },
    {
      why: 'nobody enters when all places are taken',
      devices: [device('a', 'active', 1), device('b', 'waiting', 2)],
      allowance: refused(1),
      moved: {},
    },
    {
      why: 'beyond a plan that bills, devices are additional',
      devices: [device('a', 'active', 1), device('b', 'waiting', 2)],
      allowance: { included: 1, more: 'billed', inGrace: false },
      moved: { b: 'additional' },
    },
    {
      why: 'a freed place makes the oldest additional one covered',
      devices: [device('b', 'additional', 2), device('c', 'additional', 3)],
      allowance: { included: 1, more: 'billed', inGrace: false },
      moved: { b: 'active' },
    },
    {
      why: 'in the grace of a downgrade all stay active',
      devices: [device('a', 'active', 1), device('b', 'active', 2)],
      allowance: refused(1, true),
      moved: {},
    },
    {
      why: 'after the grace the longest enrolled stay',
      devices: [device('a', 'active', 1), device('b', 'active', 2)],
      allowance: refused(1),
      moved: { b: 'uncovered' },
    },
    {
      why: 'a choice beats age',
      devices: [device('a', 'active', 1), device('b', 'active', 2, true)],
      allowance: refused(1),
      moved: { a: 'uncovered' },
    },
    {
      why: 'an upgrade covers the uncovered before those who wait',
      devices: [device('a', 'active', 1), device('b', 'uncovered', 2), device('c', 'waiting', 0)],
      allowance: refused(2),
      moved: { b: 'active' },
    },
    {
      why: 'without limit everybody enters',
      devices: [device('a', 'waiting', 1), device('b', 'waiting', 2)],
      allowance: refused(null),
      moved: { a: 'active', b: 'active' },
    },
  ])('$why', ({ devices, allowance, moved }) => {
    expect(Object.fromEntries(allocatePlaces(devices, allowance))).toEqual(moved)
  })

  it('never gives more places than there are, leaves no place free while somebody waits, and is stable', () => {
    const states = fc.constantFrom<PlaceState>('active', 'additional', 'waiting', 'uncovered')
    const candidates = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 99 }).map(String),
        state: states,
        at: fc.integer({ min: 0, max: 50 }),
        chosen: fc.boolean(),
      }),
      { selector: item => item.id, maxLength: 30 },
    )
    fc.assert(
      fc.property(candidates, fc.integer({ min: 0, max: 12 }), (items, included) => {
        const devices = items.map(item => device(item.id, item.state, item.at, item.chosen))
        const moved = allocatePlaces(devices, refused(included))
        const after = devices.map(item => ({ ...item, state: moved.get(item.id) ?? item.state }))
        const covered = after.filter(item => item.state === 'active' || item.state === 'additional').length
        expect(covered).toBe(Math.min(included, devices.length))
        expect(allocatePlaces(after, refused(included)).size).toBe(0)
      }),
    )
  })
})
