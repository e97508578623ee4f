import fc from 'fast-check'
import { expect, it } from 'vitest'
import { customerRoutes } from '../../../server/contracts/customer-routes.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { inTransaction, type Store } from '../../../server/database/database.ts'
import { makeApp } from '../../../server/platform/http/app.ts'
import { shippedPlans } from '../../../server/plans/catalogue-defaults.ts'
import { planRoutes } from '../../../server/plans/plan-routes.ts'
import { readOverrides, readStoredPlan } from '../../../server/plans/rules/stored-plan.ts'
import { findCurrent, insertVersion } from '../../../server/plans/store/catalogue-store.ts'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'
import { testLog } from '../../support/test-log.ts'

const TOKEN = 'test-admin-token-0123456789-0123456789'
const nowMs = Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds
const defaults: Record<string, unknown> = Object.fromEntries(
  Object.entries(PLAN_TERMS).flatMap(([key, line]) => ('default' in line ? [[key, line.default]] : [])),
)
const KEY = { kind: 'plan', scope: '' } as const
type Body = Record<string, unknown>

/** A server with the shipped catalogue, a customer of each plan, and a way to store a version as an older server or a person did. */
async function makeServer(store: Store) {
  const { db } = store
  const now = (): number => nowMs
  const house = makeTestHouse(store, now)
  await house.catalogue.load()
  const accounts = makeAccounts({ db, now, adminToken: TOKEN })
  const none = (): Promise<void> => Promise.resolve()
  const app = await makeApp({
    log: testLog(),
    version: '1',
    authenticate: accounts.authenticate,
    routes: [
      planRoutes({ db, catalogue: house.catalogue, audit: accounts.audit, plansChanged: none, configWanted: none }),
      customerRoutes({ customers: house.customers, sites: house.sites, terms: house.terms, audit: accounts.audit }),
    ],
    outside: [],
  })
  const customerOf = new Map<string, string>()
  for (const { id } of shippedPlans())
    customerOf.set(id, (await house.customers.create({ name: id, planId: id, timeZone: 'Europe/Stockholm' })).id)
  return {
    house,
    customerOf: (planId: string): string => customerOf.get(planId) ?? '',
    async get(path: string): Promise<Body> {
      const answer = await app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${TOKEN}` } })
      expect([path, answer.statusCode]).toEqual([path, 200])
      return answer.json()
    },
    async storeVersion(plan: { id: string }): Promise<void> {
      await inTransaction(db, async tx => {
        const after = (await findCurrent(tx, { ...KEY, id: plan.id }))?.version ?? 0
        await insertVersion(tx, { ...KEY, id: plan.id, after, body: JSON.stringify(plan), origin: 'person', createdBy: 'kim', nowMs })
      })
    },
  }
}

eachStore('plans that were stored by an older server', open => {
  it('are served whatever terms they lack, each with its default', async () => {
    const server = await makeServer(await open())
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...shippedPlans()),
        fc.uniqueArray(fc.constantFrom(...Object.keys(defaults)), { minLength: 1 }),
        async (whole, missing) => {
          const stored = Object.fromEntries(Object.entries(whole).filter(([key]) => !missing.includes(key)))
          await server.storeVersion({ ...stored, id: whole.id })
          const expected: Body = { ...stored, ...Object.fromEntries(missing.map(key => [key, defaults[key]])) }
          expect(await server.get(`/plans/${whole.id}`)).toMatchObject(expected)
          const listed = (await server.get('/plans'))['items'] as Body[]
          expect(listed.find(plan => plan['id'] === whole.id)).toMatchObject(expected)
          const terms = await server.get(`/customers/${server.customerOf(whole.id)}/terms`)
          expect(terms['plan']).toMatchObject(expected)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('an edited one with fewer terms is never overwritten, and goes out and in again as a file', async () => {
    const store = await open()
    const server = await makeServer(store)
    const { db } = store
    const { deskIntegration: _gone, outOfScope, ...older } = shippedPlans().find(plan => plan.id === 'ombori-enterprise') ?? {}
    await server.storeVersion({ ...older, id: 'ombori-enterprise', name: 'Ours', outOfScope: { ...outOfScope, offer: undefined } } as {
      id: string
    })
    await server.house.catalogue.load()
    const plan = await server.get('/plans/ombori-enterprise')
    expect(plan).toMatchObject({ name: 'Ours', version: 2, deskIntegration: false, outOfScope: { offer: 'billable' } })
    const file = await server.house.catalogue.exportCatalogue(db)
    const { planIds } = await inTransaction(db, tx => server.house.catalogue.importCatalogue(tx, file, 'kim'))
    expect(planIds).toEqual(['ombori-enterprise'])
    expect(await server.get('/plans/ombori-enterprise')).toEqual({ ...plan, version: 3 })
  })

  it('own terms that lack a part of a term have it', async () => {
    const store = await open()
    const server = await makeServer(store)
    const customerId = server.customerOf('ombori-pilot')
    const overrides = JSON.stringify({ outOfScope: { categories: ['network'] }, analytics: true, devices: 7 })
    await store.db.updateTable('customers').set({ overrides }).where('id', '=', customerId).execute()
    const whole = { categories: ['network'], subjects: [], offer: 'billable' }
    expect(await server.get(`/customers/${customerId}`)).toMatchObject({ overrides: { outOfScope: whole, analytics: true, devices: 7 } })
    expect(await server.get(`/customers/${customerId}/terms`)).toMatchObject({ plan: { outOfScope: whole, devices: { included: 7 } } })
  })
})

it('a whole plan is read as it was written, to the letter: storing it again makes no version', () => {
  for (const plan of shippedPlans()) expect(JSON.stringify(readStoredPlan(JSON.stringify(plan)))).toBe(JSON.stringify(plan))
})

it('own terms stay parts of a plan', () => {
  expect(readOverrides('{}')).toEqual({})
  expect(readOverrides('{"devices":4,"holidays":{"country":"SE"}}')).toEqual({ devices: 4, holidays: { country: 'SE' } })
})
