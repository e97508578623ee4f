import { afterAll, beforeAll, expect, it } from 'vitest'
import type { UptimeReport } from '../../../shared/api/uptime/uptime-api.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { openStore } from '../../../server/database/database.ts'
import { join } from 'node:path'
import { makeWorld, type World } from '../../support/world.ts'

let world: World
let mine: string
let other: string
const tokens: Record<'customer' | 'partner' | 'viewer' | 'desk', string> = { customer: '', partner: '', viewer: '', desk: '' }

beforeAll(async () => {
  world = await makeWorld()
  mine = (await world.makeCustomer('ombori-production')).customerId
  other = (await world.makeCustomer('ombori-production')).customerId
  const partner = await world.ok('POST', '/partners', { name: 'Fixit', email: 'fix@it.example', regions: [], skills: [] })
  const store = await openStore(join(world.dataDir, 'kioskeeper.db'))
  const accounts = makeAccounts({ db: store.db, now: () => Date.now(), adminToken: null })
  for (const role of ['customer', 'partner', 'viewer', 'desk'] as const) {
    const made = await accounts.createToken({
      name: role,
      role,
      customerId: role === 'customer' ? mine : null,
      partnerId: role === 'partner' ? partner.id : null,
      createdBy: 'test',
    })
    tokens[role] = made.token
  }
  await store.close()
})
afterAll(() => world?.stop())

it('a customer sees the promise made to them, and nobody else’s', async () => {
  const own = await world.api<UptimeReport>('GET', `/customers/${mine}/uptime?months=3`, undefined, tokens.customer)
  expect(own.status).toBe(200)
  expect(own.body.months[0]).toMatchObject({ promisePercent: 99.999, state: 'kept', downSeconds: 0, gaps: [] })
  expect((await world.api('GET', `/customers/${other}/uptime`, undefined, tokens.customer)).status).toBe(404)
  expect((await world.api('GET', `/customers/${mine}/uptime`, undefined, tokens.partner)).status).toBe(404)
  expect((await world.api('GET', '/uptime', undefined, tokens.customer)).status).toBe(403)
})

it('only managers announce maintenance, only the desk’s side reports what a probe saw', async () => {
  const body = {
    from: new Date(Date.now() + 60_000).toISOString(),
    to: new Date(Date.now() + 120_000).toISOString(),
    reason: 'New release',
  }
  expect((await world.api('POST', '/uptime/maintenance', body, tokens.desk)).status).toBe(403)
  const spans = { spans: [{ from: new Date(Date.now() - 5000).toISOString(), to: new Date().toISOString(), isUp: true }] }
  expect((await world.api('POST', '/uptime/probes/shop/results', spans, tokens.viewer)).status).toBe(403)
  expect((await world.api('POST', '/uptime/probes/shop/results', spans, tokens.desk)).status).toBe(200)
})

it.each([
  ['no spans', '/uptime/probes/shop/results', { spans: [] }],
  [
    'too many spans',
    '/uptime/probes/shop/results',
    { spans: Array.from({ length: 1001 }, () => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:01Z', isUp: true })) },
  ],
  [
    'a name with a slash',
    '/uptime/probes/..%2Fetc/results',
    { spans: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:01Z', isUp: true }] },
  ],
  ['no instants', '/uptime/probes/shop/results', { spans: [{ from: 'yesterday', to: 'today', isUp: true }] }],
  ['an unknown field', '/uptime/maintenance', { from: '2036-01-01T00:00:00Z', to: '2036-01-02T00:00:00Z', reason: 'x', force: true }],
  ['an end before the start', '/uptime/maintenance', { from: '2036-01-02T00:00:00Z', to: '2036-01-01T00:00:00Z', reason: 'x' }],
  ['a thousand months', '/uptime?months=1000', null],
])('refuses %s with the field that is wrong', async (_reason, path, body) => {
  const answer = await world.api<{ status: number; errors: unknown[] }>(body === null ? 'GET' : 'POST', path, body ?? undefined)
  expect(answer.status).toBe(400)
  expect(answer.body.errors.length).toBeGreaterThan(0)
})
