/** Links to clients' desks over HTTP, against a desk that listens on a port: both ways, and what each caller may not see or do. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChangedServicedeskLink, ExternalTicket, ServicedeskLink } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { makeDeskModel, type DeskModel, type Hook, type StandIn } from '../../support/desks/desk-model.ts'
import { genericStandIn } from '../../support/desks/generic-stand-in.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'
import { SETUPS } from './sync-rig.ts'

let world: World
let server: Server
let secret = ''
const model: DeskModel = makeDeskModel(Date.now, 'fresh')
const standIn: StandIn = genericStandIn(model, Date.now, () => secret)
const deskUrl = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/desk`

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      const answer = standIn.handle({
        method: request.method ?? '',
        path: request.url ?? '',
        query: {},
        headers,
        text: Buffer.concat(chunks).toString(),
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? {}))
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  world = await makeWorld()
})
afterAll(async () => {
  await world.stop()
  server.closeAllConnections()
  server.close()
})

const tokenFor = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token
const inputFor = (customerId: string) => ({
  customerId,
  kind: 'generic',
  name: 'Their desk',
  baseUrl: deskUrl(),
  settings: {},
  secrets: { token: 'a-token-nobody-reads' },
  stateMap: SETUPS.generic.stateMap,
})
async function makeLink(): Promise<{
  customerId: string
  link: ChangedServicedeskLink
  hook: NonNullable<ChangedServicedeskLink['webhook']>
}> {
  const { customerId } = await world.makeCustomer('ombori-enterprise')
  const link = await world.ok<ChangedServicedeskLink>('POST', '/servicedesk-links', inputFor(customerId))
  if (link.webhook === null) throw new Error('a new link has a webhook')
  return { customerId, link, hook: link.webhook }
}
const post = (path: string, hook: Pick<Hook, 'raw' | 'headers'>) =>
  fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...hook.headers },
    body: new Uint8Array(hook.raw),
  })

describe('a link', () => {
  it('carries a ticket there and an answer back, over real lines', async () => {
    const { customerId, link, hook } = await makeLink()
    secret = hook.secret
    await world.ok('PATCH', `/servicedesk-links/${link.id}`, { enabled: true })
    const about = {
      customerId,
      level: 2,
      subject: 'Screen is black',
      description: 'Since today.',
      channel: 'form',
      reporter: { name: 'Carl' },
    }
    const ticket = await world.ok<Ticket>('POST', '/tickets', about)
    const there = await until('the ticket over there', () =>
      Promise.resolve([...model.tickets.values()].find(one => one.reference === ticket.reference) ?? null),
    )
    model.comment(there.id, { text: 'Thank you.', isPublic: true, by: 'them' })
    expect((await post(hook.path, standIn.hook(there, null, hook.secret))).status).toBe(202)
    await until('their answer here', async () => {
      const { items } = await world.ok<{ items: { text: string }[] }>('GET', `/tickets/${ticket.id}/timeline`)
      return items.find(line => line.text === 'Thank you.') ?? null
    })
    const external = await world.ok<{ items: ExternalTicket[] }>('GET', `/tickets/${ticket.id}/external`)
    expect(external.items).toMatchObject([{ linkName: 'Their desk', key: there.key }])
    expect(await world.ok('GET', `/servicedesk-links/${link.id}/health`)).toMatchObject({ state: 'ok', parked: 0 })
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain('kioskeeper_servicedesk_changes{state="parked"} 0')
  })

  it('tells its secrets to nobody, its webhook once, and a new one ends the old', async () => {
    const { link, hook } = await makeLink()
    const texts = [await world.ok('GET', `/servicedesk-links/${link.id}`), await world.ok('GET', '/servicedesk-links')].map(one =>
      JSON.stringify(one),
    )
    for (const text of texts)
      for (const word of ['a-token-nobody-reads', hook.secret, hook.path.split('/').at(-1) ?? '?']) expect(text).not.toContain(word)
    expect(link.secretsSet).toEqual(['token'])
    const renamed = await world.ok<ChangedServicedeskLink>('PATCH', `/servicedesk-links/${link.id}`, { name: 'Renamed' })
    expect(renamed).toMatchObject({ name: 'Renamed', webhook: null })
    const renewed = await world.ok<ChangedServicedeskLink>('PATCH', `/servicedesk-links/${link.id}`, { newWebhook: true })
    expect(renewed.webhook?.secret).not.toBe(hook.secret)
    expect((await post(hook.path, { raw: Buffer.from('{}'), headers: {} })).status).toBe(404)
  })

  it('is refused with what is wrong, field by field', async () => {
    const { customerId } = await world.makeCustomer('ombori-enterprise')
    const input = inputFor(customerId)
    const wrong = async (change: object) =>
      (await world.api<{ type: string; errors?: { path: string }[] }>('POST', '/servicedesk-links', { ...input, ...change })).body
    expect((await wrong({ kind: 'jira' })).errors?.map(fault => fault.path)).toEqual([
      'body/settings/serviceDeskId',
      'body/settings/requestTypeId',
      'body/settings/projectKey',
      'body/secrets/user',
    ])
    expect((await wrong({ baseUrl: 'https://user:pass@desk.example/?a=1' })).errors).toMatchObject([{ path: 'body/baseUrl' }])
    expect((await wrong({ stateMap: { ...input.stateMap, theirs: { fresh: 'new' } } })).errors?.[0]?.path).toMatch(
      /^body\/stateMap\/theirs\//,
    )
    expect((await wrong({ stateMap: { ...input.stateMap, theirs: { fresh: 'Neu' } } })).type).toBe('/problems/invalid-input')
    expect((await wrong({ customerId: 'nobody' })).errors).toMatchObject([{ path: 'body/customerId' }])
    const poor = await world.makeCustomer('ombori-production')
    expect(await wrong({ customerId: poor.customerId })).toMatchObject({ type: '/problems/desk-integration-not-in-plan', status: 409 })
  })

  it('says what does not fit and stays off', async () => {
    const { link } = await makeLink()
    secret = 'another'
    const answer = await world.api('PATCH', `/servicedesk-links/${link.id}`, { enabled: true })
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/link-not-ready', errors: [{ path: 'body/secrets' }] } })
    expect(await world.ok<ServicedeskLink>('GET', `/servicedesk-links/${link.id}`)).toMatchObject({ enabled: false, health: 'off' })
    expect(await world.ok('POST', `/servicedesk-links/${link.id}/test`)).toMatchObject({ faults: [{ path: 'body/secrets' }] })
  })

  it('is for those who may: strangers, partners, customers and viewers', async () => {
    const { customerId, link } = await makeLink()
    const other = await world.makeCustomer('ombori-enterprise')
    const ticket = await world.ok('POST', '/tickets', {
      customerId,
      level: 3,
      subject: 'x',
      description: 'y',
      channel: 'form',
      reporter: { name: 'Carl' },
    })
    const partner = await world.ok('POST', '/partners', { name: 'North', email: 'north@example.com', regions: [], skills: [] })
    const viewer = await tokenFor({ name: 'v', role: 'viewer' })
    const desk = await tokenFor({ name: 'd', role: 'desk' })
    const customer = await tokenFor({ name: 'c', role: 'customer', customerId })
    const stranger = await tokenFor({ name: 's', role: 'customer', customerId: other.customerId })
    const partnerToken = await tokenFor({ name: 'p', role: 'partner', partnerId: partner.id })
    const at = `/servicedesk-links/${link.id}`
    const status = async (method: string, path: string, token: string, body?: unknown) =>
      (await world.api(method, path, body, token)).status
    for (const token of [customer, stranger, partnerToken]) {
      for (const path of ['/servicedesk-links', at, `${at}/health`, `${at}/parked`]) expect(await status('GET', path, token)).toBe(403)
      expect(await status('POST', `${at}/parked/x/retry`, token)).toBe(403)
      expect(await status('DELETE', at, token)).toBe(403)
    }
    expect(await status('GET', at, viewer)).toBe(200)
    for (const token of [viewer, desk]) {
      expect(await status('PATCH', at, token, { name: 'x' })).toBe(403)
      expect(await status('POST', '/servicedesk-links', token, inputFor(customerId))).toBe(403)
      expect(await status('POST', `${at}/test`, token)).toBe(403)
    }
    expect(await status('POST', `${at}/parked/x/drop`, viewer)).toBe(403)
    expect(await world.api('POST', `${at}/parked/x/drop`, undefined, desk)).toMatchObject({
      status: 409,
      body: { type: '/problems/change-not-parked' },
    })
    expect(await status('GET', `/tickets/${ticket.id}/external`, customer)).toBe(200)
    for (const token of [stranger, partnerToken]) expect(await status('GET', `/tickets/${ticket.id}/external`, token)).toBe(404)
    expect(await status('DELETE', at, await tokenFor({ name: 'm', role: 'manager' }))).toBe(204)
    expect(await status('GET', at, viewer)).toBe(404)
  })

  it('takes any bytes at its webhook and answers them', async () => {
    const { hook } = await makeLink()
    for (const [type, body, want] of [
      ['application/json', '{"ticket":', 401],
      ['text/plain', 'hello', 401],
      ['application/x-www-form-urlencoded', 'a=1', 401],
      ['application/json', 'x'.repeat(1024 * 1024 + 1), 413],
    ] as const) {
      const answer = await fetch(`${world.url}${hook.path}`, { method: 'POST', headers: { 'content-type': type }, body })
      expect(answer.status, body.slice(0, 20)).toBe(want)
      expect(answer.headers.get('content-type')).toContain('problem+json')
    }
    expect((await fetch(`${world.url}${hook.path.replace(/.$/, '~')}`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})
