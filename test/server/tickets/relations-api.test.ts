/** Every route of the work on tickets: hostile bodies, and what foreign customers, partners and viewers get. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Partner } from '../../../shared/api/customers/partner-api.ts'
import type { BulkAnswer, DuplicatesAnswer, Relations } from '../../../shared/api/tickets/relation-api.ts'
import type { Defect, DefectDetail } from '../../../shared/api/defects/defect-api.ts'
import type { MajorDetail } from '../../../shared/api/majors/major-api.ts'
import type { TicketScope } from '../../../shared/api/tickets/scope-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Problem = { type: string; errors?: { path: string }[] }

let world: World
let customerId = ''
let otherId = ''
const tokens = { desk: '', viewer: '', customer: '', stranger: '', partner: '' }

beforeAll(async () => {
  world = await makeWorld()
  customerId = (await world.makeCustomer('opservices-pro')).customerId
  otherId = (await world.makeCustomer('ombori-enterprise')).customerId
  const partner = await world.ok<Partner>('POST', '/partners', { name: 'North', email: 'n@example.com', regions: [], skills: [] })
  const token = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token
  tokens.desk = await token({ name: 'Anna', role: 'desk' })
  tokens.viewer = await token({ name: 'Wall', role: 'viewer' })
  tokens.customer = await token({ name: 'portal', role: 'customer', customerId })
  tokens.stranger = await token({ name: 'other', role: 'customer', customerId: otherId })
  tokens.partner = await token({ name: 'North', role: 'partner', partnerId: partner.id })
})
afterAll(() => world.stop())

const register = (subject = 'Numbers are wrong', owner = customerId): Promise<Ticket> =>
  world.ok<Ticket>('POST', '/tickets', {
    customerId: owner,
    level: 2,
    subject,
    description: 'Since this morning.',
    channel: 'form',
    reporter: { name: 'Carl', email: 'carl@example.com' },
  })

describe('who may do what', () => {
  it.each([
    { method: 'GET', path: '/tickets/:id/relations' },
    { method: 'GET', path: '/tickets/:id/hand-overs' },
    { method: 'POST', path: '/tickets/:id/merge', body: { intoTicketId: 'x' } },
    { method: 'DELETE', path: '/tickets/:id/merge' },
    { method: 'POST', path: '/tickets/:id/links', body: { kind: 'related', ticketId: 'x' } },
    { method: 'DELETE', path: '/tickets/:id/links/x' },
    { method: 'POST', path: '/tickets/:id/parts/resolve', body: {} },
    { method: 'POST', path: '/tickets/:id/watchers', body: { contactId: 'x' } },
    { method: 'DELETE', path: '/tickets/:id/watchers/x' },
    { method: 'POST', path: '/tickets/bulk', body: { ticketIds: ['x'], level: 1 } },
    { method: 'POST', path: '/tickets/:id/scope', body: { reason: 'Printers' } },
    { method: 'DELETE', path: '/tickets/:id/scope' },
    { method: 'GET', path: '/defects' },
    { method: 'POST', path: '/defects', body: { class: 'crash', title: 'x', impact: 'x' } },
    { method: 'GET', path: '/defects/x' },
    { method: 'PATCH', path: '/defects/x', body: { title: 'x' } },
    { method: 'POST', path: '/defects/x/comments', body: { text: 'x' } },
    { method: 'POST', path: '/defects/x/tickets', body: { ticketId: 'x' } },
    { method: 'DELETE', path: '/defects/x/tickets/x' },
    { method: 'GET', path: '/defects/x/letter?what=fix' },
    { method: 'POST', path: '/defects/x/letter', body: { what: 'fix' } },
    { method: 'GET', path: '/majors' },
    { method: 'POST', path: '/majors', body: { title: 'x', ticketIds: ['x'] } },
    { method: 'GET', path: '/majors/x' },
    { method: 'POST', path: '/majors/x/tickets', body: { ticketIds: ['x'] } },
    { method: 'DELETE', path: '/majors/x/tickets/x' },
    { method: 'POST', path: '/majors/x/open-tickets', body: { subject: 'x', body: 'x' } },
    { method: 'POST', path: '/majors/x/messages', body: { body: 'x' } },
    { method: 'POST', path: '/majors/x/notes', body: { text: 'x' } },
    { method: 'POST', path: '/majors/x/end', body: { body: 'x' } },
  ])('$method $path is for staff; who looks on changes nothing', async ({ method, path, body }) => {
    const { id } = await register()
    const at = path.replace(':id', id)
    for (const token of [tokens.customer, tokens.stranger, tokens.partner])
      expect([token.slice(0, 4), (await world.api(method, at, body, token)).status]).toEqual([token.slice(0, 4), 403])
    if (method !== 'GET') expect([403, 404]).toContain((await world.api(method, at, body, tokens.viewer)).status)
  })

  it('a foreign customer and a partner find no scope, no offer and no duplicates of others', async () => {
    const { id } = await register()
    for (const token of [tokens.stranger, tokens.partner]) {
      expect((await world.api('GET', `/tickets/${id}/scope`, undefined, token)).status).toBe(404)
      expect((await world.api('POST', `/tickets/${id}/offer/decision`, { accepted: true }, token)).status).toBe(404)
    }
    const query = `/tickets/duplicates?customerId=${customerId}&subject=numbers`
    expect((await world.api('GET', query, undefined, tokens.stranger)).status).toBe(404)
    expect((await world.api('GET', query, undefined, tokens.partner)).status).toBe(403)
    expect((await world.api('GET', query, undefined, tokens.customer)).status).toBe(200)
    expect((await world.api('POST', `/tickets/${id}/offer/decision`, { accepted: true }, tokens.viewer)).status).toBe(403)
  })
})

describe('hostile and wrong input', () => {
  it.each([
    { path: '/tickets/:id/merge', body: {} },
    { path: '/tickets/:id/merge', body: { intoTicketId: 'nope' } },
    { path: '/tickets/:id/merge', body: { intoTicketId: "' or 1=1 --" } },
    { path: '/tickets/:id/links', body: { kind: 'sibling', ticketId: 'x' } },
    { path: '/tickets/:id/links', body: { kind: 'related', ticketId: ['x'] } },
    { path: '/tickets/:id/watchers', body: { userId: 'x', contactId: 'y' } },
    { path: '/tickets/:id/watchers', body: {} },
    { path: '/tickets/:id/watchers', body: { contactId: 'nope' } },
    { path: '/tickets/:id/parts/resolve', body: { message: '' } },
    { path: '/tickets/bulk', body: { ticketIds: [], level: 1 } },
    { path: '/tickets/bulk', body: { ticketIds: ['x'] } },
    { path: '/tickets/bulk', body: { ticketIds: Array.from({ length: 201 }, (_, at) => `t${at}`), level: 1 } },
    { path: '/tickets/:id/scope', body: { reason: 'I say so' } },
    { path: '/tickets/:id/scope', body: { reason: 'Printers', offer: 'gift' } },
    { path: '/tickets/:id/offer/decision', body: { accepted: 'yes' } },
    { path: '/defects', body: { class: 'typo', title: 'x', impact: 'x' } },
    { path: '/defects', body: { class: 'crash', title: 'x', impact: 'x', ticketId: 'nope' } },
    { path: '/defects', body: { class: 'crash', title: 'x'.repeat(201), impact: 'x' } },
    { path: '/majors', body: { title: 'x' } },
    { path: '/majors', body: { title: 'x', ticketIds: ['nope'] } },
    { path: '/majors', body: { title: 'x', incidentId: 'nope' } },
  ])('$path refuses $body', async ({ path, body }) => {
    const { id } = await register()
    const answer = await world.api<Problem>('POST', path.replace(':id', id), body)
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-input'])
  })
})

describe('the way of it', () => {
  it('proposes what may be the same, merges by reference, and a customer who writes on the old one lands on the new', async () => {
    const one = await register('Receipt printer jams daily')
    const proposed = await world.ok<DuplicatesAnswer>('GET', `/tickets/duplicates?customerId=${customerId}&subject=receipt+printer+jams`)
    expect(proposed.items.map(item => item.ticket.id)).toContain(one.id)
    const into = await register('Receipt printer jams again')
    const merged = await world.ok<Relations>('POST', `/tickets/${one.id}/merge`, { intoTicketId: into.reference.toLowerCase() })
    expect(merged).toMatchObject({ mergedInto: { id: into.id } })
    const written = await world.api<{ ticket: Ticket }>(
      'POST',
      `/tickets/${one.id}/messages`,
      { visibility: 'public', body: 'Any news?' },
      tokens.customer,
    )
    expect([written.status, written.body.ticket.id]).toEqual([201, into.id])
    const refused = await world.api<Problem & { intoTicketId: string }>('POST', `/tickets/${one.id}/transitions`, { to: 'in-progress' })
    expect([refused.status, refused.body.type, refused.body.intoTicketId]).toEqual([409, '/problems/ticket-merged', into.id])
    const back = await world.ok<Relations>('DELETE', `/tickets/${one.id}/merge`)
    expect(back.mergedInto).toBeNull()
  })

  it('never merges over the border of a customer', async () => {
    const [one, foreign] = [await register(), await register('x', otherId)]
    const answer = await world.api<Problem>('POST', `/tickets/${one.id}/merge`, { intoTicketId: foreign.id })
    expect([answer.status, answer.body.type]).toEqual([409, '/problems/relation-refused'])
  })

  it('changes many, and names what was refused', async () => {
    const [one, two] = [await register(), await register()]
    const answer = await world.ok<BulkAnswer>('POST', '/tickets/bulk', {
      ticketIds: [one.id, 'nope', two.id],
      to: 'resolved',
      reason: 'Fixed',
    })
    expect(answer).toMatchObject({ done: [one.id, two.id], refused: [{ ticketId: 'nope', slug: 'not-found' }] })
  })

  it('a customer reads its offer, decides on it, and sees nothing of the defect behind its ticket', async () => {
    const { id } = await register()
    const defect = await world.ok<DefectDetail>('POST', '/defects', { class: 'crash', title: 'Secret title', impact: 'x', ticketId: id })
    await world.ok('POST', `/defects/${defect.id}/comments`, { text: 'secret comment' })
    expect((await world.ok<{ items: Defect[] }>('GET', `/defects?ticketId=${id}`)).items.map(item => item.id)).toEqual([defect.id])
    await world.ok('POST', `/tickets/${id}/scope`, { reason: 'Printers', offer: 'billable', estimate: '80 EUR' })
    const decided = await world.api<TicketScope>(
      'POST',
      `/tickets/${id}/offer/decision`,
      { accepted: true, note: 'Please go on' },
      tokens.customer,
    )
    expect(decided.body.offers).toMatchObject([{ state: 'accepted', decidedBy: 'portal' }])
    for (const path of [`/tickets/${id}`, `/tickets/${id}/timeline`, `/tickets/${id}/scope`]) {
      const text = JSON.stringify((await world.api('GET', path, undefined, tokens.customer)).body)
      for (const secret of ['Secret title', 'secret comment', defect.id, defect.reference]) expect(text).not.toContain(secret)
    }
  })

  it('a severity is a manager’s word', async () => {
    const rated = await world.api<Problem>('POST', '/defects', { class: 'block', title: 'x', impact: 'x', severity: 1 }, tokens.desk)
    expect(rated.status).toBe(403)
    expect((await world.api('POST', '/defects', { class: 'block', title: 'x', impact: 'x', severity: 1 })).status).toBe(201)
  })

  it('one message of a major incident names nobody', async () => {
    const [one, foreign] = [await register(), await register('x', otherId)]
    const major = await world.ok<MajorDetail>('POST', '/majors', { title: 'Down', ticketIds: [one.reference, foreign.id] })
    const answer = await world.api<Problem>('POST', `/majors/${major.id}/messages`, { body: `See ${one.reference}` })
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, 'body/body'])
    const told = await world.ok<{ told: string[] }>('POST', `/majors/${major.id}/end`, { body: 'It is over.' })
    expect(told.told).toEqual([foreign.id])
  })
})
