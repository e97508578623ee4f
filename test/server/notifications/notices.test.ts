/** What leaves the house: signed webhooks, and the outbox as people see and mend it. */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Notice } from '../../../shared/api/notifications/outbox-api.ts'
import { makeOutbox } from '../../../server/notifications/outbox.ts'
import { addNotice, claimDueNotices, listOutbox, settleNotice } from '../../../server/notifications/store/outbox-store.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'
import { takeErrorLines } from '../../support/test-log.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Call = { path: string; body: string; delivery: string; signature: string | null }
type Page<Item> = { items: Item[]; total: number }

/** A receiver of webhooks: answers with the next status of its list, then 200. */
async function startReceiver(): Promise<{ url: string; calls: Call[]; statuses: number[]; server: Server }> {
  const calls: Call[] = []
  const statuses: number[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => {
      calls.push({
        path: request.url ?? '',
        body,
        delivery: String(request.headers['kioskeeper-delivery']),
        signature: (request.headers['kioskeeper-signature'] as string | undefined) ?? null,
      })
      response.writeHead(statuses.shift() ?? 200).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, statuses, server }
}
function isSigned(call: Call, secret: string): boolean {
  const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(call.signature ?? '') ?? []
  return hex === createHmac('sha256', secret).update(`${seconds}.${call.body}`).digest('hex')
}

describe('webhooks and the outbox of a running server', () => {
  let world: World
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  const ticket = (customerId: string, subject: string) =>
    world.ok('POST', '/tickets', {
      customerId,
      level: 3,
      subject,
      description: 'Words',
      channel: 'phone',
      reporter: { name: 'Ada', email: 'ada@shop.example' },
    })
  const callsAbout = (id: string): Call[] => receiver.calls.filter(call => call.body.includes(id))

  beforeAll(async () => {
    receiver = await startReceiver()
    world = await makeWorld()
  })
  afterAll(async () => {
    await world.stop()
    receiver.server.close()
  })

  it('makes a secret with the address, shows it once, makes another for another address, and drops it with the address', async () => {
    const made = await world.ok<{ id: string; webhookSecret: string | null }>('POST', '/customers', {
      name: 'Shop',
      planId: 'ombori-production',
      timeZone: 'Europe/Stockholm',
      webhookUrl: `${receiver.url}/a`,
    })
    expect(made.webhookSecret).toMatch(/^whsec_[A-Za-z0-9_-]{43}$/)
    expect(await world.ok('GET', `/customers/${made.id}`)).not.toHaveProperty('webhookSecret')
    const patch = async (webhookUrl: string | null) =>
      (await world.ok<{ webhookSecret: string | null }>('PATCH', `/customers/${made.id}`, { webhookUrl })).webhookSecret
    expect(await patch(`${receiver.url}/a`)).toBeNull()
    const second = await patch(`${receiver.url}/b`)
    expect(second).toMatch(/^whsec_/)
    expect(second).not.toBe(made.webhookSecret)
    expect(await patch(null)).toBeNull()
    expect(await patch(`${receiver.url}/b`)).not.toBe(second)

    const partner = await world.ok<{ id: string; webhookSecret: string | null }>('POST', '/partners', {
      name: 'North',
      email: 'n@partner.example',
      regions: [],
      skills: [],
    })
    expect(partner.webhookSecret).toBeNull()
    const changed = await world.ok<{ webhookSecret: string; order: number }>('PATCH', `/partners/${partner.id}`, {
      webhookUrl: `${receiver.url}/p`,
      order: 5,
    })
    expect(changed).toMatchObject({ order: 5, webhookSecret: expect.stringMatching(/^whsec_/) as string })
    expect(await world.ok('GET', `/partners/${partner.id}`)).toMatchObject({ webhookUrl: `${receiver.url}/p`, name: 'North', order: 5 })
  })

  it('signs each delivery, tries again after a failure under the same id, and stops after success', async () => {
    const { id, webhookSecret } = await world.ok<{ id: string; webhookSecret: string }>('POST', '/customers', {
      name: 'Hooked',
      planId: 'ombori-production',
      timeZone: 'Europe/Stockholm',
      webhookUrl: `${receiver.url}/hook?key=abc`,
    })
    receiver.statuses.push(500)
    const { id: ticketId } = await ticket(id, 'Till is slow')
    await until('the second attempt', () => callsAbout(ticketId).length === 2)
    const [first, second] = callsAbout(ticketId) as [Call, Call]
    expect(second.delivery).toBe(first.delivery)
    expect([first, second].map(call => isSigned(call, webhookSecret))).toEqual([true, true])
    expect(isSigned(first, 'whsec_other')).toBe(false)

    const notices = (await world.ok<Page<Notice>>('GET', `/tickets/${ticketId}/notices`)).items
    expect(notices.map(notice => notice.channel).sort()).toEqual(['email', 'email', 'webhook'])
    const hook = await until('sent', async () =>
      (await world.ok<Page<Notice>>('GET', `/outbox?ticketId=${ticketId}&state=sent`)).items.find(notice => notice.channel === 'webhook'),
    )
    expect(hook).toMatchObject({ id: first.delivery, attempts: 2, lastError: null, address: `${receiver.url}/hook?…`, customerId: id })
    expect(JSON.stringify(notices)).not.toContain('Words')
    const { id: later } = await ticket(id, 'Printer jams')
    await until('the next ticket', () => callsAbout(later).length === 1)
    expect(callsAbout(ticketId)).toHaveLength(2)
  }, 40_000)

  it('tries a given-up notice again when asked, and no other', async () => {
    const { id } = await world.ok<{ id: string }>('POST', '/customers', {
      name: 'Gone',
      planId: 'ombori-production',
      timeZone: 'Europe/Stockholm',
      webhookUrl: `${receiver.url}/gone`,
    })
    receiver.statuses.push(410)
    const { id: ticketId } = await ticket(id, 'Screen is dark')
    const given = await until(
      'given up',
      async () => (await world.ok<Page<Notice>>('GET', `/outbox?customerId=${id}&state=given-up`)).items[0],
    )
    expect(given).toMatchObject({ lastError: 'HTTP 410: the receiver is gone', nextAttemptAt: null })
    expect(takeErrorLines()).toHaveLength(1)
    expect(await world.ok('POST', `/outbox/${given.id}/retry`, {})).toMatchObject({ state: 'pending', attempts: 0 })
    await until('delivered', () => callsAbout(ticketId).length === 2)
    await until('sent', async () => (await world.ok<Page<Notice>>('GET', `/outbox?customerId=${id}&state=given-up`)).total === 0)
    const again = await until('settled', async () => {
      const answer = await world.api('POST', `/outbox/${given.id}/retry`, {})
      return String(answer.body['detail']).includes('is sent') ? answer : null
    })
    expect(again).toMatchObject({ status: 409, body: { type: '/problems/notice-not-given-up' } })
    expect((await world.api('POST', '/outbox/nothing/retry', {})).status).toBe(404)
  })

  it('tells desk and contacts once when a device begins to wait, and when a smaller plan leaves 14 days to choose', async () => {
    const place = await world.makeCustomer('ombori-production')
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Bo', email: 'bo@shop.example' })
    const token = await world.enrolmentToken(place)
    const enrol = async (machineId: string): Promise<number> =>
      (await world.api('POST', '/enrol', { token, machineId, hostname: `till-${machineId}`, platform: 'linux', agentVersion: '0.1.0' }))
        .status
    for (const machine of ['1', '2', '3', '4']) expect(await enrol(machine)).toBe(201)
    await world.ok('PATCH', `/customers/${place.customerId}`, { planId: 'ombori-free' })
    await world.ok('PATCH', `/customers/${place.customerId}`, { name: 'Corner shop 2' })
    for (const machine of ['5', '5', '5']) expect(await enrol(machine)).toBe(403)
    const mails = (words: string) => world.mailbox.mails.filter(mail => mail.subject.includes(words))
    await until('mails', () => mails('till-5').length >= 2 && mails('4 devices, 3 in the plan').length >= 2)
    const { items } = await world.ok<Page<Notice>>('GET', `/outbox?customerId=${place.customerId}`)
    const told = items.map(
      notice => `${notice.address}: ${notice.subject.replace(/^Corner shop( 2)?: | \(Corner.*/g, '').replace(/ by .*/, '')}`,
    )
    expect(told.sort()).toEqual([
      'bo@shop.example: 4 devices, 3 in the plan: choose',
      'bo@shop.example: A device waits for a place: till-5',
      'bo@shop.example: All used: devices',
      'desk@kioskeeper.example: 4 devices, 3 in the plan: choose',
      'desk@kioskeeper.example: A device waits for a place: till-5',
      'desk@kioskeeper.example: All used: devices',
    ])
  })
})

eachStore('the outbox for people', open => {
  it('shows each caller only their customers, and forgets what was sent long ago', async () => {
    const { db } = await open()
    const clock = { nowMs: Date.parse('2026-11-23T10:00:00Z') }
    await inTransaction(db, async tx => {
      for (const [index, customerId] of ['one', 'one', 'two'].entries()) {
        await addNotice(tx, {
          channel: 'email',
          dedupKey: `n${index}`,
          address: 'a@example.org',
          subject: 'S',
          body: 'B',
          customerId,
          nowMs: clock.nowMs + index,
        })
      }
    })
    const outbox = makeOutbox({ db, now: () => clock.nowMs, keepDays: 10 })
    expect((await outbox.list({ scope: ['two'] })).items.map(notice => notice.customerId)).toEqual(['two'])
    expect((await outbox.list({ scope: [] })).total).toBe(0)
    expect((await outbox.list({ scope: null, customerId: 'one' })).total).toBe(2)
    const [claimed] = await claimDueNotices(db, { channels: ['email'], nowMs: clock.nowMs, limit: 1, leaseMs: 1000 })
    await settleNotice(db, claimed as NonNullable<typeof claimed>, { state: 'sent', sentAtMs: clock.nowMs })
    clock.nowMs += 10 * 86_400_000
    expect(await outbox.forgetSent()).toBe(0)
    clock.nowMs += 1
    expect(await outbox.forgetSent()).toBe(1)
    expect((await listOutbox(db, { limit: 10 })).total).toBe(2)
  })

  it('tells every desk, manager and administrator when no common address is set, and the managing ones of limits', async () => {
    const store = await open()
    const house = makeTestHouse(store, Date.now, { deskEmail: null })
    await house.catalogue.load()
    for (const role of ['desk', 'manager', 'admin', 'viewer']) {
      await store.db
        .insertInto('users')
        .values({
          id: role,
          email: `${role}@x.example`,
          name: role,
          role,
          customer_ids: '[]',
          password_hash: 'x',
          disabled_at: null,
          created_at: 0,
        })
        .execute()
    }
    const customer = await house.customers.create({ name: 'Free', planId: 'ombori-free', timeZone: 'Europe/Stockholm' })
    const site = await house.sites.createSite(customer.id, { name: 'Site' })
    const { token } = await house.enrolment.createToken({
      customerId: customer.id,
      siteId: site.id,
      maxUses: 10,
      expiresAtMs: null,
      createdBy: 'test',
    })
    for (let index = 0; index < 4; index += 1)
      await house.enrolment.enrol({ token, machineId: `m${index}`, hostname: `h${index}`, platform: 'linux', agentVersion: '0.1.0' })
    const told = (await listOutbox(store.db, { limit: 10 })).items.map(row => `${row.address}: ${row.subject}`)
    expect(told.sort()).toEqual([
      'admin@x.example: A device waits for a place: h3 (Free)',
      'desk@x.example: A device waits for a place: h3 (Free)',
      'manager@x.example: A device waits for a place: h3 (Free)',
      'manager@x.example: Free: All used: devices',
    ])
  })
})
