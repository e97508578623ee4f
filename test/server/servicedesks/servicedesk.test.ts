import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { deskNotes, makeSyncRig, ADA } from './sync-rig.ts'
import { eachStore } from '../../support/stores.ts'
import { findLink } from '../../../server/servicedesks/store/sync-link-store.ts'
import { readDepth } from '../../../server/servicedesks/store/sync-queue-store.ts'

eachStore('tickets on two desks', open => {
  it('makes a ticket over there, says what is public, and keeps what is not', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    await rig.say(ticket.id, 'A technician is on the way.')
    await rig.say(ticket.id, 'Only for us.', 'internal')
    await rig.settle()
    const there = rig.theirs(ticket.reference)
    expect(there).toMatchObject({ subject: 'Screen is black', by: 'us', state: '2' })
    expect(there.comments.map(one => [one.text, one.isPublic])).toEqual([['A technician is on the way.', true]])
    expect(await rig.desk.decisions.ofTicket(ticket.id)).toMatchObject([
      { key: there.key, url: expect.stringContaining(there.id) as string, stopped: false },
    ])
  })

  it('takes their word as the customer’s: it ends waiting, and meets no clock of ours', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    const there = rig.theirs(ticket.reference)
    rig.model.comment(there.id, { text: 'Any news?', isPublic: true, by: 'them' })
    await rig.settle()
    const answered = await rig.house.ticketing.read(ticket.id)
    expect(answered.clocks.response.state).toBe('running')
    await rig.house.ticketing.move(ticket.id, { to: 'waiting-customer' }, ADA)
    await rig.settle()
    expect(there.state).toBe('3')
    rig.model.comment(there.id, { text: 'It is plugged in.', isPublic: true, by: 'them' })
    await rig.settle()
    expect(await rig.status(ticket.id)).toBe('in-progress')
    expect(there.state).toBe('2')
    const said = (await rig.messages(ticket.id)).filter(line => line.kind === 'message')
    expect(said.map(line => [line.author.kind, line.text])).toEqual([
      ['customer', 'Any news?'],
      ['customer', 'It is plugged in.'],
    ])
    expect(there.comments).toHaveLength(2)
  })

  it('makes their new ticket ours, by the rule of the link', async () => {
    const rig = await makeSyncRig(await open(), 'zammad', { settings: { newTicketLevel: 2 } })
    const there = rig.model.create({ subject: 'Printer eats paper', description: 'Since noon.', by: 'them', state: '2' })
    await rig.settle()
    const { items } = await rig.house.ticketing.list({ limit: 10, scope: null, partnerOnly: null })
    expect(items).toMatchObject([
      {
        subject: 'Printer eats paper',
        description: 'Since noon.',
        channel: 'api',
        level: 2,
        status: 'in-progress',
        reporter: { email: 'anna@client.example' },
      },
    ])
    await rig.say(items[0]?.id ?? '', 'We look at it.')
    await rig.settle()
    expect(there.comments.map(one => one.text)).toEqual(['We look at it.'])
    expect(rig.model.tickets.size).toBe(1)
  })

  it('brings open tickets over when a link is switched on, with what was said before', async () => {
    const rig = await makeSyncRig(await open(), 'jira', { isOff: true })
    const ticket = await rig.ticket()
    await rig.say(ticket.id, 'We look at it.')
    const closed = await rig.ticket('Over already')
    await rig.house.ticketing.move(closed.id, { to: 'closed' }, ADA)
    await rig.desk.worker.runDue()
    expect(rig.model.tickets.size).toBe(0)
    await rig.desk.links.update(rig.linkId, { enabled: true })
    await rig.settle()
    expect([...rig.model.tickets.values()].map(one => one.subject)).toEqual([`[${ticket.reference}] Screen is black`])
    expect(rig.theirs(ticket.reference).comments.map(one => one.text)).toEqual(['We look at it.'])
  })

  it('keeps to the order of a ticket, and lets others pass, while one is parked', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const [first, other] = [await rig.ticket('First'), await rig.ticket('Other')]
    await rig.settle()
    rig.line.trouble = request => (request.text.includes('bad word') ? { status: 400 } : null)
    await rig.say(first.id, 'bad word')
    await rig.say(first.id, 'after it')
    await rig.say(other.id, 'on its own')
    await rig.settle()
    expect(rig.theirs(other.reference).comments).toHaveLength(1)
    expect(rig.theirs(first.reference).comments).toHaveLength(0)
    const { items } = await rig.desk.decisions.parked(rig.linkId)
    expect(items).toMatchObject([
      { way: 'out', kind: 'comment', reference: first.reference, reason: expect.stringContaining('400') as string },
    ])
    const changeId = items[0]?.id ?? ''
    await rig.desk.decisions.decide(rig.linkId, changeId, 'pending')
    rig.line.trouble = () => null
    await rig.settle()
    expect(rig.theirs(first.reference).comments.map(one => one.text)).toEqual(['bad word', 'after it'])
    await expect(rig.desk.decisions.decide(rig.linkId, changeId, 'dropped')).rejects.toMatchObject({ slug: 'change-not-parked' })
  })

  it('goes on without a change that was dropped', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    rig.line.trouble = request => (request.text.includes('bad word') ? { status: 400 } : null)
    await rig.say(ticket.id, 'bad word')
    await rig.say(ticket.id, 'after it')
    await rig.settle()
    const { items } = await rig.desk.decisions.parked(rig.linkId)
    await rig.desk.decisions.decide(rig.linkId, items[0]?.id ?? '', 'dropped')
    await rig.settle()
    expect(rig.theirs(ticket.reference).comments.map(one => one.text)).toEqual(['after it'])
  })

  it('sees a move that people make while theirs is being set', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    let isMoved = false
    rig.line.during = async request => {
      if (isMoved || request.method !== 'PATCH') return
      isMoved = true
      await rig.house.ticketing.move(ticket.id, { to: 'resolved' }, ADA)
    }
    await rig.house.ticketing.move(ticket.id, { to: 'waiting-customer' }, ADA)
    await rig.settle()
    expect(rig.theirs(ticket.reference).state).toBe('6')
  })

  it('stops a ticket on which two desks answer each other, says so, and goes on when somebody retries', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    const there = rig.theirs(ticket.reference)
    for (let turn = 0; turn < 30; turn += 1) {
      rig.pass(0.1)
      rig.model.comment(there.id, { text: `Automatic answer ${turn}`, isPublic: true, by: 'them' })
      await rig.settle()
    }
    const taken = (await rig.messages(ticket.id)).filter(line => line.kind === 'message')
    expect(taken.length).toBeLessThan(22)
    expect(await deskNotes(rig, ticket.id)).toContainEqual(expect.stringContaining('the two desks answer each other'))
    expect(await rig.desk.decisions.ofTicket(ticket.id)).toMatchObject([{ stopped: true }])
    expect((await rig.desk.links.health(rig.linkId)).why.join(' ')).toContain('not mirrored any more')
    const { items } = await rig.desk.decisions.parked(rig.linkId)
    rig.pass(11)
    for (const item of items) await rig.desk.decisions.decide(rig.linkId, item.id, 'pending')
    await rig.settle()
    expect((await rig.messages(ticket.id)).filter(line => line.kind === 'message')).toHaveLength(30)
  })

  it('tells the desk once what has been stuck for fifteen minutes', async () => {
    const store = await open()
    const rig = await makeSyncRig(store, 'servicenow')
    rig.line.trouble = () => ({ lost: true })
    await rig.ticket()
    const stuck = async () => (await store.db.selectFrom('outbox').select('subject').where('subject', 'like', '%is stuck').execute()).length
    for (let minute = 0; minute < 14; minute += 1) {
      await rig.desk.worker.runDue()
      rig.pass(1)
    }
    expect(await stuck()).toBe(0)
    rig.pass(2)
    for (let turn = 0; turn < 3; turn += 1) {
      await rig.desk.worker.runDue()
      rig.pass(5)
    }
    expect(await stuck()).toBe(1)
    expect((await rig.desk.links.health(rig.linkId)).state).toBe('alarm')
    rig.line.trouble = () => null
    rig.pass(60)
    await rig.desk.worker.runDue()
    expect((await rig.desk.links.health(rig.linkId)).state).toBe('ok')
    expect(rig.model.tickets.size).toBe(1)
  })

  it('looks whether their desk is back, with nothing else to send', async () => {
    const rig = await makeSyncRig(await open(), 'servicenow')
    rig.pass(61)
    rig.line.trouble = () => ({ status: 500 })
    await rig.desk.worker.runDue()
    expect((await rig.desk.links.health(rig.linkId)).why.join(' ')).toContain('The last call failed')
    rig.line.trouble = () => null
    rig.model.create({ subject: 'Nobody told us', description: '', by: 'them' })
    rig.hooks.splice(0)
    rig.pass(6)
    await rig.desk.worker.runDue()
    expect((await rig.desk.links.health(rig.linkId)).state).toBe('ok')
    const { items } = await rig.house.ticketing.list({ limit: 10, scope: null, partnerOnly: null })
    expect(items.map(one => one.subject)).toEqual(['Nobody told us'])
  })

  it('needs the plan: none is made without it, and nothing goes when it ends', async () => {
    await expect(makeSyncRig(await open(), 'servicenow', { planId: 'ombori-production' })).rejects.toMatchObject({
      slug: 'desk-integration-not-in-plan',
    })
    const rig = await makeSyncRig(await open(), 'servicenow')
    await rig.house.customers.update(rig.customerId, { planId: 'ombori-production' })
    await rig.ticket()
    await rig.settle()
    expect(rig.model.tickets.size).toBe(0)
    expect(await rig.desk.links.read(rig.linkId)).toMatchObject({
      health: 'off',
      why: [expect.stringContaining('no client servicedesk integration') as string],
    })
  })

  it('keeps secrets sealed: the row tells nothing, another key opens nothing, another address needs them again', async () => {
    const store = await open()
    const rig = await makeSyncRig(store, 'servicenow')
    const row = await findLink(store.db, rig.linkId)
    for (const word of ['secret"', 'whsec_', rig.webhook.secret, rig.input.secrets.password ?? '?'])
      expect(row?.secrets).not.toContain(word)
    expect(JSON.stringify(await rig.desk.links.read(rig.linkId))).not.toContain(rig.webhook.secret)
    await expect(rig.desk.links.update(rig.linkId, { baseUrl: 'https://evil.example' })).rejects.toMatchObject({
      errors: [{ path: 'body/secrets', message: 'must be entered again for another address' }],
    })
    rig.newKey()
    await rig.desk.worker.runDue()
    expect((await rig.desk.links.health(rig.linkId)).why.join(' ')).toContain('enter them again')
    await expect(rig.send(rig.hooks[0] ?? { raw: Buffer.from('{}'), headers: {} })).rejects.toMatchObject({ slug: 'not-found' })
  })

  it('runs one link of a customer, and forgets one without touching tickets', async () => {
    const store = await open()
    const rig = await makeSyncRig(store, 'servicenow')
    const ticket = await rig.ticket()
    await rig.settle()
    const second = await rig.desk.links.create({ ...rig.input, name: 'Second' })
    await expect(rig.desk.links.update(second.id, { enabled: true })).rejects.toMatchObject({ slug: 'link-running' })
    await rig.desk.links.remove(rig.linkId)
    expect(await rig.desk.decisions.ofTicket(ticket.id)).toEqual([])
    expect(await rig.status(ticket.id)).toBe('new')
    expect(await readDepth(store.db, rig.linkId)).toMatchObject({ pending: 0, parked: 0 })
  })

  it('sends public files, and says on the ticket which it did not send', async () => {
    const store = await open()
    const rig = await makeSyncRig(store, 'zammad', { settings: { maxFileMegabytes: 1 }, mailFolder: rigFolder() })
    const ticket = await rig.ticket()
    await rig.settle()
    await rig.attach(ticket.id, 'screen.png', 'image/png', Buffer.from('png'))
    await rig.attach(ticket.id, 'huge.png', 'image/png', Buffer.alloc(2 * 1024 * 1024))
    await rig.attach(ticket.id, 'tool.exe', 'application/octet-stream', Buffer.from('MZ'))
    await rig.attach(ticket.id, 'ours.png', 'image/png', Buffer.from('ours'), 'internal')
    await rig.settle()
    await rig.settle()
    expect(rig.theirs(ticket.reference).files).toEqual(['screen.png'])
    const notes = (await deskNotes(rig, ticket.id)).join('\n')
    expect(notes).toContain('The file huge.png was not sent to the client’s desk: it is larger than 1 MB.')
    expect(notes).toContain('The file tool.exe was not sent')
    expect(notes).not.toContain('ours.png')
  })
})

function rigFolder(): string {
  return mkdtempSync(join(tmpdir(), 'kioskeeper-sync-'))
}
