import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { Product } from '../../../shared/api/plans/product-api.ts'
import { DomainError } from '../../../server/platform/errors.ts'
import { shippedProducts } from '../../../server/plans/catalogue-defaults.ts'
import { insertContact, insertCustomer } from '../../../server/customers/store/customer-store.ts'
import { inTransaction, type Database, type Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const START = Temporal.Instant.from('2026-11-24T10:00:00Z').epochMilliseconds
const monitor: Product = { name: 'Monitor', releases: [{ version: '8.1.2', releasedOn: '2026-02-01' }] }

async function addCustomer(db: Database, name: string, planId: string, emails: string[], overrides: PlanOverrides = {}): Promise<string> {
  const id = crypto.randomUUID()
  await inTransaction(db, async tx => {
    await insertCustomer(tx, {
      id,
      name,
      plan_id: planId,
      time_zone: 'America/Sao_Paulo',
      overrides: JSON.stringify(overrides),
      webhook_url: null,
      webhook_secret: null,
      downgrade_until: null,
      created_at: START,
    })
    for (const email of emails)
      await insertContact(tx, { id: crypto.randomUUID(), customer_id: id, name: email, email, phone: null, created_at: START })
  })
  return id
}

async function refusal(work: Promise<unknown>): Promise<DomainError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown)
  if (!(error instanceof DomainError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

eachStore('products', open => {
  const world = async () => {
    const store: Store = await open()
    const time = { nowMs: START }
    const house = makeTestHouse(store, () => time.nowMs)
    await house.catalogue.load()
    const { db } = store
    const put = (product: unknown, id = 'monitor') => inTransaction(db, tx => house.catalogue.putProduct(tx, { id, product, by: 'kim' }))
    const letters = async (): Promise<string[]> =>
      (await db.selectFrom('outbox').select(['address', 'subject']).orderBy('created_at').orderBy('address').execute()).map(
        row => `${row.address} ${row.subject}`,
      )
    return { db, time, catalogue: house.catalogue, put, letters }
  }

  it('ships the agent; a changed product is a new version, the same one is none', async () => {
    const { db, catalogue, put } = await world()
    expect((await catalogue.listProducts(db)).map(product => [product.id, product.version])).toEqual([['kioskeeper-agent', 1]])
    expect(await put(monitor)).toEqual({ id: 'monitor', ...monitor, version: 1 })
    expect(await put(monitor)).toMatchObject({ version: 1 })
    expect(await put({ ...monitor, name: 'Monitor X', version: 1 })).toMatchObject({ version: 2 })
    expect((await refusal(put({ ...monitor, version: 1 }))).slug).toBe('conflict')
    expect(await catalogue.getProduct(db, 'nothing')).toBe(null)
  })

  it('refuses what is wrong, naming the place', async () => {
    const { db, catalogue, put } = await world()
    const wrong: [reason: string, product: unknown, id: string, path: string][] = [
      ['no name', { releases: [] }, 'monitor', '/name'],
      ['a release twice', { ...monitor, releases: [...monitor.releases, ...monitor.releases] }, 'monitor', '/releases/1/version'],
      ['another id', { ...monitor, id: 'other' }, 'monitor', '/id'],
      ['an id that is none', monitor, 'Monitor 8', '/id'],
      ['a prototype', JSON.parse('{"__proto__":{"name":"x"},"releases":[]}'), 'monitor', '/name'],
      ['no product', null, 'monitor', '/name'],
      ['a list', [], 'monitor', '/name'],
      ['a version that is a text', { ...monitor, version: '1' }, 'monitor', '/version'],
    ]
    for (const [reason, product, id, path] of wrong) {
      const paths = (await refusal(put(product, id))).errors.map(fault => fault.path)
      expect([reason, paths.includes(path)]).toEqual([reason, true])
    }
    expect(await catalogue.listProducts(db)).toHaveLength(1)
  })

  it('an end of life needs the notice of every plan that gives one, and of every contract that agreed on more', async () => {
    const { db, catalogue, put, letters } = await world()
    await addCustomer(db, 'Grand Hotels', 'opservices-pro', ['a@hotel.example'], { endOfLifeNoticeMonths: 18 })
    const early = await refusal(put({ ...monitor, endOfLife: { on: '2027-11-23' } }))
    expect(early.errors).toEqual([
      { path: '/endOfLife/on', message: 'The OpServices PREMIUM plan gives 12 months of notice: the earliest date is 2027-11-24' },
      { path: '/endOfLife/on', message: 'The OpServices PRO plan gives 12 months of notice: the earliest date is 2027-11-24' },
      { path: '/endOfLife/on', message: 'The contract of Grand Hotels gives 18 months of notice: the earliest date is 2028-05-24' },
    ])
    expect((await refusal(put({ ...monitor, endOfLife: { on: '2027-11-24' } }))).errors).toHaveLength(1)
    expect([await catalogue.getProduct(db, 'monitor'), await letters()]).toEqual([null, []])
    expect(await put({ ...monitor, endOfLife: { on: '2028-05-24' } })).toMatchObject({ endOfLife: { on: '2028-05-24' } })
  })

  it('is told once to the contacts of customers whose plan gives notice, and again when its day changes', async () => {
    const { db, time, put, letters } = await world()
    await addCustomer(db, 'Grand Hotels', 'opservices-pro', ['a@hotel.example', 'b@hotel.example'])
    await addCustomer(db, 'Corner Shops', 'ombori-production', ['c@shop.example'])
    await addCustomer(db, 'Told By Contract', 'ombori-production', ['d@told.example'], { endOfLifeNoticeMonths: 6 })
    const first = { on: '2028-01-31', supportedUntil: '2028-06-30', alternative: 'Watcher' }
    await put({ ...monitor, endOfLife: first })
    const told = ['a@hotel.example', 'b@hotel.example', 'd@told.example'].map(address => `${address} End of life of Monitor: 2028-01-31`)
    expect(await letters()).toEqual(told)
    const { body } = await db.selectFrom('outbox').select('body').where('address', '=', 'a@hotel.example').executeTakeFirstOrThrow()
    expect(body).toContain('Support runs until 2028-06-30.')
    expect(body).toContain('An alternative is Watcher.')
    expect(body).toContain('Customer: Grand Hotels')

    // A release more, much later: the day is the same, it is neither checked nor told again.
    time.nowMs = Temporal.Instant.from('2027-12-01T00:00:00Z').epochMilliseconds
    await put({ ...monitor, releases: [...monitor.releases, { version: '8.1.3', releasedOn: '2027-11-30' }], endOfLife: first })
    expect(await letters()).toEqual(told)
    expect((await refusal(put({ ...monitor, endOfLife: { on: '2028-02-29' } }))).errors[0]?.message).toContain(
      'the earliest date is 2028-12-01',
    )
    await put({ ...monitor, endOfLife: { on: '2029-01-31' } })
    expect((await letters()).slice(3)).toEqual(told.map(letter => letter.replace('2028-01-31', '2029-01-31')))
    // Back to a day that was announced before: a change as well.
    time.nowMs = Temporal.Instant.from('2026-12-01T00:00:00Z').epochMilliseconds
    await put({ ...monitor, endOfLife: first })
    expect(await letters()).toHaveLength(9)
  })

  it('of two announcements at once one is told', async () => {
    const { db, put, letters } = await world()
    await addCustomer(db, 'Grand Hotels', 'opservices-pro', ['a@hotel.example'])
    const stored = await put(monitor)
    const results = await Promise.allSettled(['2028-01-31', '2028-02-28'].map(on => put({ ...stored, endOfLife: { on } })))
    expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await letters()).toHaveLength(1)
  })

  it('comes with the catalogue file, under the same rules', async () => {
    const { db, catalogue, put, letters } = await world()
    await addCustomer(db, 'Grand Hotels', 'opservices-pro', ['a@hotel.example'])
    await put(monitor)
    const file = await catalogue.exportCatalogue(db)
    expect(file.products.map(({ id }) => id)).toEqual(['kioskeeper-agent', 'monitor'])
    const take = (products: unknown) =>
      inTransaction(db, tx =>
        catalogue.importCatalogue(tx, { ...file, ...(products === undefined ? { products: [] } : { products }) }, 'kim'),
      )
    expect(await take(file.products)).toMatchObject({ changed: 0 })
    expect((await refusal(take([{ id: 'monitor', product: { ...monitor, endOfLife: { on: '2027-01-01' } } }]))).errors[0]?.path).toBe(
      '/products/0/product/endOfLife/on',
    )
    expect((await refusal(take([{ id: 'monitor', product: { name: 'Monitor' } }]))).errors[0]?.path).toBe('/products/0/product/releases')
    expect((await refusal(take([...file.products, ...file.products]))).errors.map(fault => fault.path)).toEqual([
      '/products/2',
      '/products/3',
    ])
    expect(await take([{ id: 'monitor', product: { ...monitor, endOfLife: { on: '2028-01-31' } } }])).toMatchObject({ changed: 1 })
    expect(await letters()).toHaveLength(1)
    // A file from before there were products leaves them as they are.
    const { products: _products, ...older } = file
    expect(await inTransaction(db, tx => catalogue.importCatalogue(tx, older, 'kim'))).toMatchObject({ changed: 0 })
    expect(await catalogue.getProduct(db, 'monitor')).toMatchObject({ endOfLife: { on: '2028-01-31' } })
  })
})

describe('the shipped agent', () => {
  it('has this release among its own', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
    const agent = shippedProducts().find(({ id }) => id === 'kioskeeper-agent')
    expect(agent?.product.releases.map(release => release.version)).toContain(version)
  })
})
