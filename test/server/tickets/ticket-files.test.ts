/** Files of people on both databases: they wait unseen, go with one message, take its visibility, and are let go when nobody sends them. */
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isPicture, MAX_WAITING, safeFileName, WAITING_MS } from '../../../server/attachments/rules/file-rules.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('names and types', () => {
  it.each([
    ['a path', '../../etc/passwd', 'passwd'],
    ['a path of Windows', 'C:\\temp\\a.png', 'a.png'],
    ['nothing', '', 'file'],
    ['dots', '..', 'file'],
    ['a name turned around', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['line breaks', 'a\r\nSet-Cookie: x', 'aSet-Cookie: x'],
    ['half a character', 'a\ud800', 'a\ufffd'],
  ])('%s', (_reason, name, safe) => expect(safeFileName(name, 'file')).toBe(safe))
  it.each(['image/svg+xml', 'text/html', 'application/pdf', 'application/octet-stream'])('%s is never shown in a page', type =>
    expect(isPicture(type)).toBe(false),
  )
})

eachStore('files', open => {
  const makeDesk = async () => {
    const store = await open()
    const mailFolder = mkdtempSync(join(tmpdir(), 'kioskeeper-files-'))
    folders.push(mailFolder)
    const time = { nowMs: 1_000_000_000_000 }
    const house = makeTestHouse(store, () => time.nowMs, { deskEmail: 'desk@kiosk.example', mailFolder })
    await house.catalogue.load()
    const { id: customerId } = await house.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
    const ticket = () =>
      house.ticketing.register(
        { customerId, level: 2, subject: 'S', description: 'D', channel: 'portal', reporter: { name: 'Carl', email: 'carl@shop.example' } },
        { author_kind: 'person', author_name: 'Ada' },
      )
    return { ...house, db: store.db, time, mailFolder, ticketId: (await ticket()).id, ticket }
  }
  const ADA = { author_kind: 'person', author_name: 'Ada' } as const

  it('wait unseen, then go with a message and take its visibility', async () => {
    const desk = await makeDesk()
    const { ticketId, files, ticketing, mailView } = desk
    const shown = await files.give(ticketId, 'user:ada', { name: 'screen.png', bytes: PNG })
    const noted = await files.give(ticketId, 'user:ada', { name: '../notes.html', bytes: Buffer.from('<script>') })
    expect(shown).toMatchObject({ contentType: 'image/png', name: 'screen.png' })
    expect(noted).toMatchObject({ contentType: 'application/octet-stream', name: 'notes.html' })
    expect(await mailView.attachments(ticketId, false)).toEqual([])
    const write = (visibility: 'public' | 'internal', id: string) =>
      ticketing.write(ticketId, { visibility, body: 'See', attachments: [id], filesOf: 'user:ada' }, ADA)
    const { messageId } = await write('public', shown.id)
    await write('internal', noted.id)
    expect((await mailView.attachments(ticketId, true)).map(file => [file.name, file.messageId])).toEqual([['screen.png', messageId]])
    expect((await mailView.attachments(ticketId, false)).length).toBe(2)
    expect((await files.mailed(messageId)).map(file => file.name)).toEqual(['screen.png'])
    const [mail] = await desk.db.selectFrom('outbox').selectAll().where('event_id', '=', messageId).execute()
    expect(mail).toMatchObject({ address: 'carl@shop.example', channel: 'email' })
  })

  it('of somebody else, of another ticket or sent before go with nothing, and the message is not written', async () => {
    const { ticketId, files, ticketing, ticket } = await makeDesk()
    const file = await files.give(ticketId, 'user:ada', { name: 'a.png', bytes: PNG })
    const other = (await ticket()).id
    const write = (id: string, filesOf: string, attachments = [file.id]) =>
      ticketing.write(id, { visibility: 'public', body: 'See', attachments, filesOf }, ADA)
    const lines = async () => (await ticketing.timeline(ticketId, { isPublicOnly: false, limit: 50 })).items.length
    const before = await lines()
    for (const [id, owner] of [
      [ticketId, 'user:bo'],
      [other, 'user:ada'],
      [ticketId, ''],
    ] as const)
      await expect(write(id, owner)).rejects.toMatchObject({ errors: [{ path: 'body/attachments' }] })
    await expect(write(ticketId, 'user:ada', [file.id, 'none'])).rejects.toMatchObject({ slug: 'invalid-input' })
    expect(await lines()).toBe(before)
    await write(ticketId, 'user:ada')
    await expect(write(ticketId, 'user:ada')).rejects.toMatchObject({ slug: 'invalid-input' })
    await expect(files.takeBack(file.id, 'user:ada')).rejects.toThrow('no such file')
  })

  it('are limited, are not empty, and can be taken back', async () => {
    const { ticketId, files } = await makeDesk()
    await expect(files.give(ticketId, 'u', { name: 'a', bytes: new Uint8Array() })).rejects.toMatchObject({
      errors: [{ message: 'the file is empty' }],
    })
    await expect(files.give('none', 'u', { name: 'a', bytes: PNG })).rejects.toThrow('no such ticket')
    const first = await files.give(ticketId, 'u', { name: 'a', bytes: PNG })
    for (let n = 1; n < MAX_WAITING; n += 1) await files.give(ticketId, 'u', { name: 'a', bytes: PNG })
    await expect(files.give(ticketId, 'u', { name: 'a', bytes: PNG })).rejects.toThrow(`${MAX_WAITING} files wait`)
    await expect(files.takeBack(first.id, 'another')).rejects.toThrow('no such file')
    await files.takeBack(first.id, 'u')
    await files.give(ticketId, 'u', { name: 'a', bytes: PNG })
  })

  it('that nobody sends are forgotten after a day, bytes and all, but not bytes that somebody else needs', async () => {
    const { ticketId, files, time, mailFolder, ticketing } = await makeDesk()
    const shared = await files.give(ticketId, 'u', { name: 'shared', bytes: PNG })
    await ticketing.write(ticketId, { visibility: 'public', body: 'x', attachments: [shared.id], filesOf: 'u' }, ADA)
    await files.give(ticketId, 'u', { name: 'same bytes', bytes: PNG })
    await files.give(ticketId, 'u', { name: 'alone', bytes: Buffer.from('alone') })
    const paths = readdirSync(mailFolder, { recursive: true, withFileTypes: true }).filter(item => item.isFile())
    expect(paths.length).toBe(2)
    for (const item of paths) utimesSync(join(item.parentPath, item.name), new Date(0), new Date(0))
    time.nowMs += WAITING_MS - 1
    await files.forgetWaiting()
    expect(paths.every(item => existsSync(join(item.parentPath, item.name)))).toBe(true)
    time.nowMs += 2
    await files.forgetWaiting()
    expect(paths.filter(item => existsSync(join(item.parentPath, item.name))).length).toBe(1)
    expect((await files.mailed(shared.messageId ?? '')).length).toBe(0)
  })
})
