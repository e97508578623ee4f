/** OpServices PRO: what the plan does not cover is offered as billable work, and one incident is one problem. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Relations } from '../../../shared/api/tickets/relation-api.ts'
import type { TicketScope } from '../../../shared/api/tickets/scope-api.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { startImapServer, type ImapServer } from '../../support/imap-server.ts'
import { lettersTo } from '../../support/letters.ts'
import { rawMail } from '../../support/raw-mail.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

const BIA = 'bia@banco.example'

describe('an OpServices PRO customer', () => {
  // A Monday, ten o'clock in São Paulo.
  let nowMs = Date.parse('2026-11-16T13:00:00Z')
  let world: World
  let imap: ImapServer
  let customerId = ''
  beforeAll(async () => {
    imap = await startImapServer()
    const environment = {
      KIOSKEEPER_IMAP_URL: imap.url,
      KIOSKEEPER_INBOX_ADDRESS: 'inbox@kiosk.example',
      KIOSKEEPER_MAIL_FROM: 'Kioskeeper <desk@kiosk.example>',
    }
    world = await makeWorld(environment, () => nowMs)
    const customer = { name: 'Banco', planId: 'opservices-pro', timeZone: 'America/Sao_Paulo', language: 'pt' }
    customerId = (await world.ok('POST', '/customers', customer)).id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Bia', email: BIA })
  })
  afterAll(async () => {
    await world.stop()
    await imap.stop()
  })

  const register = (subject: string, more: object = {}): Promise<Ticket> =>
    world.ok<Ticket>('POST', '/tickets', {
      customerId,
      level: 2,
      subject,
      description: 'It does not print.',
      channel: 'portal',
      reporter: { name: 'Bia', email: BIA },
      ...more,
    })
  const read = (id: string) => world.ok<Ticket>('GET', `/tickets/${id}`)

  it('has a printer marked out of scope with the reason, and accepts the offer by mail', async () => {
    const ticket = await register('Impressora', { category: 'printer' })
    expect(ticket).toMatchObject({ flags: ['out-of-scope'], clocks: { response: { state: 'none', dueAt: null } } })
    expect(ticket.why.join(' ')).toMatch(/does not cover .*printer.*: no deadlines, offered as billable work\./)
    await world.ok<TicketScope>('POST', `/tickets/${ticket.id}/scope`, { reason: 'Printers', estimate: '2 h, R$ 400' })
    expect(await read(ticket.id)).toMatchObject({ status: 'waiting-customer', flags: ['out-of-scope'] })
    const offer = await until('the offer', async () =>
      (await lettersTo(world.mailbox, BIA)).find(mail => mail.text?.includes('R$ 400') ?? false),
    )
    expect(offer.text).toContain('não está coberto pelo seu plano de suporte (Printers)')
    nowMs += 60 * 60_000
    await imap.deliver(
      rawMail({
        from: `Bia <${BIA}>`,
        subject: `Re: ${offer.subject ?? ''}`,
        headers: { 'In-Reply-To': offer.messageId ?? '' },
        body: 'Sim, aceito.',
      }),
    )
    await until('her words', async () => (await read(ticket.id)).status === 'in-progress')
    // The desk reads them and logs what they say: a machine does not agree to a bill for people.
    const { offers } = await world.ok<TicketScope>('POST', `/tickets/${ticket.id}/offer/decision`, { accepted: true, note: 'By mail.' })
    expect(offers).toMatchObject([{ kind: 'billable', state: 'accepted', estimate: '2 h, R$ 400', note: 'By mail.' }])
    const after = await read(ticket.id)
    expect(after).toMatchObject({
      status: 'in-progress',
      flags: ['out-of-scope'],
      clocks: { response: { state: expect.stringMatching(/met|none/) } },
    })
    const lines = (await world.ok<{ items: TicketTimelineItem[] }>('GET', `/tickets/${ticket.id}/timeline`)).items
    expect(lines.map(line => line.text)).toEqual(expect.arrayContaining(['Sim, aceito.', 'The offer of billable work was accepted.']))
    expect((await world.api('POST', `/tickets/${ticket.id}/offer/decision`, { accepted: false })).status).toBe(409)
  })

  it('gives a subordinate problem an incident of its own, tied to the first', async () => {
    const whole = await register('Painel parado')
    const part = await register('Painel sem filial 7')
    await world.ok('POST', `/tickets/${part.id}/links`, { kind: 'child', ticketId: whole.reference })
    expect(part.reference).not.toBe(whole.reference)
    const relations = await world.ok<Relations>('GET', `/tickets/${whole.id}/relations`)
    expect(JSON.stringify(relations)).toContain(part.reference)
    await world.ok('POST', `/tickets/${part.id}/transitions`, { to: 'resolved' })
    expect([(await read(whole.id)).status, (await read(part.id)).status]).toEqual(['new', 'resolved'])
    for (const { reference } of [whole, part])
      await until(`the receipt of ${reference}`, async () =>
        (await lettersTo(world.mailbox, BIA)).find(mail => mail.subject?.startsWith(`[${reference}] Novo chamado`)),
      )
  })
})
