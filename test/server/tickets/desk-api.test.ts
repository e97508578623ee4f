/** The desk's intake and phone over HTTP: previews, placing mails, callers, calls logged later, and who may do it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FoundCaller, SimilarTicket } from '../../../shared/api/tickets/call-api.ts'
import type { IntakeItem, IntakePreview } from '../../../shared/api/mail/intake-api.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { rawMail, withFiles } from '../../support/raw-mail.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Page<Item> = { items: Item[]; total: number }
const report = {
  level: 3,
  subject: 'The printer prints nothing',
  description: 'D',
  channel: 'phone',
  reporter: { name: 'Carl', email: 'carl@shop.example' },
}
let now = Date.parse('2026-11-16T10:00:00Z')

describe('the desk over HTTP', () => {
  let world: World
  let callers: Callers
  const ids = { mine: '', other: '' }
  const hand = async (raw: Buffer): Promise<string> => {
    await fetch(`${world.url}/api/v1/intake/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'message/rfc822' },
      body: new Uint8Array(raw),
    })
    return (await world.ok<Page<IntakeItem>>('GET', '/intake')).items[0]?.id ?? ''
  }
  beforeAll(async () => {
    world = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' }, () => now)
    callers = await makeCallers(world)
    ids.mine = (await world.ok('POST', '/tickets', { ...report, customerId: callers.mine })).id
    ids.other = (await world.ok('POST', '/tickets', { ...report, customerId: callers.other })).id
  })
  afterAll(() => world.stop())

  it('a mail that waits is read as text, with guesses of whose it is, and becomes a message where the desk puts it', async () => {
    const ticket = await world.ok<Ticket>('GET', `/tickets/${ids.mine}`)
    const mime = withFiles('See the <b>photo</b>', [['a.html', 'text/html', Buffer.from('<script>')]])
    const item = await hand(rawMail({ from: 'new@shop.example', subject: `About [${ticket.reference}]`, mime }))
    const preview = await world.ok<IntakePreview>('GET', `/intake/${item}/preview`)
    expect(preview).toMatchObject({
      from: { address: 'new@shop.example' },
      text: 'See the <b>photo</b>',
      files: [{ name: 'a.html', contentType: 'application/octet-stream', bytes: 8 }],
      likelyCustomers: [{ id: callers.mine, name: 'Corner shop' }],
      namedTicket: { id: ids.mine },
    })
    expect((await world.api('POST', `/intake/${item}/attach`, { ticketId: 'none' })).status).toBe(404)
    expect(await world.ok('POST', `/intake/${item}/attach`, { ticketId: ids.mine })).toEqual({ ticketId: ids.mine })
    const again = await world.api('POST', `/intake/${item}/attach`, { ticketId: ids.mine })
    expect(again).toMatchObject({ status: 409, body: { type: '/problems/intake-item-decided' } })
    const lines = (await world.ok<Page<TicketTimelineItem>>('GET', `/tickets/${ids.mine}/timeline`)).items
    expect(lines.filter(line => line.kind === 'message').map(line => [line.author.kind, line.text])).toEqual([
      ['customer', 'See the <b>photo</b>'],
    ])
    expect(lines.find(line => line.kind === 'mail')?.text).toContain('Put here by')
    const next = await hand(rawMail({ from: 'new@shop.example', subject: 'And another' }))
    expect(next).toBe('')
  })

  it.each<[CallerName, number, number, number]>([
    ['desk', 200, 200, 201],
    ['limited desk', 403, 200, 403],
    ['viewer', 200, 403, 403],
    ['customer', 403, 403, 403],
    ['partner', 403, 403, 403],
  ])('%s: preview %i, callers %i, attach %i', async (who, preview, found, attach) => {
    const item = await hand(rawMail({ from: `${who.replace(' ', '-')}@nowhere.example` }))
    expect(await callers.status(who, 'GET', `/intake/${item}/preview`)).toBe(preview)
    expect(await callers.status(who, 'GET', '/callers?q=carl')).toBe(found)
    expect(await callers.status(who, 'POST', `/intake/${item}/attach`, { ticketId: ids.mine })).toBe(attach)
  })

  it('finds who calls by number, address, name and customer, within what the desk may see', async () => {
    for (const q of ['070-123 45 67', 'carl@', 'Carl', 'corner']) {
      const found = await world.ok<Page<FoundCaller>>('GET', `/callers?q=${encodeURIComponent(q)}`)
      expect(found.items).toMatchObject([{ name: 'Carl', customerId: callers.mine, openTickets: 2 }])
    }
    await world.ok('POST', `/customers/${callers.other}/contacts`, { name: 'Carla', email: 'carla@other.example' })
    const limited = await world.api<Page<FoundCaller>>('GET', '/callers?q=carl', undefined, callers.tokens['limited desk'])
    expect(limited.body.items.map(item => item.name)).toEqual(['Carl'])
    expect((await world.api('GET', '/callers?q=a')).status).toBe(400)
    expect((await world.api('GET', `/callers?q=${'x'.repeat(201)}`)).status).toBe(400)
  })

  it('proposes open tickets that it may be about, of a customer one may see', async () => {
    const query = `/tickets/similar?customerId=${callers.mine}&subject=printer%20prints%20white`
    for (const who of ['desk', 'viewer', 'customer'] as const) {
      const found = await world.api<Page<SimilarTicket>>('GET', query, undefined, callers.tokens[who])
      expect(found.body.items.map(item => item.id)).toEqual([ids.mine])
    }
    for (const who of ['other customer', 'partner'] as const) expect(await callers.status(who, 'GET', query)).toBe(404)
  })

  it('a call logged later counts from when it was, and only staff may say so', async () => {
    const { body } = await world.api<Ticket>(
      'POST',
      '/tickets',
      { ...report, customerId: callers.mine, at: '2026-11-16T09:00:00Z' },
      callers.tokens.desk,
    )
    expect(body.createdAt).toBe('2026-11-16T09:00:00.000Z')
    expect(Date.parse(body.clocks.response.dueAt ?? '')).toBe(Date.parse('2026-11-16T09:00:00Z') + 8 * 3_600_000)
    for (const [at, status] of [
      ['2026-11-16T11:00:00Z', 400],
      ['2026-11-08T09:00:00Z', 400],
      ['yesterday', 400],
    ] as const)
      expect((await world.api('POST', '/tickets', { ...report, customerId: callers.mine, at })).status).toBe(status)
    expect(await callers.status('customer', 'POST', '/tickets', { ...report, customerId: callers.mine, at: '2026-11-16T09:00:00Z' })).toBe(
      403,
    )
    const late = { ...report, level: 1, customerId: callers.mine, at: '2026-11-16T08:00:00Z' }
    expect((await world.ok<Ticket>('POST', '/tickets', late)).clocks.response.state).toBe('breached')
    now += 1
  })
})
