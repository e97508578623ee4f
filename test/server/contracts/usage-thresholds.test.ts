import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  judgeLimit,
  limitKey,
  percentReached,
  spellLimit,
  type LimitFact,
  type LimitLevel,
} from '../../../server/contracts/rules/usage-thresholds.ts'

describe('the threshold that is reached', () => {
  it.each<{ why: string; used: number; included: number | null; reached: 80 | 100 | null }>([
    { why: 'nothing is used', used: 0, included: 10, reached: null },
    { why: 'one below 80 % of ten', used: 7, included: 10, reached: null },
    { why: '80 % counts from exactly 80 % on', used: 8, included: 10, reached: 80 },
    { why: 'one before the end', used: 9, included: 10, reached: 80 },
    { why: 'all used', used: 10, included: 10, reached: 100 },
    { why: 'more than all, in the grace of a downgrade', used: 12, included: 10, reached: 100 },
    { why: 'two of three are 67 %', used: 2, included: 3, reached: null },
    { why: 'the third of three reaches both: 100 is the one that counts', used: 3, included: 3, reached: 100 },
    { why: 'of one, the first is all', used: 1, included: 1, reached: 100 },
    { why: 'four of five are 80 %', used: 4, included: 5, reached: 80 },
    { why: 'quarter hours: 3.25 of 4 are 81 %', used: 3.25, included: 4, reached: 80 },
    { why: 'quarter hours: 3 of 4 are 75 %', used: 3, included: 4, reached: null },
    { why: 'without limit nothing is reached', used: 1000, included: null, reached: null },
    { why: 'where nothing was agreed there is nothing to use up', used: 0, included: 0, reached: null },
  ])('$why', ({ used, included, reached }) => {
    expect(percentReached(used, included)).toBe(reached)
  })
})

describe('who hears of it', () => {
  type Step = { why: string; used: number; included?: number; tell: 80 | 100 | null }
  const walk = (period: string, steps: readonly Step[]): (80 | 100 | null)[] => {
    let before: LimitLevel | null = null
    return steps.map((step, index) => {
      const { level, tell } = judgeLimit(before, { limit: 'devices', period, used: step.used, included: step.included ?? 10 }, index)
      before = level
      return tell
    })
  }
  const wanted = (steps: readonly Step[]): (80 | 100 | null)[] => steps.map(step => step.tell)

  it('tells each threshold of devices and contacts once, and again after it fell below', () => {
    const steps: Step[] = [
      { why: 'far from it', used: 5, tell: null },
      { why: 'reaches 80', used: 8, tell: 80 },
      { why: 'still 80', used: 9, tell: null },
      { why: 'reaches 100', used: 10, tell: 100 },
      { why: 'still all used', used: 10, tell: null },
      { why: 'falls to 90 %: 80 was told', used: 9, tell: null },
      { why: 'reaches 100 anew', used: 10, tell: 100 },
      { why: 'falls below both', used: 7, tell: null },
      { why: 'goes straight to the end: one mail, for 100', used: 10, tell: 100 },
      { why: 'a larger plan: far from it', used: 10, included: 60, tell: null },
      { why: 'reaches 80 of the larger plan', used: 48, included: 60, tell: 80 },
    ]
    expect(walk('', steps)).toEqual(wanted(steps))
  })

  it('tells each threshold once a period, unless another number was agreed', () => {
    const steps: Step[] = [
      { why: 'reaches 80', used: 8, tell: 80 },
      { why: 'a use was cancelled', used: 7, tell: null },
      { why: 'reaches 80 again in the same period', used: 8, tell: null },
      { why: 'reaches 100', used: 10, tell: 100 },
      { why: 'cancelled and used again', used: 9, tell: null },
      { why: 'all used again', used: 10, tell: null },
      { why: 'a higher number was agreed: 83 % of it', used: 10, included: 12, tell: 80 },
      { why: 'all of the higher number', used: 12, included: 12, tell: 100 },
    ]
    expect(walk('2026-11', steps)).toEqual(wanted(steps))
  })

  it('never tells the same threshold twice while use only grows, and leaves none out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom('', '2026-11'), (included, period) => {
        let before: LimitLevel | null = null
        const told: number[] = []
        for (let used = 0; used <= included + 2; used += 1) {
          const { level, tell } = judgeLimit(before, { limit: 'cases', period, used, included }, used)
          if (tell !== null) told.push(tell)
          before = level
        }
        // Below five one device is more than a fifth: 80 % is passed over, and the mail about 100 says it all.
        expect(told).toEqual(included < 5 ? [100] : [80, 100])
      }),
    )
  })

  it('keeps since when a threshold holds', () => {
    const fact: LimitFact = { limit: 'devices', period: '', used: 8, included: 10 }
    const first = judgeLimit(null, fact, 1000).level
    expect(judgeLimit(first, { ...fact, used: 9 }, 2000).level.sinceMs).toBe(1000)
    expect(judgeLimit(first, { ...fact, used: 10 }, 2000).level.sinceMs).toBe(2000)
  })
})

describe('what people read', () => {
  const plan = (more: 'refused' | 'billed', beyond: 'pay-per-incident' | 'approval') => ({
    name: 'Production',
    devices: { included: 60, more },
    cases: { perMonth: 12, beyond, payPerIncident: false },
  })
  it.each<{
    why: string
    fact: LimitFact
    percent: 80 | 100
    more?: 'refused' | 'billed'
    beyond?: 'pay-per-incident' | 'approval'
    says: string
  }>([
    {
      why: 'devices of a plan that refuses',
      fact: { limit: 'devices', period: '', used: 3, included: 3 },
      percent: 100,
      says: '3 of 3 devices in the plan Production are covered. Every further device is refused and waits until a place is free.',
    },
    {
      why: 'devices of a plan that bills',
      fact: { limit: 'devices', period: '', used: 48, included: 60 },
      percent: 80,
      more: 'billed',
      says: '48 of 60 devices in the plan Production are covered. When all are used: every further device is admitted and billed per device and day.',
    },
    {
      why: 'a single contact',
      fact: { limit: 'contacts', period: '', used: 1, included: 1 },
      percent: 100,
      says: '1 of 1 named contact in the plan Production is used. Every further contact is refused; who is not a named contact can still register, and the ticket is marked.',
    },
    {
      why: 'cases that wait for approval',
      fact: { limit: 'cases', period: '2026-11', used: 10, included: 12 },
      percent: 80,
      says: '10 of 12 cases in 2026-11 of the plan Production are used. When all are used: every further case of the month is kept and waits for approval, without deadlines until then.',
    },
    {
      why: 'cases paid per incident',
      fact: { limit: 'cases', period: '2026-11', used: 12, included: 12 },
      percent: 100,
      beyond: 'pay-per-incident',
      says: '12 of 12 cases in 2026-11 of the plan Production are used. Every further case of the month is paid per incident.',
    },
    {
      why: 'training hours of a year',
      fact: { limit: 'entitlement', id: 'training', name: 'Training', unit: 'hours', period: '2026', used: 8.5, included: 10 },
      percent: 80,
      says: '8.5 of 10 hours are used: Training, 2026. When all are used: what is more than is left is refused.',
    },
    {
      why: 'a webinar of one product',
      fact: { limit: 'entitlement', id: 'w', name: 'Webinar', unit: 'included', product: 'NMIS', period: 'contract', used: 1, included: 1 },
      percent: 100,
      says: '1 of 1 uses are used: Webinar (NMIS). What is more than is left is refused.',
    },
  ])('$why', ({ fact, percent, more = 'refused', beyond = 'approval', says }) => {
    expect(spellLimit(fact, percent, plan(more, beyond))).toBe(says)
  })

  it('tells limits apart by their key', () => {
    expect([
      limitKey({ limit: 'devices' }),
      limitKey({ limit: 'entitlement', id: 'training' }),
      limitKey({ limit: 'entitlement', id: 'webinar', product: 'NMIS' }),
    ]).toEqual(['devices', 'entitlement:training', 'entitlement:webinar:NMIS'])
  })
})
