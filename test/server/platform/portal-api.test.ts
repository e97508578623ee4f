/** What the people of a customer and of a partner get: promises before they send, their jobs, and nothing of others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportPromise } from '../../../shared/api/tickets/promise-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import type { Job, JobListItem, Visit } from '../../../shared/api/visits/visit-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

let world: World
// Sunday: outside the hours of Pilot, inside those of Production.
let now = Date.parse('2026-11-15T13:00:00Z')
beforeAll(async () => {
  world = await makeWorld({}, () => now)
})
afterAll(() => world.stop())

const tokenFor = async (facts: Record<string, unknown>): Promise<string> =>
  (await world.ok<{ id: string; token: string }>('POST', '/tokens', { name: 'Tess', ...facts })).token

async function makeJob() {
  const place = await world.makeCustomer('ombori-production')
  await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Carl', email: 'carl@example.com', phone: '+46 70 1' })
  const partner = await world.ok('POST', '/partners', { name: 'North', email: 'north@example.com', regions: [], skills: ['display'] })
  const ticket = await world.ok('POST', '/tickets', {
    customerId: place.customerId,
    level: 2,
    subject: 'The display is dark',
    description: 'Since today.',
    channel: 'form',
    reporter: { name: 'Carl', email: 'carl@example.com' },
  })
  await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'A secret of the desk' })
  const visit = await world.ok<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: partner.id })
  return {
    ...place,
    ticketId: ticket.id,
    visit,
    partnerToken: await tokenFor({ role: 'partner', partnerId: partner.id }),
    customerToken: await tokenFor({ role: 'customer', customerId: place.customerId }),
  }
}

describe('a promise', () => {
  it.each(['ombori-pilot', 'ombori-production', 'ombori-free', 'op5-basic', 'opmantek-premium', 'ops-com-premium'])(
    'of %s is the one the ticket gets',
    async planId => {
      const { customerId } = await world.makeCustomer(planId)
      const token = await tokenFor({ role: 'customer', customerId })
      for (const level of [1, 2, 3, 4]) {
        const report = { level, channel: 'portal', reporter: { name: 'Carl', email: 'carl@example.com', phone: '+46 70 1' } }
        const promise = (await world.api<ReportPromise>('POST', `/customers/${customerId}/promise`, report, token)).body
        const ticket = await world.ok<Ticket>('POST', '/tickets', {
          ...report,
          customerId,
          subject: 'Dark',
          description: 'It is dark',
          softwareVersion: '8.1',
          platformVersion: 'Debian 13',
          impact: 'Nobody can buy',
        })
        expect(promise).toMatchObject({ level: ticket.level, levelName: ticket.levelName, answerBy: ticket.clocks.response.dueAt })
        expect(ticket.flags).toEqual(expect.arrayContaining(promise.flags))
        expect(ticket.why).toEqual(expect.arrayContaining(promise.why))
      }
    },
  )

  it('is nobody else’s to ask for, and takes nothing but a report', async () => {
    const { customerId } = await world.makeCustomer('ombori-pilot')
    const other = await world.makeCustomer('ombori-pilot')
    const report = { level: 2, channel: 'portal', reporter: { name: 'Carl' } }
    const job = await makeJob()
    for (const token of [await tokenFor({ role: 'customer', customerId: other.customerId }), job.partnerToken])
      expect((await world.api('POST', `/customers/${customerId}/promise`, report, token)).status).toBe(404)
    expect((await world.api('POST', '/customers/nowhere/promise', report)).status).toBe(404)
    for (const hostile of [
      {},
      { ...report, level: 9 },
      { ...report, channel: 'pigeon' },
      { ...report, more: 1 },
      { ...report, reporter: {} },
    ])
      expect((await world.api('POST', `/customers/${customerId}/promise`, hostile)).status).toBe(400)
  })
})

describe('jobs of a partner', () => {
  it('are listed, answered and done by its people alone', async () => {
    const job = await makeJob()
    const list = await world.api<{ items: JobListItem[]; total: number }>('GET', '/jobs', undefined, job.partnerToken)
    expect(list.body).toMatchObject({ total: 1, items: [{ visitId: job.visit.id, state: 'offered', fault: 'The display is dark' }] })
    const path = `/visits/${job.visit.id}/job`
    const seen = await world.api<Job>('GET', path, undefined, job.partnerToken)
    expect(seen.body).toMatchObject({ state: 'offered', contacts: [{ name: 'Carl' }], allowed: ['accepted', 'declined'] })
    expect(JSON.stringify([list.body, seen.body])).not.toContain('secret of the desk')
    const stranger = (await makeJob()).partnerToken
    const viewer = await tokenFor({ role: 'viewer' })
    for (const [token, status] of [
      [stranger, 404],
      [job.customerToken, 403],
      [viewer, 403],
    ] as const) {
      expect((await world.api('GET', path, undefined, token)).status).toBe(status)
      expect((await world.api('GET', `${path}/live`, undefined, token)).status).toBe(status)
      expect((await world.api('POST', `${path}/transitions`, { to: 'accepted' }, token)).status).toBe(status)
      expect((await world.api('GET', `${path}/evidence/x`, undefined, token)).status).toBe(status)
    }
    expect((await world.api('GET', '/jobs', undefined, viewer)).status).toBe(403)
    const move = (body: unknown) => world.api<Job>('POST', `${path}/transitions`, body, job.partnerToken)
    expect((await move({ to: 'accepted' })).body.state).toBe('accepted')
    expect((await move({ to: 'accepted' })).status).toBe(200)
    for (const hostile of [{}, { to: 'x' }, { to: 'scheduled', at: 'soon' }, { to: 'declined', reason: 'x'.repeat(2001) }])
      expect((await move(hostile)).status).toBe(400)
    expect((await move({ to: 'cancelled' })).status).toBe(409)
    expect((await move({ to: 'on-site' })).status).toBe(200)
    expect((await move({ to: 'done', minutes: 25, note: 'The cable was bitten by a dog' })).body.state).toBe('done')
    now += 7 * 86_400_000 + 1
    expect((await world.api('GET', path, undefined, job.partnerToken)).status).toBe(404)
    const after = await world.api<{ items: JobListItem[] }>('GET', '/jobs?state=done', undefined, job.partnerToken)
    expect(after.body.items).toMatchObject([{ isReadable: false }])
  })

  it('show the customer what happened, not what the partner notes', async () => {
    const job = await makeJob()
    const read = async (path: string) => JSON.stringify((await world.api('GET', path, undefined, job.customerToken)).body)
    const path = `/visits/${job.visit.id}/job/transitions`
    for (const body of [{ to: 'accepted' }, { to: 'on-site' }, { to: 'done', minutes: 25, note: 'The cable was bitten by a dog' }])
      await world.api('POST', path, body, job.partnerToken)
    for (const shown of [await read('/visits'), await read(`/visits/${job.visit.id}`), await read(`/tickets/${job.ticketId}/timeline`)])
      expect(shown).not.toContain('dog')
    expect(await read(`/tickets/${job.ticketId}/timeline`)).toContain('North has mended it')
    const declined = await makeJob()
    await world.api('POST', `/visits/${declined.visit.id}/job/transitions`, { to: 'declined', reason: 'No car' }, declined.partnerToken)
    expect((await world.api<Job>('GET', `/visits/${declined.visit.id}/job`, undefined, declined.partnerToken)).body.contacts).toEqual([])
    expect((await world.api<{ total: number }>('GET', '/visits', undefined, declined.customerToken)).body.total).toBe(0)
    expect((await world.api('GET', `/visits/${declined.visit.id}`, undefined, declined.customerToken)).status).toBe(404)
    const history = JSON.stringify(
      (await world.api('GET', `/tickets/${declined.ticketId}/timeline`, undefined, declined.customerToken)).body,
    )
    expect(history).not.toContain('No car')
  })
})
