/** Visits over HTTP: the offer, the secret link, and what each caller may not see or do. */
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Visit, Job } from '../../../shared/api/visits/visit-api.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

let world: World
let now = Date.parse('2026-11-16T09:00:00Z')
beforeAll(async () => {
  world = await makeWorld({}, () => now)
})
afterAll(() => world.stop())

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
  return { ...place, partnerId: partner.id, ticketId: ticket.id, visit, token: visit.link?.split('/job/')[1] ?? '' }
}
/** As somebody with nothing but an address. */
async function anybody<Body>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body; text: string }> {
  const response = await fetch(`${world.url}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: JSON.parse(text) as Body, text }
}

describe('a visit by hand', () => {
  it('has a link, is listed, and is one at a time', async () => {
    const job = await makeJob()
    expect(job.visit).toMatchObject({ state: 'offered', partnerId: job.partnerId, ticketId: job.ticketId })
    expect(job.token).toMatch(/^[\w-]{43}$/)
    const again = await world.api('POST', `/tickets/${job.ticketId}/dispatch`, {})
    expect(again).toMatchObject({ status: 409, body: { type: '/problems/visit-open', visitId: job.visit.id } })
    expect((await world.ok('GET', `/tickets/${job.ticketId}`))['status']).toBe('waiting-partner')
    const list = await world.ok<{ items: Visit[] }>('GET', `/visits?ticketId=${job.ticketId}&state=offered`)
    expect(list.items).toMatchObject([{ id: job.visit.id, link: null }])
  })

  it('is nobody else’s to see', async () => {
    const job = await makeJob()
    const other = await world.makeCustomer('ombori-production')
    const stranger = await world.ok<{ id: string; token: string }>('POST', '/tokens', {
      name: 'other',
      role: 'customer',
      customerId: other.customerId,
    })
    const otherPartner = await world.ok('POST', '/partners', { name: 'South', email: 'south@example.com', regions: [], skills: [] })
    const foreign = await world.ok<{ id: string; token: string }>('POST', '/tokens', {
      name: 'south',
      role: 'partner',
      partnerId: otherPartner.id,
    })
    for (const token of [stranger.token, foreign.token]) {
      expect((await world.api('GET', `/visits/${job.visit.id}`, undefined, token)).status).toBe(404)
      expect((await world.api('POST', `/visits/${job.visit.id}/transitions`, { to: 'accepted' }, token)).status).toBe(404)
      expect((await world.api<{ total: number }>('GET', '/visits', undefined, token)).body.total).toBe(0)
    }
  })
})

describe('the link', () => {
  it('shows this job alone, takes each move once, and ends', async () => {
    const job = await makeJob()
    const seen = await anybody<Job>('GET', `/jobs/${job.token}`)
    expect(seen.body).toMatchObject({
      state: 'offered',
      allowed: ['accepted', 'declined'],
      contacts: [{ name: 'Carl', phone: '+46 70 1' }],
    })
    expect(seen.text).not.toContain('secret of the desk')
    const move = (body: unknown) => anybody<Job>('POST', `/jobs/${job.token}/transitions`, body)
    expect((await move({ to: 'accepted' })).status).toBe(200)
    expect((await move({ to: 'accepted' })).status).toBe(200)
    expect((await move({ to: 'cancelled' })).status).toBe(409)
    for (const hostile of [{}, { to: 'x' }, { to: 'scheduled', at: 'soon' }, { to: 'done', parts: 'all' }, { to: 'done', minutes: -1 }, []])
      expect((await move(hostile)).status).toBe(400)
    expect((await move({ to: 'on-site' })).status).toBe(200)
    expect((await anybody('GET', `/jobs/${job.token}/live`)).body).toMatchObject({ isWell: true, failing: [] })
    expect((await move({ to: 'done', minutes: 10, parts: [{ name: 'cable' }] })).body).toMatchObject({ state: 'done', allowed: [] })
    expect((await world.ok('GET', `/tickets/${job.ticketId}`))['status']).toBe('resolved')
    now += 7 * 86_400_000 + 1
    const ended = await anybody('GET', `/jobs/${job.token}`)
    expect(ended.status).toBe(404)
    expect((await anybody('GET', `/jobs/${'x'.repeat(43)}`)).text).toBe(ended.text)
  })

  it('comes by mail, and the appointment as a calendar entry', async () => {
    const job = await makeJob()
    await anybody('POST', `/jobs/${job.token}/transitions`, { to: 'accepted' })
    await anybody('POST', `/jobs/${job.token}/transitions`, { to: 'scheduled', at: new Date(now + 3_600_000).toISOString() })
    const mails = async () => Promise.all(world.mailbox.mails.map(mail => PostalMime.parse(mail.text)))
    await until('the offer by mail', async () => (await mails()).some(mail => mail.text?.includes(`/job/${job.token}`)))
    await until('the calendar entry', async () =>
      (await mails()).some(mail => mail.attachments.some(part => part.mimeType === 'text/calendar')),
    )
    expect((await mails()).filter(mail => mail.text?.includes(`/job/${job.token}`))).toHaveLength(1)
  })
})
