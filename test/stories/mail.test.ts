/** A customer writes a mail, and the conversation goes on by mail: real SMTP, a real Dovecot, the whole server. */
import PostalMime, { type Email } from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attachment, IntakeItem } from '../../shared/api/mail/intake-api.ts'
import type { Ticket, TicketTimelineItem } from '../../shared/api/tickets/ticket-api.ts'
import { startImapServer, type ImapServer } from '../support/imap-server.ts'
import { rawMail, withFiles } from '../support/raw-mail.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../support/world.ts'

type Page<Item> = { items: Item[]; total: number }
const CARL = 'carl@shop.example'

describe('the conversation by mail', () => {
  let world: World
  let imap: ImapServer
  beforeAll(async () => {
    imap = await startImapServer()
    world = await makeWorld({
      KIOSKEEPER_IMAP_URL: imap.url,
      KIOSKEEPER_INBOX_ADDRESS: 'inbox@kiosk.example',
      KIOSKEEPER_MAIL_FROM: 'Kioskeeper <desk@kiosk.example>',
    })
  })
  afterAll(async () => {
    await world.stop()
    await imap.stop()
  })

  const customer = async (name: string, email: string, language: string): Promise<string> => {
    const { id } = await world.ok('POST', '/customers', { name, planId: 'ombori-enterprise', timeZone: 'Europe/Stockholm', language })
    await world.ok('POST', `/customers/${id}/contacts`, { name: 'Carl Contact', email })
    return id
  }
  const ticketsOf = async (customerId: string) => (await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${customerId}`)).items
  const lines = async (id: string) => (await world.ok<Page<TicketTimelineItem>>('GET', `/tickets/${id}/timeline`)).items
  const letters = async (to: string): Promise<Email[]> =>
    Promise.all(world.mailbox.mails.filter(mail => mail.to.includes(to)).map(mail => PostalMime.parse(mail.text)))
  const header = (mail: Email, key: string) => mail.headers.find(one => one.key === key)?.value

  it('goes from the first mail to the answer, and nobody else gets in', async () => {
    const shop = await customer('Butiken', CARL, 'sv')
    const evil = await customer('Evil', 'eve@evil.example', 'en')
    const files = withFiles('Skärmen är svart.\r\n\r\n-- \r\nCarl', [['page.html', 'text/html', Buffer.from('<script>alert(1)</script>')]])
    await imap.deliver(rawMail({ messageId: '<first@shop.example>', subject: 'Kassan', mime: files }))

    const ticket = await until('the ticket', async () => (await ticketsOf(shop))[0])
    expect(ticket).toMatchObject({ subject: 'Kassan', description: 'Skärmen är svart.', channel: 'email', status: 'new' })
    const [receipt] = await until('the receipt', async () => {
      const mine = await letters(CARL)
      return mine.length === 1 ? mine : null
    })
    if (!receipt) throw new Error('no receipt')
    expect(receipt.subject).toBe(`[${ticket.reference}] Nytt ärende: Kassan`)
    expect(receipt.text).toContain(ticket.reference)
    expect(receipt.text).toMatch(/Vi svarar senast .*\d\d:\d\d \(Europe\/Stockholm\)/)
    expect([header(receipt, 'auto-submitted'), header(receipt, 'list-id'), header(receipt, 'reply-to')]).toEqual([
      'auto-generated',
      `<${shop}.kiosk.example>`,
      'inbox@kiosk.example',
    ])
    await until('the mail in its place', async () => (await imap.count('Kioskeeper.Done')) === 1 && (await imap.count('INBOX')) === 0)

    // The receipt came before the mail was known as part of the ticket or after it: either way the answer of the desk threads to it.
    await imap.deliver(
      rawMail({
        messageId: '<second@shop.example>',
        subject: 'Sv: Kassan',
        headers: { 'In-Reply-To': receipt.messageId ?? '' },
        body: 'Den blinkar nu.\n\nDen mån 16 nov. 2026 kl 10:00 skrev Kioskeeper <desk@kiosk.example>:\n> gammalt',
      }),
    )
    const message = await until('the message', async () => (await lines(ticket.id)).find(line => line.kind === 'message'))
    expect(message).toMatchObject({ text: 'Den blinkar nu.', visibility: 'public', author: { kind: 'customer' } })

    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'SECRET-NOTE' })
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'Starta om kassan.' })
    const answer = await until('the answer', async () => (await letters(CARL)).find(mail => mail.text?.includes('Starta om kassan.')))
    expect(answer.inReplyTo).toBe('<second@shop.example>')
    expect(answer.references).toContain('<first@shop.example>')
    expect(answer.subject).toBe(`[${ticket.reference}] Meddelande: Kassan`)
    expect(world.mailbox.mails.some(mail => mail.text.includes('SECRET-NOTE'))).toBe(false)

    const before = (await lines(ticket.id)).length
    await imap.deliver(
      rawMail({ headers: { 'Auto-Submitted': 'auto-replied', 'In-Reply-To': answer.messageId ?? '' }, body: 'Jag är borta' }),
    )
    await imap.deliver(
      rawMail({ from: 'eve@evil.example', subject: `[${ticket.reference}] hi`, headers: { 'In-Reply-To': answer.messageId ?? '' } }),
    )
    const foreign = await until('the ticket of the other customer', async () => (await ticketsOf(evil))[0])
    expect(foreign.reference).not.toBe(ticket.reference)
    await until('the ignored mail', async () => (await world.ok<Page<IntakeItem>>('GET', '/intake?state=ignored')).total === 1)
    expect((await lines(ticket.id)).length).toBe(before)

    const [file] = (await world.ok<Page<Attachment>>('GET', `/tickets/${ticket.id}/attachments`)).items
    const served = await fetch(`${world.url}${file?.url}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    expect(
      ['content-type', 'x-content-type-options', 'content-disposition', 'content-security-policy'].map(key => served.headers.get(key)),
    ).toEqual(['application/octet-stream', 'nosniff', "attachment; filename*=UTF-8''page.html", "default-src 'none'; sandbox"])
    expect(await served.text()).toBe('<script>alert(1)</script>')
  })

  it('loses no mail while the server or the mail server is away, and takes none twice', async () => {
    const shop = await customer('Away', 'away@shop.example', 'en')
    const from = 'away@shop.example'
    const subjects = async () => (await ticketsOf(shop)).map(ticket => ticket.subject).sort()
    await world.server.stop()
    await imap.deliver(rawMail({ from, subject: 'one' }))
    await world.restart()
    await until('the mail of the time away', async () => (await subjects()).length === 1)
    await imap.restart()
    await imap.deliver(rawMail({ from, subject: 'two' }))
    await until('the mail after the break', async () => (await subjects()).length === 2)
    expect(await subjects()).toEqual(['one', 'two'])
  })

  it('comes by the web door too, from the desk alone', async () => {
    await customer('Web', 'web@shop.example', 'de')
    const hand = (token: string, body: Buffer, type = 'message/rfc822') =>
      fetch(`${world.url}/api/v1/intake/mail`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body: new Uint8Array(body),
      })
    const raw = rawMail({ from: 'web@shop.example' })
    expect(await (await hand(ADMIN_TOKEN, raw)).json()).toMatchObject({ outcome: 'ticket' })
    expect(await (await hand(ADMIN_TOKEN, raw)).json()).toMatchObject({ outcome: 'duplicate', ticketId: null })
    expect((await hand('wrong', raw)).status).toBe(401)
    expect((await hand(ADMIN_TOKEN, raw, 'text/plain')).status).toBe(415)
  })
})
