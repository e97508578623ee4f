/** What every mail we send must be, so that it arrives: read as bytes at a real mail server, for every kind of letter at once. */
import { generateKeyPairSync } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { isSignatureGood, splitMail } from '../../support/dkim.ts'
import { headerOf, lettersTo } from '../../support/letters.ts'
import { startMailbox, type ReceivedMail } from '../../support/mailbox.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

const ÅSA = 'asa@butiken.example'
const SUBJECT = `Kassa nr 7 – skärmen är svart, och kvittoskrivaren ${'skriver inte '.repeat(10)}🖨`
const WORDS = `Första raden.\n.\n..\nFrom here on it is dark.\n${'lång '.repeat(600)}\n${'x'.repeat(5000)}\n\ttab  and  blanks   \n\n\nSlut 終わり 🙂`

describe('every mail that leaves', () => {
  let world: World
  let mails: ReceivedMail[] = []
  let customerId = ''
  const fields = (mail: ReceivedMail, name: string): string[] =>
    splitMail(mail.text).fields.filter(field => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))

  beforeAll(async () => {
    const environment = {
      KIOSKEEPER_MAIL_FROM: 'Kioskeeper för Åland <desk@kiosk.example>',
      KIOSKEEPER_INBOX_ADDRESS: 'inbox@kiosk.example',
    }
    world = await makeWorld(environment)
    const customer = { name: 'Åsas Butik & Söner <AB>', planId: 'ombori-production', timeZone: 'Europe/Stockholm', language: 'sv' }
    customerId = (await world.ok('POST', '/customers', customer)).id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Åsa', email: ÅSA })
    const partner = await world.ok('POST', '/partners', { name: 'Fält', email: 'falt@partner.example', regions: [], skills: [] })
    const ticket = await world.ok<Ticket>('POST', '/tickets', {
      customerId,
      level: 2,
      subject: SUBJECT.slice(0, 200),
      description: WORDS,
      channel: 'form',
      reporter: { name: 'Åsa', email: ÅSA },
    })
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: WORDS })
    const { link } = await world.ok<{ link: string }>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: partner.id })
    const job = (body: object) =>
      fetch(`${world.url}/api/v1/jobs/${link.split('/job/')[1] ?? ''}/transitions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    await job({ to: 'accepted' })
    await job({ to: 'scheduled', at: new Date(Date.now() + 3_600_000).toISOString() })
    await job({ to: 'on-site' })
    await job({ to: 'done', minutes: 5 })
    await until('the last letter', async () => (await lettersTo(world.mailbox, ÅSA)).some(mail => mail.subject?.includes('Löst')))
    await until('the partner', async () =>
      (await lettersTo(world.mailbox, 'falt@partner.example')).some(mail =>
        mail.attachments.some(part => part.mimeType === 'text/calendar'),
      ),
    )
    ;({ mails } = world.mailbox)
    expect(mails.length).toBeGreaterThan(10)
  })
  afterAll(() => world.stop())

  it('is 7-bit, in lines a server takes, ended by CR LF, its headers folded', () => {
    for (const { subject, text } of mails) {
      expect(/[^\t\r\n -~]/.exec(text)?.[0], subject).toBeUndefined()
      expect(/(^|[^\r])\n|\r(?!\n)/.test(text), subject).toBe(false)
      const { fields: own, body } = splitMail(text)
      expect(Math.max(...own.flatMap(field => field.split('\r\n')).map(line => line.length)), subject).toBeLessThanOrEqual(200)
      expect(Math.max(...body.split('\r\n').map(line => line.length)), subject).toBeLessThanOrEqual(998)
    }
  })

  it('has each header once, of one domain, and a date', () => {
    for (const mail of mails) {
      for (const name of [
        'From',
        'To',
        'Subject',
        'Message-ID',
        'Date',
        'MIME-Version',
        'Content-Type',
        'Auto-Submitted',
        'List-Id',
        'Reply-To',
      ])
        expect([name, fields(mail, name).length]).toEqual([name, 1])
      expect(fields(mail, 'Message-ID')[0]).toMatch(/<[0-9a-f]{40}@kiosk\.example>$/)
      expect(fields(mail, 'List-Id')[0]).toMatch(/<[\w-]+\.kiosk\.example>$/)
      expect(fields(mail, 'From')[0]).toMatch(/<desk@kiosk\.example>$/)
      expect(Math.abs(Date.parse(fields(mail, 'Date')[0]?.slice(5) ?? '') - Date.now())).toBeLessThan(60_000)
      expect(fields(mail, 'Bcc')).toEqual([])
    }
    expect(new Set(mails.map(mail => mail.messageId)).size).toBe(mails.length)
  })

  it('says the same as text and as HTML, whatever was written, and threads', async () => {
    const [receipt] = await lettersTo(world.mailbox, ÅSA)
    expect(receipt?.subject).toContain('skärmen är svart')
    expect(receipt?.from?.name).toBe('Kioskeeper för Åland')
    const words = WORDS.replaceAll(/[ \t]+$/gm, '')
    const plain = (text: string): string => text.replaceAll(/\s+/g, ' ')
    for (const line of words.split('\n')) {
      expect(plain(receipt?.text ?? '')).toContain(plain(line).trim())
      expect(plain(receipt?.html ?? '')).toContain(plain(line).trim())
    }
    expect(receipt?.html).toContain('Åsas Butik &amp; Söner &lt;AB&gt;')
    for (const mail of await lettersTo(world.mailbox, ÅSA)) {
      expect(headerOf(mail, 'references')).toMatch(/^<ticket-[0-9a-f]{40}@kiosk\.example>/)
      expect(headerOf(mail, 'in-reply-to')).toMatch(/^<.+@kiosk\.example>$/)
    }
  })

  it('carries no secret but the link of a technician to that technician', () => {
    for (const { to, text } of mails) {
      expect(text).not.toContain(ADMIN_TOKEN)
      if (!to.includes('falt@partner.example')) expect(text.replaceAll('=\r\n', '')).not.toContain('/job/')
    }
  })

  it('signed by the mail server on its way, the signature is good where it arrives', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const relay = await startMailbox()
    const transport = createTransport({
      url: relay.url,
      dkim: {
        domainName: 'kiosk.example',
        keySelector: 'test',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
    })
    for (const mail of mails) await transport.sendMail({ envelope: { from: 'desk@kiosk.example', to: mail.to }, raw: mail.text })
    transport.close()
    expect(relay.mails.map(({ text }) => isSignatureGood(text, publicKey))).toEqual(mails.map(() => true))
    const sent = relay.mails[0]?.text ?? ''
    const forged = [mails[0]?.text ?? '', `${sent}more\r\n`, sent.replace(/^Subject: /m, 'Subject: x')]
    expect(forged.map(text => isSignatureGood(text, publicKey))).toEqual([null, false, false])
    await relay.stop()
  })
})
