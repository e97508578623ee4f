/** Answers by mail to a ticket that was merged, on both databases: kept where it goes on, whichever way they name the old one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { noticeMailId } from '../../../server/notifications/store/mail-store.ts'
import { rawMail } from '../../support/raw-mail.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const MONDAY_MS = Date.parse('2026-11-16T10:00:00+01:00')
const AGENT = { author_kind: 'person', author_name: 'Ada' } as const
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

eachStore('mail on merged tickets', open => {
  it('follows the merges, takes the word of whoever reported either, and completes nothing on the old one', async () => {
    const store = await open()
    const mailFolder = mkdtempSync(join(tmpdir(), 'kioskeeper-mail-'))
    folders.push(mailFolder)
    let nowMs = MONDAY_MS
    const house = makeTestHouse(store, () => nowMs, { deskEmail: 'desk@kiosk.example', mailFolder })
    await house.catalogue.load()
    // A plan that waits for missing facts: a mail may bring them, but not to a ticket nobody works on.
    const { id: customerId } = await house.customers.create({ name: 'Shop', planId: 'op5-standard', timeZone: 'Europe/Stockholm' })
    await house.customers.addContact(customerId, { name: 'Carl', email: 'carl@shop.example' })
    const register = async (email: string): Promise<{ id: string; reference: string }> => {
      const { id, reference } = await house.ticketing.register(
        {
          customerId,
          level: 2,
          subject: `From ${email}`,
          description: 'x',
          channel: 'form',
          reporter: { name: email, email },
        },
        AGENT,
      )
      return { id, reference }
    }
    const [old, middle, end] = [
      await register('walkin@else.example'),
      await register('carl@shop.example'),
      await register('carl@shop.example'),
    ]
    await house.relations.merge(old.id, { intoTicketId: middle.id }, AGENT)
    nowMs += 1000
    await house.relations.merge(middle.id, { intoTicketId: end.id }, AGENT)
    const ours = (await store.db.selectFrom('outbox').selectAll().where('ticket_id', '=', old.id).execute()).find(
      row => row.address === 'walkin@else.example',
    )
    const answers = [
      rawMail({ subject: `Re: [${old.reference}] x`, body: 'Software version: 4.2\nby reference' }),
      rawMail({
        from: 'Walk In <walkin@else.example>',
        subject: 'else',
        headers: { 'In-Reply-To': `<${noticeMailId(ours?.dedup_key ?? '')}@kiosk.example>` },
        body: 'by reply',
      }),
    ]
    for (const raw of answers) expect(await house.mailIntake.receive(raw)).toMatchObject({ outcome: 'message', ticketId: end.id })
    const said = await store.db
      .selectFrom('ticket_events')
      .select(['ticket_id', 'text'])
      .where('kind', '=', 'message')
      .orderBy('id')
      .execute()
    expect(said.map(row => row.ticket_id)).toEqual([end.id, end.id])
    const watching = (await house.relations.view(end.id, { userId: null, sees: () => true })).watchers
    expect(watching.map(watcher => watcher.email)).toEqual(['walkin@else.example'])
    expect(await house.ticketing.read(old.id)).toMatchObject({ status: 'closed', softwareVersion: null })
    expect(await house.mailIntake.receive(rawMail({ from: 'Eve <eve@evil.example>', subject: `[${old.reference}] me too` }))).toMatchObject(
      {
        outcome: 'waiting',
      },
    )
  })
})
