/** On-call and satisfaction over HTTP: who may see and change what, links without a login, hostile input. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OnCallCall, Rota, RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

const ROTA: RotaInput = {
  name: 'Nights',
  customers: [],
  timeZone: 'America/Toronto',
  people: [{ key: 'ada', name: 'Ada', email: 'ada@desk.example' }],
  shifts: [{ days: ['mon'], from: '17:00', to: '09:00', people: ['ada'] }],
  overrides: [],
  handOver: { day: 'mon', time: '09:00', since: '2026-11-16' },
  nextAfterMinutes: 5,
}
/** Monday evening in Toronto. */
const now = Date.parse('2026-11-17T01:00:00Z')
const report = {
  level: 1,
  subject: 'All is dark',
  description: 'D',
  channel: 'email',
  reporter: { name: 'Eve', email: 'eve@shop.example' },
}

describe('on-call over HTTP', () => {
  let world: World
  let callers: Callers
  const ids = { mine: '', other: '', rota: '' }
  const anybody = async <Body>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${world.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body, headers: response.headers }
  }
  const linkIn = (path: string) =>
    until('the mail with the link', () => {
      const found = world.mailbox.mails.flatMap(
        mail => new RegExp(`/${path}/([\\w-]{20,})`).exec(mail.text.replaceAll('=\r\n', ''))?.[1] ?? [],
      )
      return Promise.resolve(found[0])
    })
  beforeAll(async () => {
    world = await makeWorld({}, () => now)
    callers = await makeCallers(world, 'ops-com-premium')
    ids.rota = (await world.ok<Rota>('POST', '/on-call', ROTA)).id
    ids.mine = (await world.ok('POST', '/tickets', { ...report, customerId: callers.mine })).id
    ids.other = (await world.ok('POST', '/tickets', { ...report, customerId: callers.other })).id
    await until('both are asked for', async () => (await world.ok<{ total: number }>('GET', '/on-call/alerts')).total === 2 || undefined)
  })
  afterAll(() => world.stop())

  it.each<[CallerName, number, number, number, number]>([
    ['admin', 200, 201, 200, 2],
    ['desk', 200, 403, 403, 2],
    ['limited desk', 200, 403, 403, 1],
    ['viewer', 200, 403, 403, 2],
    ['customer', 403, 403, 403, 0],
    ['partner', 403, 403, 403, 0],
  ])('%s: list %i, make %i, change %i, sees %i calls', async (who, list, make, change, seen) => {
    const { status } = callers
    expect(await status(who, 'GET', '/on-call')).toBe(list)
    expect(await status(who, 'POST', '/on-call', { ...ROTA, name: `Of ${who}`, customers: ['nobody'] })).toBe(make)
    expect(await status(who, 'PUT', `/on-call/${ids.rota}`, ROTA)).toBe(change)
    const alerts = await world.api<{ total?: number }>('GET', '/on-call/alerts', undefined, callers.tokens[who])
    expect(alerts.body.total ?? 0).toBe(seen)
  })

  it('the link of a call needs no login, takes it, and is nothing without its secret', async () => {
    const token = await linkIn('on-call/call')
    const seen = await anybody<OnCallCall>('GET', `/on-call/calls/${token}`)
    expect(seen.body).toMatchObject({ name: 'Ada', state: 'calling' })
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect((await anybody<OnCallCall>('POST', `/on-call/calls/${token}/acknowledge`)).body).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'Ada',
    })
    for (const wrong of ['x', `${token}x`, '%00', "' or 1=1 --"])
      expect((await anybody('GET', `/on-call/calls/${encodeURIComponent(wrong)}`)).status).toBe(404)
  })

  it('the desk takes a call of customers it sees', async () => {
    expect(await callers.status('limited desk', 'POST', `/tickets/${ids.other}/on-call/acknowledge`)).toBe(404)
    expect(await callers.status('viewer', 'POST', `/tickets/${ids.other}/on-call/acknowledge`)).toBe(403)
    expect(await callers.status('customer', 'POST', `/tickets/${ids.mine}/on-call/acknowledge`)).toBe(403)
    const both = await Promise.all([ids.mine, ids.other].map(id => callers.status('desk', 'POST', `/tickets/${id}/on-call/acknowledge`)))
    expect(both.toSorted((one, other) => one - other)).toEqual([204, 409])
  })

  it.each([
    ['nobody at all', { ...ROTA, people: [] }],
    ['an hour there is not', { ...ROTA, shifts: [{ days: ['mon'], from: '25:00', to: '09:00', people: ['ada'] }] }],
    ['a stranger', { ...ROTA, shifts: [{ days: ['mon'], from: '17:00', to: '09:00', people: ['eve'] }] }],
    ['no time between calls', { ...ROTA, nextAfterMinutes: 0 }],
    ['a webhook that is none', { ...ROTA, people: [{ ...ROTA.people[0], webhookUrl: 'file:///etc/passwd' }] }],
  ])('a rota of %s is refused', async (_reason, body) => expect((await world.api('POST', '/on-call', body)).status).toBe(400))

  it('how it was is asked by mail, answered without a login, and seen by whoever sees the ticket', async () => {
    await world.ok('POST', `/tickets/${ids.mine}/transitions`, { to: 'resolved' })
    const token = await linkIn('how-was-it')
    expect((await anybody('POST', `/satisfaction/${token}`, { score: 'great' })).status).toBe(400)
    expect((await anybody('POST', `/satisfaction/${token}`, { score: 'good', comment: 'x'.repeat(2_001) })).status).toBe(400)
    expect((await anybody('POST', `/satisfaction/${token}x`, { score: 'good' })).status).toBe(404)
    expect((await anybody('POST', `/satisfaction/${token}`, { score: 'good', comment: '<b>Thanks</b>' })).status).toBe(200)
    expect((await anybody('POST', `/satisfaction/${token}`, { score: 'bad' })).status).toBe(409)
    for (const [who, status] of [
      ['viewer', 200],
      ['customer', 200],
      ['other customer', 404],
      ['partner', 404],
    ] as const) {
      expect(await callers.status(who, 'GET', `/tickets/${ids.mine}/satisfaction`)).toBe(status)
      expect(await callers.status(who, 'GET', `/customers/${callers.mine}/satisfaction`)).toBe(status)
    }
  })
})
