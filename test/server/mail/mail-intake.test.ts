/** Mail into the desk on both databases: what is written, once each, and what hostile mail cannot do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { MAX_MAILS_AN_HOUR } from '../../../server/mail/rules/mail-decision.ts'
import type { Store } from '../../../server/database/database.ts'
import { noticeMailId } from '../../../server/notifications/store/mail-store.ts'
import { rawMail, withFiles } from '../../support/raw-mail.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const MONDAY_MS = Date.parse('2026-11-16T10:00:00+01:00')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function makeDesk(store: Store) {
  const mailFolder = mkdtempSync(join(tmpdir(), 'kioskeeper-mail-'))
  folders.push(mailFolder)
  const time = { nowMs: MONDAY_MS }
  const house = makeTestHouse(store, () => time.nowMs, { deskEmail: 'desk@kiosk.example', mailFolder })
  await house.catalogue.load()
  const { db } = store
  const customer = async (email: string | null, planId = 'ombori-production') => {
    const { id } = await house.customers.create({ name: `Shop of ${email}`, planId, timeZone: 'Europe/Stockholm' })
    if (email !== null) await house.customers.addContact(id, { name: 'Carl Contact', email })
    return id
  }
  return {
    ...house,
    db,
    time,
    customer,
    receive: house.mailIntake.receive,
    tickets: () => db.selectFrom('tickets').selectAll().orderBy('reference').execute(),
    lines: (ticketId: string, kind: string) =>
      db.selectFrom('ticket_events').selectAll().where('ticket_id', '=', ticketId).where('kind', '=', kind).orderBy('at').execute(),
    open: async () => (await house.mailView.list({})).items,
    keyOf: async (ticketId: string, address: string) => {
      const rows = await db.selectFrom('outbox').selectAll().where('ticket_id', '=', ticketId).where('address', '=', address).execute()
      return `<${noticeMailId(rows[0]?.dedup_key ?? '')}@kiosk.example>`
    },
  }
}

eachStore('mail that arrives', open => {
  it('becomes a ticket of its sender, and an answer a message on it, whichever way it names the ticket', async () => {
    const desk = await makeDesk(await open())
    const customerId = await desk.customer('carl@shop.example')
    const first = await desk.receive(rawMail({ subject: 'Re: The till is black', body: 'Since ten.\n-- \nCarl' }))
    expect(first).toMatchObject({ outcome: 'ticket' })
    const [ticket] = await desk.tickets()
    expect(ticket).toMatchObject({
      customer_id: customerId,
      channel: 'email',
      subject: 'The till is black',
      description: 'Since ten.',
      level: 3,
    })
    const id = ticket?.id ?? ''
    const ours = await desk.keyOf(id, 'carl@shop.example')
    const answers = [
      rawMail({ subject: 'something else', headers: { 'In-Reply-To': ours }, body: 'by reply' }),
      rawMail({ subject: 'else', headers: { References: `<x@y> ${ours}` }, body: 'by references' }),
      rawMail({ subject: `SV: [${ticket?.reference}] x`, body: 'by reference' }),
    ]
    for (const raw of answers) expect(await desk.receive(raw)).toMatchObject({ outcome: 'message', ticketId: id })
    const messages = await desk.lines(id, 'message')
    expect(messages.map(line => `${line.author_kind} ${line.visibility} ${line.text}`).sort()).toEqual([
      'customer public by reference',
      'customer public by references',
      'customer public by reply',
    ])
  })

  it('is taken once however often it is delivered, also at the same time; a used Message-ID of somebody else loses nothing', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    await desk.customer('eve@other.example')
    const raw = rawMail({ messageId: '<same@shop.example>' })
    const outcomes = await Promise.all([1, 2, 3].map(() => desk.receive(raw)))
    expect(outcomes.map(one => one.outcome).sort()).toEqual(['duplicate', 'duplicate', 'ticket'])
    const other = rawMail({ messageId: '<same@shop.example>', from: 'eve@other.example' })
    expect((await desk.receive(other)).outcome).toBe('ticket')
    expect((await desk.receive(rawMail({ messageId: null, body: 'no id' }))).outcome).toBe('ticket')
    expect(await desk.tickets()).toHaveLength(3)
  })

  it('writes nothing on a ticket of another customer, whatever it names', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    const evil = await desk.customer('eve@evil.example')
    await desk.receive(rawMail())
    const [ticket] = await desk.tickets()
    const id = ticket?.id ?? ''
    const ours = await desk.keyOf(id, 'carl@shop.example')
    const before = await desk.db.selectFrom('ticket_events').selectAll().where('ticket_id', '=', id).execute()
    const forged = { subject: `[${ticket?.reference}] let me in`, headers: { 'In-Reply-To': ours } }
    expect(await desk.receive(rawMail({ ...forged, from: 'eve@evil.example' }))).toMatchObject({ outcome: 'ticket' })
    expect(await desk.receive(rawMail({ ...forged, from: 'nobody@evil.example' }))).toMatchObject({ outcome: 'waiting' })
    expect(await desk.db.selectFrom('ticket_events').selectAll().where('ticket_id', '=', id).execute()).toEqual(before)
    const second = (await desk.tickets()).find(row => row.customer_id === evil)
    const [note] = await desk.lines(second?.id ?? '', 'mail')
    expect([note?.visibility, note?.text]).toEqual(['internal', expect.stringContaining(`names ${ticket?.reference}`)])
  })

  it('of an unknown sender waits, becomes a ticket of whom the desk says, and the next one goes there by itself', async () => {
    const desk = await makeDesk(await open())
    const customerId = await desk.customer(null, 'op5-standard')
    await desk.receive(rawMail({ from: 'new@shop.example', mime: withFiles('Help', [['a.txt', 'text/plain', Buffer.from('x')]]) }))
    const [item] = await desk.open()
    const told = await desk.db.selectFrom('outbox').selectAll().execute()
    expect(told.map(notice => [notice.address, notice.ticket_id])).toEqual([['desk@kiosk.example', null]])
    expect(item).toMatchObject({ reason: 'unknown-sender', from: 'new@shop.example', state: 'open' })
    await expect(desk.mailIntake.assign(item?.id ?? '', 'nobody', 'Ada')).rejects.toMatchObject({ slug: 'invalid-input' })
    const { ticketId } = await desk.mailIntake.assign(item?.id ?? '', customerId, 'Ada')
    expect(await desk.ticketing.read(ticketId)).toMatchObject({
      customerId,
      flags: expect.arrayContaining(['contact-not-named']) as string[],
    })
    expect(await desk.mailView.attachments(ticketId, true)).toMatchObject([{ name: 'a.txt', bytes: 1 }])
    await expect(desk.mailIntake.assign(item?.id ?? '', customerId, 'Ada')).rejects.toMatchObject({ slug: 'intake-item-decided' })
    await expect(desk.mailIntake.dismiss(item?.id ?? '', 'Ada')).rejects.toMatchObject({ slug: 'intake-item-decided' })
    expect(await desk.receive(rawMail({ from: 'New@shop.example' }))).toMatchObject({ outcome: 'ticket' })
    expect(await desk.tickets()).toHaveLength(2)
  })

  it('of a machine is kept and answered by nobody; the desk can take it all the same, or dismiss it', async () => {
    const desk = await makeDesk(await open())
    const customerId = await desk.customer('carl@shop.example')
    await desk.receive(rawMail({ headers: { 'Auto-Submitted': 'auto-replied' } }))
    await desk.receive(rawMail({ headers: { 'Auto-Submitted': 'auto-replied' } }))
    expect([await desk.open(), await desk.tickets(), await desk.db.selectFrom('outbox').selectAll().execute()]).toEqual([[], [], []])
    const { items } = await desk.mailView.list({ state: 'ignored' })
    await desk.mailIntake.assign(items[0]?.id ?? '', customerId, 'Ada')
    await desk.mailIntake.dismiss(items[1]?.id ?? '', 'Ada')
    expect(await desk.tickets()).toHaveLength(1)
  })

  it('two machines that answer each other are stopped, and after an hour a person is heard again', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    const outcomes: string[] = []
    for (let n = 0; n <= MAX_MAILS_AN_HOUR; n += 1) outcomes.push((await desk.receive(rawMail())).outcome)
    expect([outcomes.filter(one => one === 'ticket').length, outcomes.at(-1)]).toEqual([MAX_MAILS_AN_HOUR, 'ignored'])
    desk.time.nowMs += 3_600_001
    expect((await desk.receive(rawMail())).outcome).toBe('ticket')
  })

  it('with files keeps them by what they are, within limits, and says what it left out', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    const png = Buffer.from('89504e470d0a1a0a00', 'hex')
    const files = [
      ['../../etc/passwd', 'text/plain', Buffer.from('x')],
      ['page.html', 'text/html', Buffer.from('<script>alert(1)</script>')],
      ['picture.exe', 'application/x-msdownload', png],
      ['list.csv', 'text/csv', Buffer.from('=cmd|calc!A1')],
      ['bomb.zip', 'application/zip', Buffer.from('504b0304', 'hex')],
      ...Array.from({ length: 20 }, (_, n) => [`more-${n}.txt`, 'text/plain', Buffer.from(`${n}`)] as const),
    ] as const
    const { ticketId } = await desk.receive(rawMail({ mime: withFiles('See files', files) }))
    const kept = await desk.mailView.attachments(ticketId ?? '', true)
    expect(kept).toHaveLength(20)
    const types = Object.fromEntries(kept.map(file => [file.name, file.contentType]))
    expect(types).toMatchObject({
      passwd: 'application/octet-stream',
      'page.html': 'application/octet-stream',
      'picture.exe': 'image/png',
      'list.csv': 'application/octet-stream',
      'bomb.zip': 'application/octet-stream',
    })
    const [note] = await desk.lines(ticketId ?? '', 'mail')
    expect(note?.text).toContain('more-19.txt: more than 20 files')
  })

  it('that is made to harm waits for a person and is kept', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    const nested = Array.from({ length: 1000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}`).join('\r\n')
    const hostile: [Buffer, boolean, string][] = [
      [rawMail({ mime: nested }), false, 'nested-too-deep'],
      [rawMail({ headers: { 'X-Long': 'x'.repeat(400_000) } }), false, 'unreadable'],
      [rawMail({ body: 'only the head of 100 MB' }), true, 'too-large'],
      [Buffer.from([0xff, 0xfe, 0, 1]), false, 'no-sender'],
      [Buffer.alloc(0), false, 'no-sender'],
      [rawMail({ from: '' }), false, 'no-sender'],
    ]
    for (const [raw, isCut, reason] of hostile) {
      const { mailId, outcome } = await desk.receive(raw, isCut)
      expect([outcome, (await desk.open()).find(item => item.mailId === mailId)?.reason]).toEqual(['quarantined', reason])
    }
    expect(await desk.tickets()).toEqual([])
    const broken = 'Content-Type: text/plain; charset=no-such-thing\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!'
    expect((await desk.receive(rawMail({ mime: broken, subject: '=?nope?q?x?= =?utf-8?b?/////w==?=' }))).outcome).toBe('ticket')
    const html = 'Content-Type: text/html\r\n\r\n<p>Black</p><script>alert(1)</script><img src=x onerror=alert(1)>'
    const { ticketId } = await desk.receive(rawMail({ mime: html }))
    expect((await desk.ticketing.read(ticketId ?? '')).description).toBe('Black')
  })

  it('with the facts that were missing lets the clocks of its ticket run', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example', 'op5-standard')
    const { ticketId } = await desk.receive(rawMail())
    const waiting = await desk.ticketing.read(ticketId ?? '')
    expect([waiting.status, waiting.clocks.response.state]).toEqual(['waiting-information', 'paused'])
    const subject = `Re: [${waiting.reference}] x`
    await desk.receive(rawMail({ subject, body: 'Software version: 9.1\n> Platform version: quoted' }))
    const partly = await desk.ticketing.read(ticketId ?? '')
    expect(partly).toMatchObject({ status: 'waiting-information', softwareVersion: '9.1' })
    const lacks = (why: string[]) => why.filter(sentence => sentence.includes(' plan needs '))
    expect(lacks(partly.why)).toEqual(['The Standard plan needs platformVersion. Its clocks do not run until they are there.'])
    await desk.receive(rawMail({ subject, body: 'Plattformsversion: Debian 13' }))
    const complete = await desk.ticketing.read(ticketId ?? '')
    expect([complete.status, complete.clocks.response.state, complete.flags]).toEqual(['new', 'running', []])
    expect(lacks(complete.why)).toEqual([])
  })
})

eachStore('whatever bytes arrive', open => {
  it('each is written once with an outcome, and none breaks the intake', async () => {
    const desk = await makeDesk(await open())
    await desk.customer('carl@shop.example')
    const line = fc.oneof(
      fc.constantFrom(
        'From: carl@shop.example',
        'Content-Type: multipart/mixed; boundary="b"',
        '--b',
        '--b--',
        '',
        'Subject: =?utf-8?q?=00?=',
        'Message-ID: <>',
        'Message-ID: <a\u0000b@x>',
        'From: "a\u0000b" <a\u0000b@shop.example>',
        'From: x:a\u0000@b.example;',
        'Auto-Submitted: \u0000',
        'In-Reply-To: <\u0000@x>',
      ),
      fc.string({ unit: 'binary' }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async lines => {
        desk.time.nowMs += 3_600_000
        const { mailId, outcome } = await desk.receive(Buffer.from(lines.join('\r\n'), 'utf8'))
        if (outcome !== 'duplicate') expect(await desk.mailView.mail(mailId)).toMatchObject({ outcome })
      }),
      { numRuns: 40 },
    )
  })
})
