/** OP5 Standard by mail: a report that is not complete, lines 2 and 3, six weeks of silence, and who may report at all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Email } from 'postal-mime'
import type { IntakeItem } from '../../../shared/api/mail/intake-api.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { startImapServer, type ImapServer } from '../../support/imap-server.ts'
import { headerOf, lettersTo } from '../../support/letters.ts'
import { rawMail } from '../../support/raw-mail.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Page<Item> = { items: Item[]; total: number }
const DAY_MS = 86_400_000
const CARL = 'carl@shop.example'
const OUTSIDER = 'olle@elsewhere.example'

describe('an OP5 Standard customer who writes mails', () => {
  // A Monday, ten o'clock in Stockholm.
  let nowMs = Date.parse('2026-11-16T09:00:00Z')
  let world: World
  let imap: ImapServer
  let customerId = ''
  let ticket: Ticket
  let receipt: Email
  beforeAll(async () => {
    imap = await startImapServer()
    const environment = {
      KIOSKEEPER_IMAP_URL: imap.url,
      KIOSKEEPER_INBOX_ADDRESS: 'inbox@kiosk.example',
      KIOSKEEPER_MAIL_FROM: 'Kioskeeper <desk@kiosk.example>',
    }
    world = await makeWorld(environment, () => nowMs)
    const customer = { name: 'Monitorbolaget', planId: 'op5-standard', timeZone: 'Europe/Stockholm', language: 'en' }
    customerId = (await world.ok('POST', '/customers', customer)).id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Carl Contact', email: CARL })
  })
  afterAll(async () => {
    await world.stop()
    await imap.stop()
  })

  const read = () => world.ok<Ticket>('GET', `/tickets/${ticket.id}`)
  const lines = async () => (await world.ok<Page<TicketTimelineItem>>('GET', `/tickets/${ticket.id}/timeline`)).items
  const letter = (what: string, isIt: (mail: Email) => boolean, to = CARL): Promise<Email> =>
    until(what, async () => (await lettersTo(world.mailbox, to)).find(isIt))
  const named = (heading: string) => (mail: Email) => mail.subject === `[${ticket.reference}] ${heading}: Alerts are late`

  it('is asked for exactly what the report lacks, and no clock runs', async () => {
    await imap.deliver(rawMail({ messageId: '<report@shop.example>', subject: 'Alerts are late', body: 'By ten minutes since Friday.' }))
    ticket = await until('the ticket', async () => (await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${customerId}`)).items[0])
    expect(ticket).toMatchObject({ status: 'waiting-information', flags: ['missing-information'], reporter: { email: CARL } })
    expect(ticket.clocks.response).toMatchObject({ state: 'paused', usedMinutes: 0, dueAt: null })
    nowMs += 60 * 60_000
    expect((await read()).clocks).toMatchObject({ response: { usedMinutes: 0 }, resolution: { state: 'best-effort', usedMinutes: 0 } })
    const asked = await letter('the question', named('We need more information'))
    expect(asked.text?.match(/^- .*$/gm)).toEqual(['- Software version:', '- Platform version:'])
    receipt = await letter('the receipt', named('New ticket'))
    expect(receipt.text).toContain('The times of your plan begin when your report is complete')
    expect(receipt.text).not.toContain('no fixed time')
  })

  it('has clocks from the answer on, not from the report', async () => {
    nowMs = Date.parse('2026-11-17T09:00:00Z')
    await imap.deliver(
      rawMail({
        messageId: '<facts@shop.example>',
        subject: 'Re: Alerts are late',
        headers: { 'In-Reply-To': receipt.messageId ?? '' },
        body: 'Software version: 9.1.2\nPlatform version: Debian 13\n\n> Software version:',
      }),
    )
    ticket = await until('the complete report', async () => {
      const now = await read()
      return now.status === 'new' && now
    })
    expect(ticket).toMatchObject({ softwareVersion: '9.1.2', platformVersion: 'Debian 13', flags: [] })
    // The next business day after the answer, 17:00 in Stockholm.
    expect(ticket.clocks.response).toMatchObject({ state: 'running', usedMinutes: 0, dueAt: '2026-11-18T16:00:00.000Z' })
    expect(ticket.why).toEqual([
      'next business day response, Standard plan, level 3',
      'The report was completed: the deadlines run from then.',
      'due Wed 18 Nov 17:00 (Europe/Stockholm): next business day response, Standard plan, level 3',
    ])
    nowMs += 90 * 60_000
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'We look into it.' })
    expect((await read()).clocks.response).toMatchObject({ state: 'met', usedMinutes: 90 })
    const answer = await letter('our answer', mail => mail.text?.includes('We look into it.') ?? false)
    expect(answer.inReplyTo).toBe('<facts@shop.example>')
    expect(headerOf(answer, 'references')).toContain('<report@shop.example>')
  })

  it('hears of each line it is given to', async () => {
    // Nine open hours after the clocks began it goes to line 2 by itself: Wednesday, ten o'clock.
    nowMs = Date.parse('2026-11-18T08:59:00Z')
    expect((await read()).line).toBe(1)
    nowMs = Date.parse('2026-11-18T09:00:00Z')
    await until('line 2', async () => (await read()).line === 2)
    expect((await letter('line 2 told', mail => mail.text?.includes('given to line 2') ?? false)).subject).toContain(
      'Given to the next line',
    )
    await world.ok('PATCH', `/tickets/${ticket.id}`, { line: 3, reason: 'SECRET-REASON' })
    await letter('line 3 told', mail => mail.text?.includes('given to line 3') ?? false)
    const escalations = (await lettersTo(world.mailbox, CARL)).filter(mail => mail.subject?.includes('Given to the next line'))
    expect(escalations).toHaveLength(2)
    expect((await world.api('PATCH', `/tickets/${ticket.id}`, { line: 4 })).status).toBe(400)
  })

  it('closes by itself after six weeks of silence, with reminders before', async () => {
    const askedMs = nowMs
    await world.ok('POST', `/tickets/${ticket.id}/messages`, {
      visibility: 'public',
      body: 'Version 9.1.3 mends it. Is it well now?',
      asks: true,
    })
    expect(await read()).toMatchObject({ status: 'waiting-customer', autoCloseAt: new Date(askedMs + 42 * DAY_MS).toISOString() })
    const reminders = async () => (await lettersTo(world.mailbox, CARL)).filter(named('We wait for your answer'))
    for (const [count, days] of [
      [1, 21],
      [2, 35],
    ] as const) {
      nowMs = askedMs + days * DAY_MS - 60_000
      expect((await reminders()).length).toBe(count - 1)
      nowMs = askedMs + days * DAY_MS
      await until(`reminder ${count}`, async () => (await reminders()).length === count)
    }
    nowMs = askedMs + 42 * DAY_MS - 60_000
    expect((await read()).status).toBe('waiting-customer')
    nowMs = askedMs + 42 * DAY_MS
    await until('closed', async () => (await read()).status === 'closed')
    expect((await letter('closed', named('Closed'))).text).toContain('no answer for 42 days')
    expect((await read()).clocks.resolution?.state).toBe('cancelled')
  })

  it('keeps a late answer on the closed ticket, opens nothing by itself, and the desk hears of it and may', async () => {
    nowMs += DAY_MS
    await imap.deliver(rawMail({ subject: `Re: [${ticket.reference}] Alerts are late`, body: 'LATE-WORDS: still late.' }))
    await until('the words', async () => (await lines()).some(line => line.text.includes('LATE-WORDS')))
    expect((await read()).status).toBe('closed')
    await letter('the desk', mail => mail.text?.includes('LATE-WORDS') ?? false, 'desk@kioskeeper.example')
    await world.ok('POST', `/tickets/${ticket.id}/transitions`, { to: 'in-progress' })
    await letter('open again', named('Open again'))
    expect(await read()).toMatchObject({ status: 'in-progress', occurrences: 2, clocks: { response: { state: 'met', usedMinutes: 90 } } })
    // A word on what is resolved opens it without anybody.
    await world.ok('POST', `/tickets/${ticket.id}/transitions`, { to: 'resolved' })
    await imap.deliver(rawMail({ subject: `Re: [${ticket.reference}] Alerts are late`, body: 'No, it is not.' }))
    await until('open by the customer', async () => (await read()).occurrences === 3)
    expect((await read()).status).toBe('in-progress')
  })

  it('names four contacts and no fifth; who is outside is kept and marked', async () => {
    for (const name of ['Two', 'Three', 'Four'])
      await world.ok('POST', `/customers/${customerId}/contacts`, { name, email: `${name.toLowerCase()}@shop.example` })
    expect(await world.api('POST', `/customers/${customerId}/contacts`, { name: 'Five', email: 'five@shop.example' })).toMatchObject({
      status: 409,
      body: { type: '/problems/contact-limit-reached' },
    })
    await imap.deliver(rawMail({ from: OUTSIDER, subject: 'Me too', body: 'Software version: 9\nPlatform version: 1\nIt is late.' }))
    const item = await until('the mail that waits', async () => (await world.ok<Page<IntakeItem>>('GET', '/intake')).items[0])
    expect(item).toMatchObject({ reason: 'unknown-sender', from: OUTSIDER })
    const { ticketId } = await world.ok<{ ticketId: string }>('POST', `/intake/${item.id}/assign`, { customerId })
    const kept = await world.ok<Ticket>('GET', `/tickets/${ticketId}`)
    expect(kept).toMatchObject({ status: 'new', flags: ['contact-not-named'] })
    expect(kept.why.join(' ')).toContain('is not a named contact; the Standard plan takes tickets from named contacts only.')
  })

  it('reads nothing that is for colleagues', () =>
    expect(world.mailbox.mails.filter(mail => mail.text.includes('SECRET-REASON'))).toEqual([]))
})
