import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from '../../../shared/api/list.ts'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { EditPreview } from '../../../shared/api/contracts/plan-preview-api.ts'
import type { Ticket, TicketClockEvent } from '../../../shared/api/tickets/ticket-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Problem = { type: string; detail: string; errors?: { path: string }[] }

describe('clocks over HTTP', () => {
  let world: World
  let place: { customerId: string; siteId: string }
  const tokens = { customer: '', viewer: '', desk: '' }
  const tokenFor = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token
  const report = () => ({
    customerId: place.customerId,
    level: 1,
    subject: 'Numbers are wrong',
    description: 'Since this morning.',
    channel: 'form',
    reporter: { name: 'Carl Contact' },
  })

  beforeAll(async () => {
    world = await makeWorld()
    place = await world.makeCustomer('ombori-enterprise')
    await world.ok('PATCH', `/customers/${place.customerId}`, { overrides: { cases: { perMonth: 1, beyond: 'approval' } } })
    tokens.customer = await tokenFor({ name: 'portal', role: 'customer', customerId: place.customerId })
    tokens.viewer = await tokenFor({ name: 'wall', role: 'viewer' })
    tokens.desk = await tokenFor({ name: 'Dora', role: 'desk' })
  })
  afterAll(() => world.stop())

  it('a case beyond the quota is approved once, by the desk, with a reason', async () => {
    const within = await world.ok<Ticket>('POST', '/tickets', report())
    const beyond = await world.ok<Ticket>('POST', '/tickets', report())
    expect(beyond).toMatchObject({ flags: ['case-quota-exceeded'], approvedAt: null, clocks: { response: { state: 'none' } } })
    const approve = (id: string, token?: string, body: object = { reason: 'agreed by phone' }) =>
      world.api<Ticket & Problem>('POST', `/tickets/${id}/approve`, body, token)
    expect((await approve(beyond.id, tokens.customer)).status).toBe(403)
    expect((await approve(beyond.id, tokens.viewer)).status).toBe(403)
    expect((await approve(beyond.id, tokens.desk, {})).body.errors?.[0]?.path).toBe('body')
    expect((await approve(beyond.id, tokens.desk, { reason: '', colour: 'red' })).status).toBe(400)
    const approved = await approve(beyond.id, tokens.desk)
    expect(approved.status).toBe(200)
    expect(approved.body.clocks.response.state).toBe('running')
    expect(approved.body.approvedAt).not.toBeNull()
    for (const id of [beyond.id, within.id]) {
      const again = await approve(id, tokens.desk)
      expect([again.status, again.body.type]).toEqual([409, '/problems/nothing-to-approve'])
      expect(again.body.detail).toMatch(/^KK-/)
    }
    expect((await approve('nobody')).status).toBe(404)
  })

  it('staff read how a due time came about', async () => {
    const [ticket] = (await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${place.customerId}`)).items
    const path = `/tickets/${ticket?.id ?? ''}/clock-events`
    const { items } = await world.ok<Page<TicketClockEvent>>('GET', path)
    expect(items.map(event => `${event.clock} ${event.cycle} ${event.what}`)).toEqual([
      'response 1 started',
      'response 1 cancelled',
      'response 2 started',
    ])
    expect(items[2]).toMatchObject({ step: null, dueAt: ticket?.clocks.response.dueAt, usedMinutes: 0 })
    expect((await world.api('GET', path, undefined, tokens.viewer)).status).toBe(200)
    expect((await world.api('GET', path, undefined, tokens.customer)).status).toBe(403)
    expect((await world.api('GET', '/tickets/nobody/clock-events')).status).toBe(404)
  })

  it('previews an edit for those who may make it, and refuses what the edit refuses', async () => {
    const { version, ...plan } = await world.ok<Plan & { version: number }>('GET', '/plans/ombori-enterprise')
    const levels = { ...plan.levels, '1': { ...plan.levels['1'], response: { kind: 'minutes', minutes: 15 } } }
    const path = '/plans/ombori-enterprise/preview'
    const preview = await world.ok<EditPreview>('POST', path, { ...plan, levels })
    expect(preview.sentence).toBe('2 tickets move')
    expect(preview.customers).toMatchObject([{ customerId: place.customerId, tickets: { open: 2, moved: 2, overdue: 0 } }])
    expect((await world.ok<{ version: number }>('GET', '/plans/ombori-enterprise')).version).toBe(version)
    expect((await world.api('POST', path, plan, tokens.desk)).status).toBe(403)
    const wrong = { ...plan, escalation: [{ clock: 'response', percent: 50, tell: ['desk'], toLine: 3 }] }
    const [seen, done] = [await world.api<Problem>('POST', path, wrong), await world.api<Problem>('PUT', '/plans/ombori-enterprise', wrong)]
    expect(seen.status).toBe(400)
    expect(seen.body).toEqual(done.body)
    expect(seen.body.errors?.[0]?.path).toBe('body/escalation/0/toLine')
    for (const hostile of [null, [], 'x', 7, { ...plan, levels: [] }]) {
      const answer = await world.api<Problem>('POST', path, hostile)
      expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-plan'])
    }
  })

  it("previews a customer's terms in the same way", async () => {
    const path = `/customers/${place.customerId}`
    const preview = await world.ok<EditPreview>('POST', `${path}/preview`, { planId: 'ombori-free' })
    expect(preview).toMatchObject({ sentence: '2 tickets move', totals: { customers: 1, moved: 2 } })
    expect((await world.api('POST', `${path}/preview`, {}, tokens.desk)).status).toBe(403)
    expect((await world.api('POST', '/customers/nobody/preview', {})).status).toBe(404)
    for (const wrong of [{ planId: 'gold' }, { timeZone: 'Mars/Olympus' }, { overrides: { colour: 'red' } }]) {
      const [seen, done] = [await world.api('POST', `${path}/preview`, wrong), await world.api('PATCH', path, wrong)]
      expect(seen.status).toBe(400)
      expect(seen.body).toEqual(done.body)
    }
    expect((await world.api('POST', `${path}/preview`, { name: 'not a term' })).status).toBe(400)
  })
})
