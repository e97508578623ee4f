import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const iso = (atMs: number): string => new Date(atMs).toISOString()

const histories = async (rig: Rig, id: string): Promise<string[]> =>
  (await rig.ticketing.timeline(id, { isPublicOnly: false, limit: 100 })).items.map(item => item.kind)

eachStore('tickets of the monitoring', open => {
  it('cancels an unanswered response that was not due when the fault went by itself, at the recovery', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId)
    rig.time.nowMs += 9 * MINUTE
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(10 * MINUTE, MINUTE)
    const ticket = await rig.ticketing.read(id)
    expect(ticket).toMatchObject({
      status: 'resolved',
      resolvedBy: 'monitoring',
      resolvedAt: iso(MONDAY_MS + 10 * MINUTE),
      clocks: { response: { state: 'cancelled', dueAt: null, usedMinutes: 9 } },
    })
    expect(ticket.clocks.response.why).toContain('resolved by itself before the answer was due')
  })

  it('owes the answer anew when the fault comes back', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(HOUR, MINUTE)
    await rig.fault(deviceId)
    expect(await rig.ticketing.read(id)).toMatchObject({
      status: 'in-progress',
      occurrences: 2,
      clocks: { response: { state: 'running', dueAt: iso(rig.time.nowMs + 30 * MINUTE) } },
    })
  })

  it('breaches nothing in the quiet time: the clocks stop at the recovery', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId, 'disk.full')
    await rig.pass(55 * MINUTE, MINUTE)
    await rig.observe({ deviceId, signal: 'disk.full', state: 'ok' })
    // Due after 61 minutes, quiet until the 71st.
    await rig.pass(20 * MINUTE, 30 * SECOND)
    const ticket = await rig.ticketing.read(id)
    expect(ticket).toMatchObject({
      status: 'resolved',
      resolvedAt: iso(MONDAY_MS + 56 * MINUTE),
      clocks: { response: { state: 'cancelled', usedMinutes: 55 } },
    })
    expect((await rig.outbox()).filter(row => row.dedup_key.startsWith('clock-breached:'))).toEqual([])
  })

  it('breaches after all when the fault comes back in its quiet time', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId)
    await rig.pass(29 * MINUTE, MINUTE)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(30 * SECOND, SECOND)
    expect((await rig.ticketing.read(id)).clocks.response.state).toBe('running')
    rig.time.nowMs += 29 * SECOND
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(2 * MINUTE, SECOND)
    expect((await rig.ticketing.read(id)).clocks.response).toMatchObject({ state: 'breached', dueAt: iso(MONDAY_MS + 31 * MINUTE) })
  })

  it('leaves the last word to the person who has written, with a note and a flag', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId)
    await rig.ticketing.write(id, { visibility: 'internal', body: 'I called the shop.' }, AGENT)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(10 * MINUTE, MINUTE)
    expect(await rig.ticketing.read(id)).toMatchObject({ status: 'new', flags: ['recovered'] })
    expect(await histories(rig, id)).toContain('recovered')
    await rig.fault(deviceId)
    expect(await rig.ticketing.read(id)).toMatchObject({ status: 'new', occurrences: 2, flags: [] })
    expect(await rig.tickets()).toHaveLength(1)
  })

  it('gives hardware to the partner of the site and tells everybody once, by mail and signed webhook', async () => {
    const rig = await makeRig(await open())
    const partner = await rig.partners.create({
      name: 'North Fix',
      email: 'north@example.com',
      regions: ['Stockholm'],
      skills: ['display'],
      webhookUrl: 'https://north.example.com/hook',
    })
    const customerId = await rig.customer({ webhookUrl: 'https://shops.example.com/hook' })
    await rig.contact(customerId, 'carl@example.com')
    await rig.contact(customerId, 'cora@example.com', 'Cora')
    const siteId = await rig.site(customerId, { partnerId: partner.id })
    const deviceId = await rig.device(customerId, siteId)
    const id = await rig.fault(deviceId, 'display.disconnected')
    await rig.deadlines.runDue()
    expect(await rig.ticketing.read(id)).toMatchObject({ partnerId: partner.id })
    const openings = (await rig.outbox()).map(row => row.dedup_key).filter(key => !key.startsWith('visit-offered'))
    expect(openings).toEqual(
      [
        'carl@example.com',
        'cora@example.com',
        'desk@example.com',
        'https://north.example.com/hook',
        'https://shops.example.com/hook',
        'north@example.com',
      ].map(address => `ticket-opened:v1:${id}:1:${address}`),
    )
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'ok' })
    await rig.pass(10 * MINUTE, MINUTE)
    await rig.fault(deviceId, 'display.disconnected')
    const kinds = (await rig.outbox()).map(row => row.dedup_key.split(':')[0])
    expect([
      kinds.filter(kind => kind === 'ticket-resolved').length,
      kinds.filter(kind => kind === 'ticket-reopened').length,
      kinds.filter(kind => kind === 'ticket-opened').length,
    ]).toEqual([6, 6, 6])
    const hook = (await rig.outbox()).find(row => row.channel === 'webhook')
    expect(JSON.parse(hook?.body ?? '')).toMatchObject({ type: 'ticket-opened', ticket: { id, partnerId: partner.id, occurrences: 1 } })
  })

  it('routes by region and skill, and says why nobody goes', async () => {
    const rig = await makeRig(await open())
    const partner = await rig.partners.create({
      name: 'North Fix',
      email: 'north@example.com',
      regions: ['Stockholm'],
      skills: ['display'],
    })
    const { deviceId } = await rig.kiosk({ region: 'stockholm' })
    expect(await rig.ticketing.read(await rig.fault(deviceId, 'display.disconnected'))).toMatchObject({ partnerId: partner.id })
    const printer = await rig.ticketing.read(await rig.fault(deviceId, 'printer.jam'))
    expect(printer.partnerId).toBeNull()
    expect(printer.why).toContain('Needs a visit, but no partner covers stockholm with skill printer.')
    const free = await rig.kiosk({ region: 'stockholm', planId: 'ombori-free' })
    expect((await rig.ticketing.read(await rig.fault(free.deviceId, 'display.disconnected'))).partnerId).toBeNull()
  })

  it('lists by every filter, and partners see only what was given to them', async () => {
    const rig = await makeRig(await open())
    const { customerId, deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId)
    await rig.ticketing.register(rig.report(customerId, { subject: '100% wrong_numbers' }), AGENT)
    const list = (query: object) => rig.ticketing.list({ scope: null, partnerOnly: null, ...query }).then(page => page.total)
    expect(
      await Promise.all([
        list({}),
        list({ source: 'monitoring' }),
        list({ level: 2 }),
        list({ deviceId }),
        list({ q: '0% wrong_' }),
        list({ q: '0%%wrong' }),
        list({ scope: [] }),
        list({ partnerOnly: 'p' }),
        list({ overdue: true }),
      ]),
    ).toEqual([2, 1, 1, 1, 1, 0, 0, 0, 0])
    await rig.pass(45 * MINUTE)
    expect(await Promise.all([list({ overdue: true }), list({ overdue: false })])).toEqual([1, 1])
    const first = await rig.ticketing.list({ scope: null, partnerOnly: null, limit: 1 })
    const second = await rig.ticketing.list({ scope: null, partnerOnly: null, limit: 1, cursor: first.next ?? '' })
    expect([first.items[0]?.source, second.items[0]?.id, second.next]).toEqual(['contact', id, null])
  })
})
