import { expect, it } from 'vitest'
import { takeErrorLines } from '../../support/test-log.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig, MONDAY_MS } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

eachStore('deadlines', open => {
  it('warns, breaches and reminds once each, also when the server restarts between any two steps', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
    for (let minute = 0; minute <= 45; minute += 5) {
      rig.again()
      await rig.pass(5 * MINUTE, 2.5 * MINUTE)
      await rig.deadlines.runDue()
    }
    await rig.ticketing.write(id, { visibility: 'public', body: 'Sorry, here we are.' }, AGENT)
    for (let minute = 0; minute < 190; minute += 5) {
      rig.again()
      await rig.pass(5 * MINUTE)
    }
    const told = (await rig.outbox())
      .map(row => row.dedup_key.split(':'))
      .filter(([kind]) => kind?.startsWith('clock') || kind === 'update-reminder')
    expect(told.map(([kind, , , ...what]) => `${kind ?? ''} ${what.slice(0, 2).join(' ')}`)).toEqual([
      'clock-breached response 1',
      'clock-breached update 1',
      'clock-warning response 1',
      'clock-warning update 1',
      'update-reminder 1 1',
      'update-reminder 1 2',
    ])
  })

  it('fires each deadline once after a long standstill, the highest step only', async () => {
    const rig = await makeRig(await open())
    const { customerId, deviceId } = await rig.kiosk()
    await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    rig.time.nowMs += 6 * HOUR
    rig.again()
    await rig.deadlines.runDue()
    rig.again()
    expect(await rig.deadlines.runDue()).toBe(0)
    const kinds = (await rig.outbox()).map(row => row.dedup_key.split(':')[0])
    expect(kinds.filter(kind => kind === 'clock-warning')).toEqual([])
    expect(kinds.filter(kind => kind === 'clock-breached')).toEqual([])
    expect(kinds.filter(kind => kind === 'clock-escalated')).toHaveLength(1)
    const [late] = await rig.tickets()
    // The step at 100 % was passed over; the line it leads to is not lost.
    expect(late).toMatchObject({ line: 2 })
    expect(await rig.tickets()).toHaveLength(2)
  })

  it('lets two workers at once do each thing once', async () => {
    const store = await open()
    const rig = await makeRig(store)
    const other = await makeRig(store)
    const { customerId, siteId } = await rig.kiosk()
    const deviceIds: string[] = []
    for (let index = 0; index < 15; index += 1) deviceIds.push(await rig.device(customerId, siteId))
    await rig.observe(...deviceIds.map(deviceId => ({ deviceId, signal: 'app.crashed', state: 'failing' as const })))
    for (const minutes of [1, 45, 60]) {
      rig.time.nowMs += minutes * MINUTE
      other.time.nowMs = rig.time.nowMs
      await Promise.all([rig.deadlines.runDue(), other.deadlines.runDue()])
    }
    expect(takeErrorLines()).toEqual([])
    const tickets = await rig.tickets()
    expect(tickets).toHaveLength(15)
    expect(new Set(tickets.map(row => row.reference)).size).toBe(15)
    expect(tickets.every(row => row.occurrences === 1)).toBe(true)
    const breaches = await rig.db.selectFrom('ticket_events').select('ticket_id').where('kind', '=', 'clock-breached').execute()
    expect(breaches).toHaveLength(15)
  })

  it('closes a ticket after the days of the plan without an answer, and counts anew with a new question', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-premium' })
    const whole = { channel: 'portal' as const, softwareVersion: '8.1', platformVersion: 'Debian 13' }
    const { id } = await rig.ticketing.register(rig.report(customerId, whole), AGENT)
    await rig.ticketing.write(id, { visibility: 'public', body: 'Which version?', asks: true }, AGENT)
    await rig.pass(20 * DAY, DAY)
    await rig.ticketing.write(id, { visibility: 'public', body: 'Are you there?', asks: true }, AGENT)
    await rig.pass(41 * DAY, DAY)
    expect((await rig.ticketing.read(id)).status).toBe('waiting-customer')
    await rig.pass(DAY, HOUR)
    expect(await rig.ticketing.read(id)).toMatchObject({
      status: 'closed',
      closedAt: new Date(MONDAY_MS + 62 * DAY).toISOString(),
      resolvedAt: null,
    })
    expect(await rig.deadlines.runDue()).toBe(0)
  })

  it('carries on with the others when one thing fails, and tries it again', async () => {
    const rig = await makeRig(await open())
    const { customerId, siteId, deviceId } = await rig.kiosk()
    const second = await rig.device(customerId, siteId)
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' }, { deviceId: second, signal: 'app.crashed', state: 'failing' })
    await rig.db
      .updateTable('incidents')
      .set({ evidence: 'broken', started_at: Number.MAX_SAFE_INTEGER })
      .where('device_id', '=', deviceId)
      .execute()
    await rig.pass(MINUTE)
    expect((await rig.tickets()).map(row => row.device_id)).toEqual([second])
    expect(takeErrorLines()).toHaveLength(1)
    await rig.db.updateTable('incidents').set({ evidence: '[]', started_at: MONDAY_MS }).where('device_id', '=', deviceId).execute()
    await rig.pass(MINUTE)
    expect(await rig.tickets()).toHaveLength(2)
  })
})
