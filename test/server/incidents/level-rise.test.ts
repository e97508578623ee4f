import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { risesOf, type OpenFault } from '../../../server/incidents/rules/level-escalation-rules.ts'
import { spellRecurrence } from '../../../server/incidents/rules/recurrence.ts'

const MINUTE = 60_000
const fault = (more: Partial<OpenFault> = {}): OpenFault => ({ level: 3, openedAtMs: 0, done: [], devicesHere: 1, ...more })

describe('the level of an open fault', () => {
  it.each([
    { why: 'stays without terms', terms: {}, of: fault(), at: 999, rises: [] },
    { why: 'stays before its time', terms: { afterMinutes: 60 }, of: fault(), at: 59, rises: [] },
    { why: 'rises at its time', terms: { afterMinutes: 60 }, of: fault(), at: 60, rises: [['age', 2]] },
    { why: 'rises once for its age', terms: { afterMinutes: 60 }, of: fault({ done: ['age'], level: 2 }), at: 999, rises: [] },
    { why: 'rises when it spreads', terms: { whenDevices: 3 }, of: fault({ devicesHere: 3 }), at: 0, rises: [['spread', 2]] },
    { why: 'stays while few have it', terms: { whenDevices: 3 }, of: fault({ devicesHere: 2 }), at: 0, rises: [] },
    {
      why: 'rises for each reason',
      terms: { afterMinutes: 5, whenDevices: 2 },
      of: fault({ devicesHere: 2 }),
      at: 5,
      rises: [
        ['age', 2],
        ['spread', 1],
      ],
    },
    { why: 'ends at 1', terms: { afterMinutes: 5, whenDevices: 2 }, of: fault({ level: 2, devicesHere: 9 }), at: 5, rises: [['age', 1]] },
  ] as const)('$why', ({ terms, of, at, rises }) => {
    expect(risesOf(terms, of, at * MINUTE).map(rise => [rise.reason, rise.level])).toEqual(rises)
  })

  it('never falls and rises at most twice, whenever it is asked', () => {
    const term = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined })
    fc.assert(
      fc.property(
        term,
        term,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.nat(300), fc.nat(100))),
        (afterMinutes, whenDevices, level, asks) => {
          const state = fault({ level: level as OpenFault['level'] })
          let at = 0
          for (const [more, devicesHere] of asks) {
            at += more
            const rises = risesOf({ afterMinutes, whenDevices }, { ...state, devicesHere }, at * MINUTE)
            for (const rise of rises) {
              expect(rise.level).toBe(state.level - 1)
              Object.assign(state, { level: rise.level, done: [...state.done, rise.reason] })
            }
          }
          expect(level - state.level).toBeLessThanOrEqual(2)
        },
      ),
    )
  })
})

describe('a fault that comes back', () => {
  it.each([
    [1, 'onsite', null],
    [2, 'onsite', '2nd ticket within 30 days: a paper jam.'],
    [3, 'onsite', '3rd ticket within 30 days: a paper jam. Mending it has not lasted: propose to swap the part.'],
    [6, 'onsite', '6th ticket within 30 days: a paper jam. Mending it has not lasted: propose to swap the part.'],
    [11, 'remote', '11th ticket within 30 days: a paper jam. Mending it has not lasted: look for what causes it.'],
    [22, 'customer', '22nd ticket within 30 days: a paper jam. Talk to the customer about how it comes about.'],
  ] as const)('for the %i. time, mended %s', (count, fixedBy, said) => {
    expect(spellRecurrence(count, 'a paper jam', fixedBy)).toBe(said)
  })
})
