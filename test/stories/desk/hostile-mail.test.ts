/** Mail that is made to harm, at a whole server: nothing of it runs, nobody else's ticket hears of it, and nothing is lost. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Static } from 'typebox'
import type { Attachment, IntakeItem, MailAnswer } from '../../../shared/api/mail/intake-api.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { startImapServer, type ImapServer } from '../../support/imap-server.ts'
import { everyWord, lettersTo } from '../../support/letters.ts'
import { rawMail, withFiles } from '../../support/raw-mail.ts'
import { postgresPlace } from '../../support/stores.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Page<Item> = { items: Item[]; total: number }
type Answer = Static<typeof MailAnswer>
const MIB = 1024 * 1024

describe.each(['sqlite', 'postgres'] as const)('hostile mail (%s)', kind => {
  let world: World
  let imap: ImapServer
  beforeAll(async () => {
    imap = await startImapServer()
    world = await makeWorld({
      KIOSKEEPER_IMAP_URL: imap.url,
      KIOSKEEPER_INBOX_ADDRESS: 'inbox@kiosk.example',
      KIOSKEEPER_MAIL_FROM: 'Kioskeeper <desk@kiosk.example>',
      ...(kind === 'postgres' ? { KIOSKEEPER_DATABASE_URL: (await postgresPlace()).location } : {}),
    })
  })
  afterAll(async () => {
    await world.stop()
    await imap.stop()
  })

  /** A customer with one contact; the plan has room for all. */
  const customer = async (email: string, planId = 'ombori-enterprise'): Promise<string> => {
    const { id } = await world.ok('POST', '/customers', { name: email, planId, timeZone: 'Europe/Stockholm', language: 'en' })
    await world.ok('POST', `/customers/${id}/contacts`, { name: 'Carl', email })
    return id
  }
  const hand = async (raw: Buffer): Promise<Answer> => {
    const response = await fetch(`${world.url}/api/v1/intake/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'message/rfc822' },
      body: new Uint8Array(raw),
    })
    const body = (await response.json()) as Answer
    expect([response.status, body]).toEqual([expect.toSatisfy((status: number) => status < 300), expect.anything()])
    return body
  }
  const bytesAt = async (path: string): Promise<Buffer> => {
    const response = await fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    expect(response.status).toBe(200)
    return Buffer.from(await response.arrayBuffer())
  }
  const read = (id: string | null) => world.ok<Ticket>('GET', `/tickets/${id ?? ''}`)
  const lines = async (id: string | null) => (await world.ok<Page<TicketTimelineItem>>('GET', `/tickets/${id ?? ''}/timeline`)).items
  const files = async (id: string | null) => (await world.ok<Page<Attachment>>('GET', `/tickets/${id ?? ''}/attachments`)).items
  const itemOf = async (mailId: string, state = 'open') =>
    (await world.ok<Page<IntakeItem>>('GET', `/intake?state=${state}&limit=500`)).items.find(item => item.mailId === mailId)
  const isKept = async (mailId: string, raw: Buffer): Promise<boolean> => (await bytesAt(`/api/v1/mails/${mailId}`)).equals(raw)

  it('with a bomb and large files is kept whole; nothing is unpacked, and what is too large is named', async () => {
    const from = `large-${kind}@shop.example`
    await customer(from)
    const bomb = gzipSync(Buffer.alloc(64 * MIB))
    const large = randomBytes(11 * MIB)
    const raw = rawMail({
      from,
      mime: withFiles('See files', [
        ['bomb.gz', 'application/gzip', bomb],
        ['large.bin', 'application/octet-stream', large],
        ['other.bin', 'application/octet-stream', randomBytes(9 * MIB)],
      ]),
    })
    expect(raw.length).toBeGreaterThan(26 * MIB)
    const { outcome, ticketId, mailId } = await hand(raw)
    expect(outcome).toBe('ticket')
    expect((await files(ticketId)).map(file => [file.name, file.bytes, file.contentType])).toEqual([
      ['bomb.gz', bomb.length, 'application/octet-stream'],
      ['other.bin', 9 * MIB, 'application/octet-stream'],
    ])
    expect((await lines(ticketId)).find(line => line.kind === 'mail')?.text).toContain('large.bin: over 10 MB')
    expect(await isKept(mailId, raw)).toBe(true)
  })

  it('over the limit waits at the mail server and at the desk', async () => {
    const raw = rawMail({ from: `huge-${kind}@shop.example`, subject: `huge ${kind}`, body: 'x'.repeat(76).concat('\r\n').repeat(500_000) })
    expect(raw.length).toBeGreaterThan(36 * MIB)
    await imap.deliver(raw)
    const item = await until('the item', async () =>
      (await world.ok<Page<IntakeItem>>('GET', '/intake')).items.find(one => one.subject === `huge ${kind}`),
    )
    expect(item).toMatchObject({ reason: 'too-large', from: `huge-${kind}@shop.example` })
    expect(item.why).toContain('over 36 MB')
    await until('the mail in its place, whole', async () => (await imap.count('Kioskeeper.Done')) === 1)
  })

  it('of 900 files is a ticket whose remarks stay readable; of 10,000 parts it waits, in a moment', async () => {
    const from = `parts-${kind}@shop.example`
    await customer(from)
    const parts = (count: number) => Array.from({ length: count }, (_, n) => [`part-${n}.txt`, 'text/plain', Buffer.from(`${n}`)] as const)
    const many = rawMail({ from, mime: withFiles('Many parts', parts(900)) })
    const { outcome, ticketId, mailId } = await hand(many)
    expect(outcome).toBe('ticket')
    expect(await files(ticketId)).toHaveLength(20)
    const remark = (await lines(ticketId)).find(line => line.kind === 'mail')?.text ?? ''
    expect(remark).toMatch(/part-20\.txt: more than 20 files; .*; and 860 more\./)
    expect(remark.length).toBeLessThan(3000)
    expect(await isKept(mailId, many)).toBe(true)

    const tooMany = rawMail({ from, mime: withFiles('Too many parts', parts(10_000)) })
    const startedMs = performance.now()
    const answer = await hand(tooMany)
    expect(performance.now() - startedMs).toBeLessThan(5000)
    expect([answer.outcome, (await itemOf(answer.mailId))?.reason]).toEqual(['quarantined', 'unreadable'])
    expect(await isKept(answer.mailId, tooMany)).toBe(true)
  })

  it.each([
    ['parts inside parts', 'nested-too-deep', (deep: string) => rawMail({ from: deep, mime: `${nested()}\r\n\r\n${'A'.repeat(200_000)}` })],
    ['a header without end', 'unreadable', (deep: string) => rawMail({ from: deep, headers: { 'X-Long': 'x'.repeat(400_000) } })],
  ] as const)('with %s waits for a person, and every byte of it is kept', async (_what, reason, make) => {
    const raw = make(`deep-${kind}@shop.example`)
    const { outcome, mailId } = await hand(raw)
    expect([outcome, (await itemOf(mailId))?.reason]).toEqual(['quarantined', reason])
    expect(await isKept(mailId, raw)).toBe(true)
  })

  it('that names a ticket of somebody else by every means writes nothing there and learns nothing', async () => {
    const victim = `victim-${kind}@shop.example`
    const eve = `eve-${kind}@evil.example`
    const victimId = await customer(victim)
    await customer(eve)
    const { ticketId } = await hand(rawMail({ from: victim, subject: 'Private', body: 'PRIVATE-WORDS' }))
    const mine = await read(ticketId)
    const [letter] = await until('the receipt', async () => {
      const letters = await lettersTo(world.mailbox, victim)
      return letters.length > 0 && letters
    })
    const before = (await lines(ticketId)).length
    const references = `<ticket-x@kiosk.example> ${letter?.messageId ?? ''}`
    const forgeries = [
      { from: eve, headers: { 'In-Reply-To': letter?.messageId ?? '' } },
      { from: eve, headers: { References: references } },
      { from: eve, subject: `Re: [${mine.reference}] Private` },
      { from: `"${victim}" <${eve}>`, subject: mine.reference },
      { from: eve, headers: { 'Reply-To': victim, Sender: victim, 'In-Reply-To': letter?.messageId ?? '' } },
    ]
    for (const forgery of forgeries) {
      const answer = await hand(rawMail({ ...forgery, body: 'FORGED' }))
      expect([answer.outcome, answer.ticketId === ticketId]).toEqual(['ticket', false])
    }
    // With the victim's own address in From, the mail server's finding counts.
    const spoofed = rawMail({
      from: victim,
      subject: `Re: [${mine.reference}]`,
      headers: { 'Authentication-Results': 'mx.kiosk.example; dmarc=fail header.from=shop.example' },
      body: 'FORGED',
    })
    const { mailId, outcome } = await hand(spoofed)
    expect([outcome, (await itemOf(mailId))?.reason]).toEqual(['waiting', 'sender-not-authentic'])
    expect((await lines(ticketId)).length).toBe(before)
    expect((await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${victimId}`)).total).toBe(1)
    expect(await everyWord(world.mailbox, eve)).not.toMatch(/PRIVATE-WORDS/)
  })

  it.each([
    ['an answering machine', { 'Auto-Submitted': 'auto-replied' }, 'auto-reply'],
    ['a machine that says so otherwise', { 'X-Autoreply': 'yes' }, 'auto-reply'],
    ['a delivery report', { 'Return-Path': '<>' }, 'bounce'],
    ['a newsletter', { 'List-Id': '<news.shop.example>' }, 'list'],
    ['our own mail coming back', { 'X-Kioskeeper-Ticket': 'x' }, 'own-mail'],
  ])('of %s is kept, answered by nobody', async (_who, headers, reason) => {
    const from = `machine-${reason}-${Object.keys(headers)[0]?.toLowerCase() ?? ''}-${kind}@shop.example`
    const id = await customer(from)
    const raw = rawMail({ from, headers })
    const { outcome, mailId } = await hand(raw)
    expect([outcome, (await itemOf(mailId, 'ignored'))?.reason]).toEqual(['ignored', reason])
    expect(await isKept(mailId, raw)).toBe(true)
    expect((await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${id}`)).total).toBe(0)
    expect(await lettersTo(world.mailbox, from)).toEqual([])
  })

  it('with scripts, broken encodings and null bytes is words, in letters too', async () => {
    const from = `bytes-${kind}@shop.example`
    await customer(from)
    const html = `Content-Type: text/html; charset=utf-8\r\n\r\n<p>Dark</p><script>STEAL()</script><img src=x onerror=STEAL()><a href="javascript:STEAL()">here</a><style>STEAL{}</style>`
    const hostile = [
      rawMail({ from, subject: 'Re: <script>alert(1)</script>', mime: html }),
      rawMail({ from, subject: '=?utf-8?b?AAAA?= zero', body: 'a\u0000b\u0001c' }),
      rawMail({
        from,
        subject: '=?nope?q?x?= =?utf-8?b?/////w==?=',
        mime: 'Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!',
      }),
      Buffer.concat([
        rawMail({ from, subject: 'latin', mime: 'Content-Type: text/plain; charset=utf-8\r\n' }),
        Buffer.from([0x0d, 0x0a, 0xc3, 0x28, 0xff, 0x00, 0xe5]),
      ]),
      rawMail({ from, subject: 'utf-7', mime: 'Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-STEAL()+ADw-/script+AD4-' }),
      rawMail({ from, mime: withFiles('name', [['a\u0000b\u202egnp.exe', 'image/png', Buffer.from('MZ')]]) }),
    ]
    for (const raw of hostile) {
      const { outcome, ticketId, mailId } = await hand(raw)
      expect(outcome).toBe('ticket')
      const ticket = await read(ticketId)
      expect(JSON.stringify([ticket.subject, ticket.description, await files(ticketId)])).not.toMatch(/\\u0000|\\u0001|\\u202e/)
      expect(await isKept(mailId, raw)).toBe(true)
      await until('its receipt', async () => (await lettersTo(world.mailbox, from)).some(mail => mail.subject?.includes(ticket.reference)))
    }
    for (const mail of await lettersTo(world.mailbox, from)) expect(mail.html ?? '').not.toMatch(/<script|onerror=|javascript:/i)
  })

  it('with a formula for a subject is words in the spreadsheet of the statement', async () => {
    const from = `formula-${kind}@shop.example`
    const id = await customer(from)
    await world.ok('PATCH', `/customers/${id}`, { overrides: { cases: { perMonth: 1, beyond: 'pay-per-incident' } } })
    for (const subject of ['first', `=cmd|'/C calc'!A0`, '@SUM(1+1)*cmd', '-2+3', '\t=1+1']) await hand(rawMail({ from, subject }))
    const csv = (await bytesAt(`/api/v1/customers/${id}/statement.csv`)).toString('utf8')
    expect(csv).toContain(`"'=cmd|'/C calc'!A0"`)
    for (const cell of csv.split(/[\r\n,]+/)) expect(cell).not.toMatch(/^"?[=@+-]/)
  })

  it('leaves the server as well as before', async () => {
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200)
  })
})

/** Parts inside parts, a thousand deep. */
function nested(): string {
  return Array.from({ length: 1000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}`).join('\r\n')
}
