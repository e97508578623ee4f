import { describe, expect, it } from 'vitest'
import type { Product } from '../../../shared/api/plans/product-api.ts'
import { noticeFaults, productFaults } from '../../../server/plans/rules/product-faults.ts'
import { supportOf } from '../../../server/plans/rules/version-policy.ts'

/** OP5: the newest of the previous major two years; a major two years or until the next one, never under one year. */
const policy = { currentOnly: ['agent'], previousMajorMonths: 24, majorMonths: 24, majorAtLeastMonths: 12 }
const product: Product & { id: string } = {
  id: 'monitor',
  name: 'Monitor',
  releases: [
    { version: '8.0.0', releasedOn: '2025-06-01' },
    { version: '6.0', releasedOn: '2022-01-10' },
    { version: '7.0.0', releasedOn: '2024-01-15' },
    { version: '7.5.12', releasedOn: '2025-05-01' },
    { version: '7.5.9', releasedOn: '2024-12-01' },
    { version: '6.12.3', releasedOn: '2023-12-01' },
    { version: '8.1.2', releasedOn: '2026-02-01' },
    { version: '9.0.0', releasedOn: '2027-01-01' },
  ],
}
const ask = (version: string, today: string, more: { product?: Partial<typeof product>; policy?: typeof policy | undefined } = {}) =>
  supportOf({ policy: 'policy' in more ? more.policy : policy, product: { ...product, ...more.product }, version, today })

describe('whether a version is supported', () => {
  it.each<[reason: string, version: string, today: string, supported: boolean, until: string | null]>([
    ['the current release, without an end', '8.1.2', '2026-11-24', true, null],
    ['an older one of the current major: two years from its first release', '8.0.0', '2026-11-24', true, '2027-06-01'],
    ['an older one once the next major is out', '8.0.0', '2027-06-01', false, '2027-01-01'],
    ['the newest of the previous major: two years after it came out', '7.5.12', '2026-11-24', true, '2027-05-01'],
    ['the same on the last day before 9 comes', '7.5.12', '2026-12-31', true, '2027-05-01'],
    ['an older one of the previous major: until the next major came, 17 months', '7.5.9', '2026-11-24', false, '2025-06-01'],
    ['the day the next major came is its last', '7.5.9', '2025-06-01', true, '2025-06-01'],
    ['before the next major is out, two years count', '7.0.0', '2025-05-31', true, '2026-01-15'],
    ['a major two before: until two years were over', '6.12.3', '2026-11-24', false, '2024-01-10'],
    ['while it was the previous one its newest release had two years', '6.12.3', '2024-12-01', true, '2025-12-01'],
    ['a release that is not out yet is not known', '9.0.0', '2026-11-24', true, null],
    ['when it is out the one before is an older major', '8.1.2', '2027-01-01', true, '2028-02-01'],
    ['a version that is not listed goes by its major', '8.0.7', '2026-11-24', true, '2027-06-01'],
    ['a major that is not known', '5.2', '2026-11-24', false, null],
    ['newer than all that is known', '8.3', '2026-11-24', true, null],
    ['words around it do not matter', 'Monitor v8.1.2 (Debian)', '2026-11-24', true, null],
    ['missing numbers are noughts', '8', '2026-11-24', true, '2027-06-01'],
    ['what comes before a release is older', '8.1.2-rc1', '2026-11-24', true, '2027-06-01'],
    ['numbers are numbers, not texts', '7.5.9', '2025-05-15', true, '2026-01-15'],
  ])('%s', (_reason, version, today, supported, until) => expect(ask(version, today)).toMatchObject({ supported, until }))

  it('a major is supported for a year at least, however soon the next one came', () => {
    const releases = [
      { version: '1.0', releasedOn: '2026-01-01' },
      { version: '1.1', releasedOn: '2026-01-20' },
      { version: '2.0', releasedOn: '2026-03-01' },
    ]
    expect(ask('1.0', '2026-11-24', { product: { releases } })).toMatchObject({ supported: true, until: '2027-01-01' })
    expect(ask('1.0', '2027-01-02', { product: { releases } })).toMatchObject({ supported: false, until: '2027-01-01' })
  })
  it.each<[version: string, supported: boolean, until: string | null]>([
    ['8.1.2', true, null],
    // Until the first newer release came out.
    ['8.0.0', false, '2026-02-01'],
    ['7.5.12', false, '2025-06-01'],
    ['8.2', true, null],
  ])('of an agent only the current release: %s is %s', (version, supported, until) =>
    expect(ask(version, '2026-11-24', { product: { id: 'kiosk-agent' } })).toMatchObject({ supported, until }),
  )
  it('a plan without a policy supports every version', () => {
    expect(ask('1.0', '2026-11-24', { policy: undefined })).toEqual({
      supported: true,
      until: null,
      why: 'Monitor 1.0 is supported: the plan supports every version.',
    })
  })
  it('without releases nothing is held against a version', () =>
    expect(ask('1.0', '2026-11-24', { product: { releases: [] } })).toMatchObject({ supported: true, until: null }))
  it('a text without a version is not judged', () => expect(ask('the newest one', '2026-11-24')).toBe(null))

  const endOfLife = { on: '2027-03-01', supportedUntil: '2027-05-31', alternative: 'Watcher' }
  it('an end of life ends support at the agreed date, or at its own', () => {
    expect(ask('8.1.2', '2027-04-01', { product: { endOfLife } })).toEqual({
      supported: true,
      until: '2027-05-31',
      why: 'Monitor 8.1.2 is supported until 2027-05-31: its end of life is 2027-03-01. Alternative: Watcher.',
    })
    expect(ask('8.1.2', '2027-06-01', { product: { endOfLife } })).toMatchObject({ supported: false, until: '2027-05-31' })
    expect(ask('8.1.2', '2027-03-02', { product: { endOfLife: { on: '2027-03-01' } } })).toMatchObject({
      supported: false,
      until: '2027-03-01',
    })
    expect(ask('7.5.12', '2026-11-24', { product: { endOfLife: { on: '2030-01-01' } } })).toMatchObject({ until: '2027-05-01' })
    expect(ask('8.1.2', '2027-06-01', { product: { endOfLife }, policy: undefined })).toMatchObject({ supported: false })
  })
  it('says why in one sentence, and what is current', () => {
    expect(ask('7.5.9', '2026-11-24')?.why).toBe(
      'Monitor 7.5.9 is not supported any more, support ended on 2025-06-01: its major version 7 came out on 2024-01-15. The current release is 8.1.2.',
    )
    expect(ask('8.1.2', '2026-11-24')?.why).toBe('Monitor 8.1.2 is supported: it is the current release.')
  })
})

describe('a product that is wrong is refused', () => {
  it.each<[reason: string, change: object, path: string]>([
    ['no name', { name: '' }, '/name'],
    ['a version in words', { releases: [{ version: 'newest', releasedOn: '2026-01-01' }] }, '/releases/0/version'],
    ['a day that does not exist', { releases: [{ version: '1', releasedOn: '2026-02-30' }] }, '/releases/0/releasedOn'],
    [
      'a version twice',
      {
        releases: [
          { version: '1.0', releasedOn: '2026-01-01' },
          { version: '1', releasedOn: '2026-01-02' },
        ],
      },
      '/releases/1/version',
    ],
    [
      'support that ends before the end of life',
      { endOfLife: { on: '2027-01-01', supportedUntil: '2026-12-31' } },
      '/endOfLife/supportedUntil',
    ],
    ['an end of life that is no day', { endOfLife: { on: '2027-13-01' } }, '/endOfLife/on'],
    ['an unknown field', { colour: 'red' }, '/colour'],
  ])('%s', (_reason, change, path) => {
    const { id: _id, ...body } = product
    expect(productFaults({ ...body, ...change }).map(fault => fault.path)).toContain(path)
    expect(productFaults(body)).toEqual([])
  })
  it('an end of life needs its notice, from every plan that gives one', () => {
    const terms = [
      { who: 'PRO', months: 12 },
      { who: 'Corner shop', months: 18 },
    ]
    expect(noticeFaults('2027-11-24', '2026-11-24', terms)).toEqual([
      { path: '/endOfLife/on', message: 'Corner shop gives 18 months of notice: the earliest date is 2028-05-24' },
    ])
    expect(noticeFaults('2027-11-23', '2026-11-24', terms)).toHaveLength(2)
    expect(noticeFaults('2028-05-24', '2026-11-24', terms)).toEqual([])
  })
})
