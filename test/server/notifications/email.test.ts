import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { makeEmailChannel } from '../../../server/notifications/channels/email.ts'
import type { DeliveryItem, Outcome } from '../../../server/notifications/delivery.ts'

type Received = { from: string; to: string[]; headers: Map<string, string>; source: string }
const servers: SMTPServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>(done => server.close(done))
})

/** A real SMTP server that keeps what it accepts. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ url: string; mails: Received[] }> {
  const mails: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const source = Buffer.concat(parts).toString('utf8')
        const head = source.slice(0, source.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
        const headers = new Map(
          head.split('\r\n').map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
        )
        mails.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(each => each.address),
          headers,
          source,
        })
        done()
      })
    },
    ...options,
  })
  servers.push(server)
  await new Promise<void>(done => void server.listen(0, '127.0.0.1', done))
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails }
}
const item: DeliveryItem = {
  id: 'd1',
  dedupKey: 'ticket-opened:t1',
  address: 'kim@example.org',
  subject: '[K-1] New ticket: Till 3',
  body: 'New ticket: Till 3\n\nThe till is black.',
  ticketId: 't1',
  createdAtMs: Date.UTC(2026, 10, 23, 10),
  link: 'https://kiosk.example/tickets/t1',
  secret: null,
}
const send = (url: string, change: Partial<DeliveryItem> = {}): Promise<Outcome> => {
  const channel = makeEmailChannel(url, 'Kioskeeper <desk@kiosk.example>')
  if (!channel) throw new Error('no channel')
  return channel({ ...item, ...change })
}
const refusal = (code: number): Error => Object.assign(new Error(`refused ${code}`), { responseCode: code })

describe('a mail', () => {
  it('arrives with text, HTML and what threads and filters need', async () => {
    const { url, mails } = await mailServer()
    expect(await send(url)).toMatchObject({ outcome: 'sent' })
    const [mail] = mails
    expect([mail?.from, mail?.to]).toEqual(['desk@kiosk.example', ['kim@example.org']])
    expect(
      Object.fromEntries(
        ['subject', 'from', 'to', 'x-kioskeeper-ticket', 'auto-submitted', 'date'].map(name => [name, mail?.headers.get(name)]),
      ),
    ).toEqual({
      subject: '[K-1] New ticket: Till 3',
      from: 'Kioskeeper <desk@kiosk.example>',
      to: 'kim@example.org',
      'x-kioskeeper-ticket': 't1',
      'auto-submitted': 'auto-generated',
      date: 'Mon, 23 Nov 2026 10:00:00 +0000',
    })
    expect(mail?.headers.get('content-type')).toContain('multipart/alternative')
    expect(mail?.source).toContain('The till is black.')
  })

  it('sent twice has one Message-ID; another notice of the ticket is in the same thread', async () => {
    const { url, mails } = await mailServer()
    await send(url)
    await send(url)
    await send(url, { dedupKey: 'ticket-resolved:t1' })
    const header = (name: string): (string | undefined)[] => mails.map(mail => mail.headers.get(name))
    expect(new Set(header('message-id')).size).toBe(2)
    expect(header('message-id')[0]).toMatch(/^<[0-9a-f]{40}@kiosk\.example>$/)
    expect(new Set(header('references')).size).toBe(1)
  })

  it.each([
    ['a subject with a line break', { subject: 'Hi\r\nBcc: evil@example.org' }],
    ['a ticket id with a line break', { ticketId: 't1\r\nBcc: evil@example.org' }],
    ['a body that looks like headers', { body: 'x\r\n.\r\nBcc: evil@example.org' }],
  ])('cannot be given more receivers or headers by %s', async (_reason, change) => {
    const { url, mails } = await mailServer()
    expect(await send(url, change)).toMatchObject({ outcome: 'sent' })
    expect([mails.length, mails[0]?.to, mails[0]?.headers.has('bcc')]).toEqual([1, ['kim@example.org'], false])
  })

  it.each(['kim@example.org, evil@example.org', 'kim@example.org\r\nRCPT TO:<evil@example.org>', '<kim@example.org>', 'kim', ''])(
    'is never sent to %j',
    async address => {
      const { url, mails } = await mailServer()
      expect([await send(url, { address }), mails]).toEqual([{ outcome: 'never', reason: 'not an e-mail address' }, []])
    },
  )

  it.each([
    ['an unknown receiver', 550, 'never'],
    ['greylisting', 451, 'again'],
    ['a full mailbox for now', 452, 'again'],
  ])('refused because of %s (%i): %s', async (_reason, code, outcome) => {
    const { url } = await mailServer({ onRcptTo: (_address, _session, done) => done(refusal(code)) })
    expect(await send(url)).toMatchObject({ outcome })
  })
  it('refused for its content is not tried again', async () => {
    const { url } = await mailServer({
      onData: (stream, _session, done) => {
        stream.on('end', () => done(refusal(554)))
        stream.resume()
      },
    })
    expect(await send(url)).toMatchObject({ outcome: 'never' })
  })
  it('waits for a better time when the password is wrong or nobody listens', async () => {
    const { url } = await mailServer({ authOptional: false, onAuth: (_auth, _session, done) => done(refusal(535)) })
    expect(await send(url.replace('smtp://', 'smtp://user:wrong@'))).toMatchObject({ outcome: 'again' })
    expect(await send('smtp://127.0.0.1:1')).toMatchObject({ outcome: 'again' })
  })
  it('has no channel without a mail server', () => expect(makeEmailChannel(null, 'a@b.example')).toBe(null))
})
