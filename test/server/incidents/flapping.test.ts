import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPair, addResult, calmAtMs, changePercent, settle, spellUnstable, type Flaps } from '../../../server/incidents/rules/flapping.ts'

const T0 = 1_800_000_000_000
const MINUTE = 60_000

/** Results a number of minutes apart. */
const after = (results: string, everyMinutes: number): Flaps | null => {
  let flaps: Flaps | null = null
  for (const [index, result] of results.split('').entries()) flaps = addResult(flaps, result === 'f', T0 + index * everyMinutes * MINUTE)
  return flaps
}

describe('the weighted change of results', () => {
  it.each([
    { why: 'no change', results: 'o'.repeat(21), percent: 0 },
    { why: 'every result another', results: 'fo'.repeat(10) + 'f', percent: 100 },
    { why: 'the newest change counts 1.2', results: `${'o'.repeat(20)}f`, percent: 6 },
    { why: 'the oldest change counts 0.8', results: `f${'o'.repeat(20)}`, percent: 4 },
    { why: 'missing results have not changed: the same as the newest of 21', results: 'of', percent: 6 },
  ])('$why', ({ results, percent }) => {
    expect(changePercent(results)).toBeCloseTo(percent, 5)
  })
})

describe('a signal that comes and goes', () => {
  it.each([
    { why: 'never failed: nothing is kept of it', results: 'oooo', every: 1, unstable: undefined },
    { why: 'comes and goes every minute, 21 results', results: 'fo'.repeat(10) + 'f', every: 1, unstable: true },
    { why: 'as often, but 21 results are not there yet', results: 'fo'.repeat(8), every: 1, unstable: false },
    { why: 'three times in an hour are no flapping', results: 'fofofo', every: 10, unstable: false },
    { why: 'twice a day for weeks is no flapping', results: 'fo'.repeat(20), every: 360, unstable: false },
    { why: 'every other minute for a while', results: 'fo'.repeat(11), every: 2, unstable: true },
    { why: 'a blip of a second every ten minutes is none', results: 'fo'.repeat(20), every: 10, unstable: false },
  ])('$why', ({ results, every, unstable }) => {
    expect(after(results, every)?.isUnstable).toBe(unstable)
  })

  it('is unstable with the fifth end within an hour, and not with five in more than that', () => {
    const ends = (everyMinutes: number): Flaps => {
      let flaps = after('f', 1) as Flaps
      for (let index = 1; index <= 5; index++) flaps = addPair(flaps, T0 + index * everyMinutes * MINUTE)
      return flaps
    }
    expect([ends(14).isUnstable, ends(15).isUnstable, ends(16).isUnstable]).toEqual([true, false, false])
    expect(spellUnstable(ends(10))).toContain('came and went 5 times within an hour')
  })

  it('is calm when its last results are, and when its ends are an hour old', () => {
    const byChange = after('fo'.repeat(11), 1) as Flaps
    const calmMs = calmAtMs(byChange) - byChange.atMs
    expect(calmMs).toBeGreaterThan(15 * MINUTE)
    expect(calmMs).toBeLessThanOrEqual(21 * MINUTE)
    let byPairs = after('f', 1) as Flaps
    for (let index = 1; index <= 5; index++) byPairs = addPair(byPairs, T0 + index * MINUTE)
    expect(calmAtMs(byPairs)).toBeGreaterThanOrEqual(T0 + 61 * MINUTE)
    expect(settle(byPairs)).toMatchObject({ isUnstable: false, pairsAtMs: [] })
  })

  it('keeps at most 21 results and five ends, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(10 * MINUTE)), { maxLength: 200 }), steps => {
        let flaps: Flaps | null = null
        let atMs = T0
        for (const [isFailing, gap] of steps) {
          atMs += gap
          flaps = addResult(flaps, isFailing, atMs)
          if (flaps && !isFailing) flaps = addPair(flaps, atMs)
        }
        if (!flaps) return
        expect(flaps.results.length).toBeLessThanOrEqual(21)
        expect(flaps.pairsAtMs.length).toBeLessThanOrEqual(5)
        const calm = calmAtMs(flaps)
        expect(calm).toBeGreaterThanOrEqual(flaps.atMs)
        expect(calm - flaps.atMs).toBeLessThanOrEqual(61 * MINUTE)
      }),
    )
  })
})
