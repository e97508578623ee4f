import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from '../../../shared/api/list.ts'
import type { Partner } from '../../../shared/api/customers/partner-api.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Problem = { type: string; errors?: { path: string }[] }

describe('tickets over HTTP', () => {
  let world: World
  let place: { customerId: string; siteId: string }
  let other: { customerId: string; siteId: string }
  const tokens = { customer: '', stranger: '', partner: '', viewer: '' }
  const tokenFor = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token
  const report = (more: object = {}) => ({
    customerId: place.customerId,
    level: 2,
    subject: 'Numbers are wrong',
    description: 'Since this morning.',
    channel: 'form',
    reporter: { name: 'Carl Contact', email: 'carl@example.com' },
    ...more,
  })
  const register = (more: object = {}): Promise<Ticket> => world.ok<Ticket>('POST', '/tickets', report(more))

  beforeAll(async () => {
    world = await makeWorld()
    place = await world.makeCustomer('ombori-enterprise')
    other = await world.makeCustomer('ombori-free')
    const partner = await world.ok<Partner>('POST', '/partners', {
      name: 'North Fix',
      email: 'north@example.com',
      regions: ['Stockholm'],
      skills: ['display'],
      order: 3,
    })
    tokens.customer = await tokenFor({ name: 'portal', role: 'customer', customerId: place.customerId })
    tokens.stranger = await tokenFor({ name: 'portal', role: 'customer', customerId: other.customerId })
    tokens.partner = await tokenFor({ name: 'North Fix', role: 'partner', partnerId: partner.id })
    tokens.viewer = await tokenFor({ name: 'wall', role: 'viewer' })
  })
  afterAll(() => world.stop())

  it('registers, answers, resolves: the fields of the contract are there', async () => {
    const made = await world.api<Ticket>('POST', '/tickets', report())
    expect(made.status).toBe(201)
    const ticket = made.body
    expect(ticket.reference).toMatch(/^KK-\d{4}-\d{6}$/)
    expect(ticket).toMatchObject({
      source: 'contact',
      status: 'new',
      level: 2,
      line: 1,
      deviceId: null,
      partnerId: null,
      occurrences: 1,
      evidence: [],
      clocks: { response: { state: 'running' }, update: { state: 'none', dueAt: null } },
    })
    const written = await world.api<{ id: string; ticket: Ticket }>('POST', `/tickets/${ticket.id}/messages`, {
      visibility: 'public',
      body: 'On it.',
    })
    expect(written.status).toBe(201)
    expect(written.body.ticket.clocks).toMatchObject({ response: { state: 'met' }, update: { state: 'running' } })
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'Hm, a loose cable?' })
    expect(await world.ok<Ticket>('PATCH', `/tickets/${ticket.id}`, { level: 1, line: 2, assignee: 'ada' })).toMatchObject({
      level: 1,
      line: 2,
      assignee: 'ada',
    })
    expect(await world.ok<Ticket>('POST', `/tickets/${ticket.id}/transitions`, { to: 'resolved', reason: 'cable' })).toMatchObject({
      status: 'resolved',
    })
    const refused = await world.api<Problem>('POST', `/tickets/${ticket.id}/transitions`, { to: 'waiting-customer' })
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/transition-not-allowed'])
    const history = await world.ok<Page<TicketTimelineItem>>('GET', `/tickets/${ticket.id}/timeline`)
    expect(history.items.map(item => item.kind)).toEqual(
      expect.arrayContaining(['opened', 'message', 'level', 'line', 'assignee', 'status', 'reason']),
    )
  })

  it('shows a customer its own tickets and only the public part of their history', async () => {
    const ticket = await register()
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'secret' })
    const history = await world.api<Page<TicketTimelineItem>>('GET', `/tickets/${ticket.id}/timeline`, undefined, tokens.customer)
    expect(history.body.items.map(item => item.kind)).toEqual(['opened'])
    expect((await world.api('GET', `/tickets/${ticket.id}`, undefined, tokens.stranger)).status).toBe(404)
    expect((await world.api('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'hi' }, tokens.stranger)).status).toBe(
      404,
    )
    expect((await world.api<Page<Ticket>>('GET', '/tickets', undefined, tokens.stranger)).body.total).toBe(0)
    expect((await world.api('POST', '/tickets', report(), tokens.stranger)).status).toBe(404)
  })

  it('lets customers write and register, but neither note, nor date, nor move', async () => {
    const { body: ticket, status } = await world.api<Ticket>('POST', '/tickets', report({ channel: 'portal' }), tokens.customer)
    expect(status).toBe(201)
    const write = (body: object) => world.api('POST', `/tickets/${ticket.id}/messages`, body, tokens.customer)
    expect((await write({ visibility: 'public', body: 'Any news?' })).status).toBe(201)
    expect((await write({ visibility: 'internal', body: 'x' })).status).toBe(403)
    expect((await write({ visibility: 'public', body: 'x', at: ticket.createdAt })).status).toBe(403)
    // Whoever says to be a person of ours is still the customer: the response is not met by it.
    await write({ visibility: 'public', body: 'I am the desk', author: { kind: 'person' } })
    expect((await world.ok<Ticket>('GET', `/tickets/${ticket.id}`)).clocks.response.state).not.toBe('met')
    expect((await world.api('POST', `/tickets/${ticket.id}/transitions`, { to: 'closed' }, tokens.customer)).status).toBe(403)
    expect((await world.api('PATCH', `/tickets/${ticket.id}`, { level: 1 }, tokens.customer)).status).toBe(403)
    expect((await world.api('POST', '/tickets', report(), tokens.viewer)).status).toBe(403)
    expect((await world.api('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'x' }, tokens.viewer)).status).toBe(403)
  })

  it('shows a partner what was given to it and nothing else', async () => {
    const ticket = await register()
    expect((await world.api('GET', `/tickets/${ticket.id}`, undefined, tokens.partner)).status).toBe(404)
    expect((await world.api<Page<Ticket>>('GET', '/tickets', undefined, tokens.partner)).body.total).toBe(0)
    expect((await world.api<Page<Partner>>('GET', '/partners', undefined, tokens.partner)).body.items.map(item => item.name)).toEqual([
      'North Fix',
    ])
    expect((await world.api<Page<Partner>>('GET', '/partners', undefined, tokens.customer)).body.total).toBe(0)
    expect((await world.api('GET', '/incidents', undefined, tokens.partner)).status).toBe(200)
  })

  it.each([
    { why: 'an unknown field', body: { colour: 'red' } },
    { why: 'a level there is not', body: { level: 5 } },
    { why: 'a channel there is not', body: { channel: 'fax' } },
    { why: 'no text', body: { description: '' } },
    { why: 'a reporter without a name', body: { reporter: { email: 'a@example.com' } } },
    { why: 'no such device', body: { deviceId: 'nope' } },
  ])('refuses $why', async ({ body }) => {
    const answer = await world.api<Problem>('POST', '/tickets', report(body))
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-input'])
  })
})
