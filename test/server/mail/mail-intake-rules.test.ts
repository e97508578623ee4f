import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decideMail,
  MAX_MAILS_AN_HOUR,
  referenceIn,
  shownWords,
  ticketSubject,
  type IncomingMail,
  type MailFacts,
} from '../../../server/mail/rules/mail-decision.ts'
import { htmlToText, MAX_SHOWN_CHARACTERS, newWords } from '../../../server/mail/rules/mail-text.ts'
import { LANGUAGES } from '../../../shared/languages.ts'
import { askedLabels, readFacts } from '../../../server/customers/rules/report-fields.ts'

const mail = (headers: Record<string, string> = {}, more: Partial<IncomingMail> = {}): IncomingMail => ({
  messageId: '<a@shop.example>',
  from: { name: 'Carl', address: 'carl@shop.example' },
  subject: 'Till is black',
  text: 'Please help.',
  html: '',
  answers: [],
  headers: new Map(Object.entries(headers)),
  ...more,
})
const facts = (more: Partial<MailFacts> = {}): MailFacts => ({
  ownAddresses: ['desk@kiosk.example'],
  ownDomain: 'kiosk.example',
  thread: null,
  customerIds: ['c1'],
  recentMails: 0,
  ...more,
})
const thread = { ticketId: 't1', reference: 'KK-2026-000001', customerId: 'c1', addresses: ['guest@shop.example'] }

describe('a mail that must not be answered is kept and ignored', () => {
  it.each([
    [{ 'auto-submitted': 'auto-replied' }, 'auto-reply', 'RFC 3834: a machine replied'],
    [{ 'auto-submitted': 'auto-generated' }, 'auto-reply', 'RFC 3834: a machine wrote it'],
    [{ precedence: 'auto_reply' }, 'auto-reply', 'older out-of-office programs'],
    [{ 'x-autoreply': 'yes' }, 'auto-reply', 'older out-of-office programs'],
    [{ 'x-auto-response-suppress': 'All' }, 'auto-reply', 'Exchange: machines and notifications'],
    [{ 'return-path': '<>' }, 'bounce', 'a null sender cannot be answered'],
    [{ 'content-type': 'multipart/report; report-type=delivery-status' }, 'bounce', 'RFC 3464: a delivery report'],
    [{ 'list-id': '<news.shop.example>' }, 'list', 'a mailing list would get the answer'],
    [{ precedence: 'bulk' }, 'list', 'a mass mail'],
    [{ 'x-kioskeeper-ticket': 't1' }, 'own-mail', 'a mail of ours came back'],
  ])('%j: %s, %s', (headers, reason, _why) => {
    expect(decideMail(mail(headers as never), facts())).toMatchObject({ kind: 'ignored', reason, why: expect.any(String) as string })
  })
  it.each([
    [{ messageId: '<x@kiosk.example>' }, {}, 'own-mail', 'a Message-ID of our domain'],
    [{ from: { name: '', address: 'Desk@Kiosk.example' } }, {}, 'own-mail', 'our own address, whatever its case'],
    [{ from: { name: '', address: 'MAILER-DAEMON@mx.example' } }, {}, 'bounce', 'mail servers report from this address'],
    [{}, { recentMails: MAX_MAILS_AN_HOUR }, 'loop', 'nobody writes that many by hand'],
  ] as const)('%j %j: %s, %s', (more, known, reason, _why) => {
    expect(decideMail(mail({}, more), facts(known))).toMatchObject({ kind: 'ignored', reason })
  })
  it.each([
    [{ 'auto-submitted': 'no' }, 'RFC 3834: a person wrote it'],
    [{ 'x-auto-response-suppress': 'OOF, AutoReply' }, "Exchange puts it on people's mail too"],
    [{ precedence: 'normal' }, 'no mass mail'],
  ])('%j is a person: %s', (headers, _why) => expect(decideMail(mail(headers as never), facts()).kind).toBe('ticket'))
})

describe('where a mail goes', () => {
  it.each([
    [{}, facts(), 'ticket', 'a known sender, nothing named'],
    [{}, facts({ thread }), 'message', 'a contact answers on a ticket of their company'],
    [{ from: { name: '', address: 'Guest@shop.example' } }, facts({ thread, customerIds: [] }), 'message', 'the reporter of that ticket'],
    [{}, facts({ thread, customerIds: [] }), 'waiting', 'a stranger who knows a reference writes on no ticket'],
    [{}, facts({ customerIds: [] }), 'waiting', 'a ticket without customer cannot exist'],
    [{}, facts({ customerIds: ['c1', 'c2'] }), 'waiting', 'nobody guesses between customers'],
    [{ from: null }, facts(), 'quarantined', 'nobody to answer'],
    [{ from: { name: '', address: 'a b@x' } }, facts(), 'quarantined', 'not an address'],
  ] as const)('%j: %s %s (%s)', (more, known, kind, _why) => expect(decideMail(mail({}, more), known).kind).toBe(kind))

  it('a reference of a foreign ticket makes a new ticket with a warning, never a message there', () => {
    const decision = decideMail(mail(), facts({ thread: { ...thread, customerId: 'c2' } }))
    expect(decision).toMatchObject({ kind: 'ticket', customerId: 'c1', warning: expect.stringContaining('KK-2026-000001') as string })
  })
  it('a sender whom the mail server found forged waits for a person, also with a reference', () => {
    const headers = { 'authentication-results': 'mx.kiosk.example; dkim=none; dmarc=fail (p=reject)' }
    expect(decideMail(mail(headers), facts({ thread }))).toMatchObject({ kind: 'waiting', reason: 'sender-not-authentic' })
  })
  it('property: a message goes only to a ticket the sender belongs to', () => {
    const names = fc.constantFrom('a@x.example', 'b@x.example', 'c@y.example')
    const ids = fc.constantFrom('c1', 'c2', 'c3')
    fc.assert(
      fc.property(names, fc.uniqueArray(ids), ids, fc.uniqueArray(names), (address, customerIds, customerId, addresses) => {
        const decision = decideMail(
          mail({}, { from: { name: '', address } }),
          facts({ customerIds, thread: { ...thread, customerId, addresses } }),
        )
        const belongs = customerIds.includes(customerId) || addresses.includes(address)
        expect(decision.kind === 'message').toBe(belongs)
        if (decision.kind === 'ticket') expect(customerIds).toEqual([decision.customerId])
      }),
    )
  })
})

describe('the words of a mail', () => {
  it.each([
    ['Yes.\n\nOn Mon, 16 Nov 2026 at 10:00, Desk <d@k.example> wrote:\n> old', 'Yes.', 'English history'],
    ['Ja.\n\nAm 16.11.2026 um 10:00 schrieb Desk <d@k.example>:\n> alt', 'Ja.', 'German history'],
    ['Ja.\n\nDen mån 16 nov. 2026 kl 10:00 skrev Desk <d@k.example>:\n> gammalt', 'Ja.', 'Swedish history'],
    ['Sim.\n\nEm seg., 16 de nov. de 2026, Desk <d@k.example> escreveu:\n> velho', 'Sim.', 'Portuguese history'],
    ['Yes.\n-----Original Message-----\nFrom: x', 'Yes.', 'Outlook'],
    ['Yes.\n________________________________\nFrom: Desk <d@k.example>', 'Yes.', 'Outlook on the web'],
    ['Yes.\n-- \nCarl\n+46 1', 'Yes.', 'a signature'],
    ['Yes.\nSent from my phone', 'Yes.', 'a signature of a phone'],
    ['> only\n> quoted', '> only\n> quoted', 'nothing else is left: no word is lost'],
    ['a\u0000b\u0007c', 'abc', 'control characters'],
    ['=cmd|calc!A1', '=cmd|calc!A1', 'formulas stay text: the exports guard cells'],
    ['one\r\ntwo', 'one\ntwo', 'line breaks'],
  ])('%j -> %j (%s)', (text, words, _why) => expect(newWords(text)).toBe(words))
  it.each([
    ['<p>Hi</p><script>alert(1)</script><p>there</p>', 'Hi\n\nthere', 'scripts'],
    ['<style>p{}</style>a<br>b', 'a\nb', 'styles'],
    ['a &lt;b&gt; &amp; &#233; &#x1F600;', 'a <b> & é 😀', 'entities'],
    ['<!-- x -->y', 'y', 'comments'],
    ['1 < 2 <b>yes</b>', '1 < 2 yes', 'a sign that is no tag'],
    ['<script>never closed', '', 'a script without end'],
    ['<p>new</p><blockquote>old</blockquote>', 'new\n\n> old', 'quotes are marked'],
  ])('HTML %j -> %j (%s)', (html, text, _why) => expect(htmlToText(html)).toBe(text))
  it('without any text say so', () => expect(shownWords({ text: ' ', html: '<img src=x>' })).toBe('(no text)'))
  it('property: whatever comes, text comes out, without markup that runs, in bounds and in no time', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '<!--',
      '<script>',
      '</script',
      '<blockquote>',
      '&#',
      ';',
      '\n',
      '> ',
      'wrote:',
      '\u0000',
      'x',
    )
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 200 }).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(any, text => {
        for (const words of [newWords(text), newWords(htmlToText(text))]) {
          expect(words.length).toBeLessThanOrEqual(MAX_SHOWN_CHARACTERS)
          expect(words).not.toMatch(/[^\P{Cc}\n\t]/u)
        }
      }),
    )
    for (const bomb of ['<script>', '<', '<!--', '> ', 'On ', '&#1', '<p', 'a\n', ' \n', '\t']) {
      const began = performance.now()
      newWords(htmlToText(bomb.repeat(400_000)))
      newWords(bomb.repeat(400_000))
      expect(performance.now() - began, bomb).toBeLessThan(2000)
    }
  })
})

describe('subjects', () => {
  it.each([
    ['Re: [KK-2026-000123] New ticket: Till', 'KK-2026-000123', 'New ticket: Till'],
    ['AW: SV: kk-2026-000123 hej', 'KK-2026-000123', 'hej'],
    ['Till\r\nBcc: evil@example.org', null, 'Till Bcc: evil@example.org'],
    ['', null, '(no subject)'],
    ['KK-26-1 and XKK-2026-000123', null, 'KK-26-1 and XKK-2026-000123'],
  ])('%j names %j and is %j', (subject, reference, rest) => {
    expect([referenceIn(subject), ticketSubject(subject)]).toEqual([reference, rest])
  })
})

describe('facts in a mail', () => {
  it.each(LANGUAGES)('are read under the names they are asked by in %s', language => {
    const asked = askedLabels(['email-or-phone', 'product', 'softwareVersion', 'platformVersion', 'impact', 'organisation'], language)
    expect(asked).toHaveLength(5)
    const text = asked.map((label, index) => `- ${label}: value ${index}`).join('\n')
    expect(Object.keys(readFacts(text)).sort()).toEqual(['impact', 'organisation', 'phone', 'platformVersion', 'softwareVersion'])
  })
  it.each([
    ['> Phone: 1', {}, 'a quoted line is not the writer’s'],
    ['Phone:', {}, 'nothing told'],
    ['Phone: 1\nPhone: 2', { phone: '2' }, 'a later line wins'],
    ['Look: here', {}, 'another word'],
  ])('%j: %j (%s)', (text, told, _why) => expect(readFacts(text)).toEqual(told))
})
