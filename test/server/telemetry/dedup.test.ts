import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addReceived, isReceived, MAX_RANGES, NOTHING_RECEIVED } from '../../../server/telemetry/rules/dedup.ts'

describe('dedup by sequence', () => {
  it('knows exactly what it was given, in any order, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), sequences => {
        let received = NOTHING_RECEIVED
        for (const sequence of sequences) received = addReceived(received, sequence)
        const given = new Set(sequences)
        for (let sequence = 1; sequence <= 61; sequence += 1) expect(isReceived(received, sequence)).toBe(given.has(sequence))
      }),
    )
  })

  it('folds ranges into the mark as soon as the gap is filled', () => {
    let received = NOTHING_RECEIVED
    for (const sequence of [3, 2, 5, 1, 4]) received = addReceived(received, sequence)
    expect(received).toEqual({ mark: 5, ranges: [] })
  })

  it('stays small when a device leaves endless gaps, and then lets the oldest gap go', () => {
    let received = NOTHING_RECEIVED
    for (let index = 1; index <= MAX_RANGES + 50; index += 1) received = addReceived(received, index * 2)
    expect(received.ranges.length).toBeLessThanOrEqual(MAX_RANGES)
    expect(isReceived(received, (MAX_RANGES + 50) * 2)).toBe(true)
    expect(isReceived(received, (MAX_RANGES + 50) * 2 - 1)).toBe(false)
  })
})
