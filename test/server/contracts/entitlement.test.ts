import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  balanceOf,
  checkLeft,
  checkUse,
  periodOf,
  unknownEntitlements,
  usedIn,
  type Entitlement,
  type Use,
} from '../../../server/contracts/rules/entitlement.ts'
import { DomainError } from '../../../server/platform/errors.ts'

const terms = { timeZone: 'Europe/Stockholm', sinceMs: Date.parse('2025-05-10T08:00:00Z') }
const at = (text: string): number => Date.parse(text)
const entitlement = (more: Partial<Entitlement> = {}): Entitlement => ({
  id: 'training',
  name: 'Training',
  unit: 'hours',
  amount: 10,
  per: 'year',
  addOn: false,
  ...more,
})
const use = (amount: number, text: string, product: string | null = null): Use => ({ amount, atMs: at(text), product })
const refusal = (work: () => void): DomainError => {
  try {
    work()
  } catch (error) {
    if (error instanceof DomainError) return error
  }
  throw new Error('was not refused')
}

describe('periods', () => {
  it.each<{ why: string; per: Entitlement['per']; at: string; key: string; from: string; to: string | null }>([
    {
      why: 'a month of the zone',
      per: 'month',
      at: '2026-11-30T22:59:59Z',
      key: '2026-11',
      from: '2026-10-31T23:00:00Z',
      to: '2026-11-30T23:00:00Z',
    },
    {
      why: 'midnight in the zone is the next month',
      per: 'month',
      at: '2026-11-30T23:00:00Z',
      key: '2026-12',
      from: '2026-11-30T23:00:00Z',
      to: '2026-12-31T23:00:00Z',
    },
    {
      why: 'a month with a DST change',
      per: 'month',
      at: '2026-03-15T12:00:00Z',
      key: '2026-03',
      from: '2026-02-28T23:00:00Z',
      to: '2026-03-31T22:00:00Z',
    },
    {
      why: 'a calendar year of the zone',
      per: 'year',
      at: '2026-12-31T22:59:59Z',
      key: '2026',
      from: '2025-12-31T23:00:00Z',
      to: '2026-12-31T23:00:00Z',
    },
    {
      why: 'new year in the zone',
      per: 'year',
      at: '2026-12-31T23:00:00Z',
      key: '2027',
      from: '2026-12-31T23:00:00Z',
      to: '2027-12-31T23:00:00Z',
    },
    {
      why: 'the contract since the customer was made',
      per: 'contract',
      at: '2026-12-31T23:00:00Z',
      key: 'contract',
      from: '2025-05-10T08:00:00Z',
      to: null,
    },
    {
      why: 'per product the contract too',
      per: 'product',
      at: '2026-12-31T23:00:00Z',
      key: 'contract',
      from: '2025-05-10T08:00:00Z',
      to: null,
    },
  ])('$why', ({ per, at: text, key, from, to }) => {
    expect(periodOf(per, at(text), terms)).toEqual({ key, fromMs: at(from), toMs: to === null ? null : at(to) })
  })
})

describe('balances', () => {
  it('counts the uses of the period only, and every year anew', () => {
    const uses = [
      use(4, '2026-12-31T22:59:59Z'),
      use(2.25, '2026-12-31T23:00:00Z'),
      use(0.1, '2027-05-01T00:00:00Z'),
      use(0.2, '2027-06-01T00:00:00Z'),
    ]
    const balance = balanceOf({ ...entitlement(), isBoughtApart: false }, uses, at('2027-07-01T00:00:00Z'), terms)
    expect(balance).toMatchObject({ amount: 10, used: 2.55, left: 7.45, isActive: true, periodFrom: '2026-12-31T23:00:00.000Z' })
  })

  it('has a balance for each product that was named', () => {
    const uses = [use(1, '2026-01-01T00:00:00Z', 'NMIS'), use(0.5, '2026-02-01T00:00:00Z', 'Open-AudIT')]
    const balance = balanceOf(
      { ...entitlement({ per: 'product', amount: 1 }), isBoughtApart: false },
      uses,
      at('2027-07-01T00:00:00Z'),
      terms,
    )
    expect(balance).toMatchObject({
      used: 1.5,
      left: 1,
      products: [
        { product: 'NMIS', used: 1, left: 0 },
        { product: 'Open-AudIT', used: 0.5, left: 0.5 },
      ],
    })
  })

  it.each([
    { why: 'an add-on that was not bought has nothing left', given: entitlement({ addOn: true, amount: null }), left: 0, isActive: false },
    { why: 'without limit', given: entitlement({ amount: null }), left: null, isActive: true },
    { why: 'a smaller amount was agreed after it was used', given: entitlement({ amount: 2 }), left: 0, isActive: true },
  ])('$why', ({ given, left, isActive }) => {
    const balance = balanceOf({ ...given, isBoughtApart: true }, [use(4, '2027-01-05T00:00:00Z')], at('2027-07-01T00:00:00Z'), terms)
    expect(balance).toMatchObject({ left, isActive, addOn: true })
  })

  it('never lets more be used than was given, whatever is asked in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: 1, max: 40 }).map(quarters => quarters / 4),
          { maxLength: 40 },
        ),
        fc.integer({ min: 0, max: 60 }),
        (asked, amount) => {
          const given = entitlement({ amount })
          const period = periodOf('year', at('2026-06-01T00:00:00Z'), terms)
          const uses: Use[] = []
          for (const wish of asked) {
            const used = usedIn(uses, period, null)
            const fits = used + wish <= amount
            if (fits) {
              checkLeft(given, { amount: wish }, used, 'P')
              uses.push(use(wish, '2026-06-01T00:00:00Z'))
            } else expect(() => checkLeft(given, { amount: wish }, used, 'P')).toThrow(DomainError)
          }
          expect(usedIn(uses, period, null)).toBeLessThanOrEqual(amount)
        },
      ),
    )
  })
})

describe('refusals', () => {
  it('says what is left', () => {
    const error = refusal(() => checkLeft(entitlement(), { amount: 3 }, 8, 'Premium'))
    expect([error.slug, error.extra]).toEqual(['entitlement-exhausted', { entitlementId: 'training', amount: 10, used: 8, left: 2 }])
    expect(error.message).toContain('3 hours of Training is more than is left: 2 of 10 hours this year')
  })
  it('says how an add-on is bought', () => {
    const error = refusal(() =>
      checkLeft(entitlement({ id: 'on-site-visit', name: 'On-site visit', addOn: true }), { amount: 1 }, 0, 'PREMIUM'),
    )
    expect(error.slug).toBe('entitlement-not-bought')
    expect(error.message).toContain('On-site visit is bought separately in the plan PREMIUM')
    expect(error.message).toContain('"on-site-visit": AMOUNT')
  })
  it.each<{ why: string; given: Entitlement; asked: { amount: number; product?: string }; path: string }>([
    { why: 'half a visit', given: entitlement({ unit: 'visits' }), asked: { amount: 0.5 }, path: 'body/amount' },
    { why: 'part of a use', given: entitlement({ unit: 'included' }), asked: { amount: 1.5 }, path: 'body/amount' },
    { why: 'more decimals than are kept', given: entitlement(), asked: { amount: 0.0001 }, path: 'body/amount' },
    { why: 'four decimals', given: entitlement(), asked: { amount: 1.2345 }, path: 'body/amount' },
    { why: 'no product where it is given by product', given: entitlement({ per: 'product' }), asked: { amount: 1 }, path: 'body/product' },
    { why: 'a product where there is none', given: entitlement(), asked: { amount: 1, product: 'NMIS' }, path: 'body/product' },
  ])('refuses $why', ({ given, asked, path }) => {
    expect(refusal(() => checkUse(given, asked)).errors.map(error => error.path)).toEqual([path])
  })
  it('takes quarter hours', () => {
    expect(() => checkUse(entitlement(), { amount: 0.25 })).not.toThrow()
  })

  it.each<{ why: string; agreed: unknown; ids: string[] }>([
    { why: 'known ids are fine', agreed: { training: 5 }, ids: [] },
    { why: 'an unknown one is named', agreed: { training: 5, traning: 5 }, ids: ['/entitlements/traning'] },
    { why: 'a list replaces the plan’s and may name anything', agreed: [entitlement({ id: 'other' })], ids: [] },
    { why: 'nothing agreed', agreed: undefined, ids: [] },
  ])('own terms: $why', ({ agreed, ids }) => {
    const faults = unknownEntitlements(agreed, { name: 'Premium', entitlements: [entitlement(), entitlement({ id: 'visit' })] })
    expect(faults.map(fault => fault.path)).toEqual(ids)
    for (const fault of faults) expect(fault.message).toContain('training, visit')
  })
})
