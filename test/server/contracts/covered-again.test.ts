import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const START_MS = Date.parse('2026-11-16T10:00:00+01:00')
const MINUTE = 60_000

eachStore('a device that is covered again', open => {
  it('gets the ticket of the incident that opened meanwhile, once', async () => {
    const { db } = await open()
    let nowMs = START_MS
    const house = makeTestHouse({ db, kind: 'sqlite', close: () => Promise.resolve() }, () => nowMs)
    await house.catalogue.load()
    const customer = await house.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
    const site = await house.sites.createSite(customer.id, { name: 'High street' })
    const { token } = await house.enrolment.createToken({
      customerId: customer.id,
      siteId: site.id,
      maxUses: 9,
      expiresAtMs: null,
      createdBy: 'test',
    })
    const enrol = async (machineId: string): Promise<string> => {
      nowMs += 1000
      const outcome = await house.enrolment.enrol({ token, machineId, hostname: machineId, platform: 'linux', agentVersion: '1.0.0' })
      return outcome.admitted ? outcome.answer.deviceId : outcome.deviceId
    }
    const kept = await enrol('kept')
    const dropped = await enrol('dropped')
    await house.customers.update(customer.id, { overrides: { devices: { included: 1, more: 'refused' } } })
    nowMs += 15 * 24 * 60 * MINUTE
    await house.downgrades.endGrace()

    const observe = async (signal: string, state: 'failing' | 'ok'): Promise<void> => {
      const observation = { deviceId: dropped, signal, component: '', state, text: `${signal} ${state}`, atMs: nowMs, receivedAtMs: nowMs }
      await inTransaction(db, tx => house.incidents.observe(tx, [observation], []))
    }
    const pass = async (ms: number): Promise<void> => {
      nowMs += ms
      await house.deadlines.runDue()
    }
    for (const signal of ['screen.blank', 'usb.missing']) await observe(signal, 'failing')
    await pass(10 * MINUTE)
    // One of the two recovers: nothing is owed for it unless it comes back.
    await observe('usb.missing', 'ok')
    const tickets = () => db.selectFrom('tickets').select(['signal', 'created_at', 'incident_id']).orderBy('signal').execute()
    const incidents = () => db.selectFrom('incidents').select(['signal', 'ticket_id']).orderBy('signal').execute()
    expect([await tickets(), (await incidents()).map(row => row.ticket_id)]).toEqual([[], [null, null]])

    await house.fleet.retire(kept)
    expect((await house.fleet.read(dropped)).state).toBe('active')
    expect(await tickets()).toMatchObject([{ signal: 'screen.blank', created_at: nowMs }])
    await observe('usb.missing', 'failing')
    expect((await tickets()).map(row => row.signal)).toEqual(['screen.blank', 'usb.missing'])
    await house.customers.update(customer.id, {})
    await pass(10 * MINUTE)
    expect(await tickets()).toHaveLength(2)
    expect((await incidents()).every(row => row.ticket_id !== null)).toBe(true)
    const lines = await db.selectFrom('timeline').select('text').where('device_id', '=', dropped).where('kind', '=', 'incident').execute()
    expect(lines.filter(row => row.text === 'Covered by the plan now: the incident has a ticket')).toHaveLength(2)
  })
})
