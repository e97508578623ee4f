import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findBurst,
  findPlatformBurst,
  moveOutage,
  platformThreshold,
  siteThreshold,
  TOGETHER_MS,
  type Loss,
} from '../../../server/incidents/rules/outage.ts'

const T0 = 1_800_000_000_000
const SECOND = 1_000
const MINUTE = 60 * SECOND
const lostAt = (seconds: readonly number[], siteId = 'site'): Loss[] =>
  seconds.map((second, index) => ({ deviceId: `${siteId}-${index}`, siteId, atMs: T0 + second * SECOND }))

describe('devices lost together', () => {
  it.each([
    { why: 'three of four: more than two', seconds: [0, 1, 2], devices: 4, found: 3 },
    { why: 'two of four are two faults', seconds: [0, 1], devices: 4, found: 0 },
    { why: 'three devices are too few to tell a site from', seconds: [0, 1, 2], devices: 3, found: 0 },
    { why: 'three of ten are 30 %, not more', seconds: [0, 1, 2], devices: 10, found: 0 },
    { why: 'four of ten are more', seconds: [0, 1, 2, 3], devices: 10, found: 4 },
    { why: 'a minute apart is together', seconds: [0, 30, 60], devices: 5, found: 3 },
    { why: 'more than a minute apart is not', seconds: [0, 30, 61], devices: 5, found: 0 },
    { why: 'an earlier single loss is not part of it', seconds: [0, 100, 110, 120], devices: 5, found: 3 },
  ])('$why', ({ seconds, devices, found }) => {
    expect(findBurst(lostAt(seconds), siteThreshold(devices))?.losses.length ?? 0).toBe(found)
  })

  it.each([
    { why: 'two sites, a third of ten and more', losses: [...lostAt([0, 1], 'a'), ...lostAt([2, 3], 'b')], devices: 10, found: 4 },
    { why: 'exactly 30 % is not more', losses: [...lostAt([0, 1], 'a'), ...lostAt([2], 'b')], devices: 10, found: 0 },
    { why: 'one site alone is that site', losses: lostAt([0, 1, 2, 3, 4]), devices: 10, found: 0 },
    { why: 'nine devices are too few', losses: [...lostAt([0, 1, 2], 'a'), ...lostAt([2, 3], 'b')], devices: 9, found: 0 },
  ])('of the platform: $why', ({ losses, devices, found }) => {
    expect(findPlatformBurst(losses, devices)?.losses.length ?? 0).toBe(found)
    expect(platformThreshold(9)).toBeNull()
  })

  it('finds the same whatever the order, more than the threshold, and never further apart than a minute', () => {
    const losses = fc.array(fc.nat(600), { maxLength: 60 }).map(seconds => lostAt(seconds))
    fc.assert(
      fc.property(losses, fc.integer({ min: 4, max: 80 }), (all, devices) => {
        const threshold = siteThreshold(devices)
        const burst = findBurst(all, threshold)
        expect(findBurst(all.toReversed(), threshold)?.beganAtMs).toBe(burst?.beganAtMs)
        const counts = all.map(first => all.filter(loss => loss.atMs >= first.atMs && loss.atMs - first.atMs <= TOGETHER_MS).length)
        expect(burst !== null).toBe(counts.some(count => count > (threshold ?? Infinity)))
        if (!burst) return
        const times = burst.losses.map(loss => loss.atMs)
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(TOGETHER_MS)
        expect(burst.losses.length).toBeGreaterThan(threshold ?? 0)
      }),
    )
  })
})

describe('the life of an outage', () => {
  const pending = { state: 'pending' as const, opensAtMs: T0 + 3 * MINUTE, recoveredAtMs: null }
  const open = { ...pending, state: 'open' as const }
  const recovering = { ...pending, state: 'recovering' as const, recoveredAtMs: T0 + 10 * MINUTE }
  const facts = { away: 5, threshold: 2, nowMs: T0 + 3 * MINUTE, quietMs: MINUTE, isHeld: false }
  it.each([
    { why: 'the hold is over', outage: pending, facts, move: 'open' },
    { why: 'within the hold nothing happens', outage: pending, facts: { ...facts, nowMs: T0 + 3 * MINUTE - 1 }, move: 'none' },
    { why: 'a blip opens nothing', outage: pending, facts: { ...facts, away: 2 }, move: 'drop' },
    { why: 'held while an outage of the platform lasts', outage: pending, facts: { ...facts, isHeld: true }, move: 'none' },
    { why: 'still too many away', outage: open, facts, move: 'none' },
    { why: 'contact returned', outage: open, facts: { ...facts, away: 2 }, move: 'recover' },
    { why: 'lost again within the grace', outage: recovering, facts, move: 'resume' },
    { why: 'the grace is not over', outage: recovering, facts: { ...facts, away: 1, nowMs: T0 + 12 * MINUTE - 1 }, move: 'none' },
    { why: 'the grace is over', outage: recovering, facts: { ...facts, away: 1, nowMs: T0 + 12 * MINUTE }, move: 'close' },
    {
      why: 'a longer quiet time of the rule counts',
      outage: recovering,
      facts: { ...facts, away: 0, quietMs: 5 * MINUTE, nowMs: T0 + 12 * MINUTE },
      move: 'none',
    },
    {
      why: 'a site that is too small by now is over with its last device',
      outage: open,
      facts: { ...facts, away: 1, threshold: null },
      move: 'none',
    },
  ])('$why', ({ outage, facts: seen, move }) => {
    expect(moveOutage(outage, seen)).toBe(move)
  })
})
