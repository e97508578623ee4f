import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROBLEMS } from '../../../server/platform/http/problems.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Problem = { type: string; title: string; status: number; detail: string; errors?: { path: string; message: string }[] }
const PASSWORD = 'correct horse battery'

describe('the API', () => {
  let world: World
  let place: { customerId: string; siteId: string }
  let other: { customerId: string; siteId: string }
  const tokenFor = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token

  beforeAll(async () => {
    world = await makeWorld()
    place = await world.makeCustomer('ombori-pilot')
    other = await world.makeCustomer('ombori-free')
  })
  afterAll(() => world.stop())

  it('makes the first administrator once, by the link, and logs in and out with a cookie', async () => {
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${world.url}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    const person = { email: 'Admin@Kioskeeper.example', name: 'Ada Admin', password: PASSWORD }
    expect((await post('/setup', { ...person, secret: 'kst_wrong' })).status).toBe(401)
    expect((await post('/setup', { ...person, secret: world.server.setupSecret, password: 'short' })).status).toBe(400)
    const made = await post('/setup', { ...person, secret: world.server.setupSecret })
    expect(made.status).toBe(201)
    expect((await post('/setup', { ...person, secret: world.server.setupSecret })).status).toBe(409)
    expect((await post('/session', { email: person.email, password: 'wrong password' })).status).toBe(401)
    const login = await post('/session', { email: 'admin@kioskeeper.example', password: PASSWORD })
    expect(login.status).toBe(200)
    const cookie = login.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const session = { cookie: cookie.split(';')[0] as string }
    expect((await fetch(`${world.url}/api/v1/session`, { headers: session })).status).toBe(200)
    expect(
      (await post('/customers', { name: 'X', planId: 'ombori-free', timeZone: 'Etc/UTC' }, { ...session, origin: 'https://evil.example' }))
        .status,
      'another site must not act by cookie',
    ).toBe(403)
    expect((await fetch(`${world.url}/api/v1/session`, { method: 'DELETE', headers: session })).status).toBe(204)
    expect((await fetch(`${world.url}/api/v1/session`, { headers: session })).status).toBe(401)
  })

  it.each<{ why: string; method: string; path: () => string; body?: unknown; status: number; slug: string; at?: string }>([
    {
      why: 'unknown field',
      method: 'POST',
      path: () => '/customers',
      body: { name: 'A', planId: 'ombori-free', timeZone: 'Etc/UTC', colour: 'red' },
      status: 400,
      slug: 'invalid-input',
      at: 'body',
    },
    {
      why: 'unknown plan',
      method: 'POST',
      path: () => '/customers',
      body: { name: 'A', planId: 'gold', timeZone: 'Etc/UTC' },
      status: 400,
      slug: 'invalid-input',
      at: 'body/planId',
    },
    {
      why: 'unknown zone',
      method: 'POST',
      path: () => '/customers',
      body: { name: 'A', planId: 'ombori-free', timeZone: 'Mars/Olympus' },
      status: 400,
      slug: 'invalid-input',
      at: 'body/timeZone',
    },
    {
      why: 'a number where text belongs',
      method: 'POST',
      path: () => '/customers',
      body: { name: 7, planId: 'ombori-free', timeZone: 'Etc/UTC' },
      status: 400,
      slug: 'invalid-input',
      at: 'body/name',
    },
    {
      why: 'prototype pollution',
      method: 'POST',
      path: () => '/customers',
      body: JSON.parse('{"name":"A","planId":"ombori-free","timeZone":"Etc/UTC","overrides":{"__proto__":{"admin":true}}}'),
      status: 400,
      slug: 'invalid-input',
    },
    {
      why: 'overlapping opening hours',
      method: 'POST',
      path: () => `/customers/${place.customerId}/sites`,
      body: {
        name: 'S',
        openingHours: {
          hours: {
            mon: [
              ['08:00', '12:00'],
              ['11:00', '18:00'],
            ],
          },
        },
      },
      status: 400,
      slug: 'invalid-input',
    },
    {
      why: 'a site with a partner there is not',
      method: 'POST',
      path: () => `/customers/${place.customerId}/sites`,
      body: { name: 'S', partnerId: 'nobody' },
      status: 400,
      slug: 'invalid-input',
      at: 'body/partnerId',
    },
    {
      why: 'a site of another customer',
      method: 'POST',
      path: () => '/enrolment-tokens',
      body: { customerId: '00', siteId: '00' },
      status: 404,
      slug: 'not-found',
    },
    { why: 'no such device', method: 'GET', path: () => '/devices/nope', status: 404, slug: 'not-found' },
    { why: 'no such route', method: 'GET', path: () => '/nope', status: 404, slug: 'not-found' },
    {
      why: 'a limit over the largest',
      method: 'GET',
      path: () => '/devices?limit=501',
      status: 400,
      slug: 'invalid-input',
      at: 'querystring/limit',
    },
    { why: 'a made-up cursor', method: 'GET', path: () => '/devices?cursor=abc', status: 400, slug: 'invalid-input' },
    { why: 'an unknown query', method: 'GET', path: () => '/devices?colour=red', status: 400, slug: 'invalid-input' },
    { why: 'a filter word there is not', method: 'GET', path: () => '/devices?connection=sleeping', status: 400, slug: 'invalid-input' },
  ])('refuses $why with a problem that says where', async ({ method, path, body, status, slug, at }) => {
    const answer = await world.api<Problem>(method, path(), body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body.type).toBe(`/problems/${slug}`)
    if (at) expect(answer.body.errors?.map(error => error.path)).toContain(at)
  })

  it('refuses bodies that are too large, not JSON, or of another type', async () => {
    const send = (body: string, type: string) =>
      fetch(`${world.url}/api/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer test-admin-token-0123456789-0123456789`, 'content-type': type },
        body,
      })
    expect((await send(`{"name":"${'x'.repeat(2 * 1024 * 1024)}"}`, 'application/json')).status).toBe(413)
    expect((await send('{"name":', 'application/json')).status).toBe(400)
    expect((await send('<a/>', 'text/xml')).status).toBe(415)
  })

  it('lets nobody in without a login, and each role only where it may', async () => {
    expect((await fetch(`${world.url}/api/v1/devices`)).status).toBe(401)
    expect((await world.api('GET', '/devices', undefined, 'kat_wrong')).status).toBe(401)
    const viewer = await tokenFor({ name: 'screen on the wall', role: 'viewer' })
    expect((await world.api('GET', '/devices', undefined, viewer)).status).toBe(200)
    expect((await world.api('POST', '/customers', { name: 'A', planId: 'ombori-free', timeZone: 'Etc/UTC' }, viewer)).status).toBe(403)
    expect((await world.api('POST', '/tokens', { name: 'more', role: 'admin' }, viewer)).status).toBe(403)
  })

  it('shows a customer nothing of another: every address answers as if it were not there', async () => {
    const customer = await tokenFor({ name: 'portal', role: 'customer', customerId: place.customerId })
    const see = async (path: string): Promise<number> => (await world.api('GET', path, undefined, customer)).status
    expect(await see(`/customers/${place.customerId}`)).toBe(200)
    for (const path of ['', '/usage', '/sites', '/contacts']) expect(await see(`/customers/${other.customerId}${path}`), path).toBe(404)
    const list = await world.api<{ items: { id: string }[]; total: number }>('GET', '/customers', undefined, customer)
    expect(list.body.items.map(item => item.id)).toEqual([place.customerId])
    expect(list.body.total).toBe(1)
  })

  it('names no more contacts than the plan, exactly, when many are added at once', async () => {
    await world.ok('PATCH', `/customers/${other.customerId}`, { overrides: { contacts: 2 } })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        world.api<Problem>('POST', `/customers/${other.customerId}/contacts`, { name: `P${index}`, email: `p${index}@shop.example` }),
      ),
    )
    expect(answers.filter(answer => answer.status === 201)).toHaveLength(2)
    expect(answers.find(answer => answer.status === 409)?.body.type).toBe('/problems/contact-limit-reached')
  })

  it('limits refused enrolments per address and never successes', async () => {
    const token = await world.enrolmentToken(place, 50)
    const enrol = (key: string, machine: string) =>
      fetch(`${world.url}/api/v1/enrol`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: key, machineId: machine, hostname: machine, platform: 'linux', agentVersion: '1' }),
      })
    for (let index = 0; index < 15; index += 1) expect((await enrol(token, `ok${index}`)).status).toBe(201)
    const refused = []
    for (let index = 0; index < 12; index += 1) refused.push((await enrol('ket_wrong', 'm')).status)
    expect(refused).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  })

  it('describes itself: every route in OpenAPI, every problem type with a line', async () => {
    const document = (await (await fetch(`${world.url}/api/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, unknown>>
    }
    expect(document.openapi).toBe('3.1.0')
    for (const path of [
      '/plans',
      '/customers',
      '/customers/{id}/usage',
      '/enrolment-tokens',
      '/enrol',
      '/devices',
      '/devices/{id}/samples',
      '/devices/{id}/timeline',
      '/devices/{id}/retire',
      '/profiles/{id}',
      '/rules',
      '/rules/{signal}',
      '/incidents',
      '/tickets',
      '/tickets/{id}/messages',
      '/tickets/{id}/transitions',
      '/partners',
      '/sla/calculate',
      '/sla/preview',
      '/setup',
      '/session',
      '/events',
      '/tokens',
    ]) {
      expect(Object.keys(document.paths), path).toContain(`/api/v1${path}`)
    }
    for (const slug of Object.keys(PROBLEMS)) expect((await fetch(`${world.url}/problems/${slug}`)).status).toBe(200)
  })

  it('says that it is alive and ready', async () => {
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200)
    const text = await (await fetch(`${world.url}/metrics`)).text()
    for (const name of [
      'kioskeeper_mqtt_rejected_total',
      'kioskeeper_mqtt_messages_total',
      'kioskeeper_mqtt_connections',
      'kioskeeper_ingest_commit_seconds',
      'kioskeeper_quarantined_total',
      'kioskeeper_outbox_pending',
      'kioskeeper_tickets_open',
      'kioskeeper_clocks_breached_total',
    ])
      expect(text).toContain(name)
  })
})
