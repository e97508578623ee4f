import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ATTENDANCE_MS,
  heard,
  looksAlike,
  MAX_ATTENDANTS,
  present,
  type Attendant,
} from '../../../server/tickets/rules/attendance-rules.ts'

const ada = { personId: 'user:1', name: 'Ada', isWriting: false }
const bob = { personId: 'user:2', name: 'Bob', isWriting: true }

describe('who is at a ticket', () => {
  it.each([
    { why: 'two heartbeats may be lost', laterMs: ATTENDANCE_MS - 1, isThere: true },
    { why: 'after the third nobody is there', laterMs: ATTENDANCE_MS, isThere: false },
  ])('$why', ({ laterMs, isThere }) => {
    expect(present(heard([], ada, 0), laterMs).length === 1).toBe(isThere)
  })

  it('keeps since when somebody is there, and begins anew for who came back', () => {
    const twice = heard(heard([], ada, 0), ada, 15_000)
    expect(twice).toMatchObject([{ sinceMs: 0, heardAtMs: 15_000 }])
    expect(heard(twice, ada, 15_000 + ATTENDANCE_MS)).toMatchObject([{ sinceMs: 15_000 + ATTENDANCE_MS }])
  })

  it('tells others of coming, going and writing, not of heartbeats', () => {
    const both = heard(heard([], ada, 0), bob, 0)
    expect(looksAlike(both, heard(both, ada, 5_000))).toBe(true)
    expect(looksAlike(both, heard(both, { ...ada, isWriting: true }, 5_000))).toBe(false)
    expect(looksAlike(both, both.slice(1))).toBe(false)
  })

  it('holds nobody twice, nobody who has gone, and never more than the limit', () => {
    const beat = fc.record({
      person: fc.integer({ min: 0, max: 80 }),
      isWriting: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: 30_000 }),
    })
    fc.assert(
      fc.property(fc.array(beat, { maxLength: 200 }), beats => {
        let nowMs = 0
        let list: readonly Attendant[] = []
        for (const { person, isWriting, afterMs } of beats) {
          nowMs += afterMs
          list = heard(list, { personId: `user:${person}`, name: 'x', isWriting }, nowMs)
          expect(new Set(list.map(one => one.personId)).size).toBe(list.length)
          expect(list.length).toBeLessThanOrEqual(MAX_ATTENDANTS)
          expect(list.every(one => nowMs - one.heardAtMs < ATTENDANCE_MS && one.sinceMs <= one.heardAtMs)).toBe(true)
        }
      }),
    )
  })
})
