import { expect, it } from 'vitest'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const T0 = Date.parse('2026-11-16T10:00:00+01:00')

/** A site with five devices, all online. */
async function fiveDevices(store: Store, now: () => number): Promise<string[]> {
  const first = makeTestHouse(store, now)
  await first.catalogue.load()
  const customer = await first.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
  const site = await first.sites.createSite(customer.id, { name: 'High street' })
  const wish = { customerId: customer.id, siteId: site.id, maxUses: 9, expiresAtMs: null, createdBy: 'test' }
  const { token } = await first.enrolment.createToken(wish)
  const deviceIds: string[] = []
  for (const machineId of ['a', 'b', 'c', 'd', 'e']) {
    const outcome = await first.enrolment.enrol({ token, machineId, hostname: machineId, platform: 'linux', agentVersion: '1.0.0' })
    deviceIds.push(outcome.admitted ? outcome.answer.deviceId : '')
  }
  expect(deviceIds).not.toContain('')
  await store.db.updateTable('device_states').set({ connection: 'online', connection_since: T0 }).execute()
  return deviceIds
}

eachStore('a restart of the server', open => {
  it('judges nothing from silence for 210 s; what did not come back then is one site outage, not a ticket for each', async () => {
    const store = await open()
    const { db } = store
    let nowMs = T0
    await fiveDevices(store, () => nowMs)

    const house = makeTestHouse(store, () => nowMs)
    await house.catalogue.load()
    await house.presence.start()
    const pass = async (ms: number): Promise<void> => {
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += SECOND
        await house.presence.sweep()
        await house.deadlines.runDue()
      }
    }
    const connections = async (): Promise<string[]> =>
      (await db.selectFrom('device_states').select('connection').orderBy('connection').execute()).map(row => row.connection)
    const signals = async () => (await db.selectFrom('tickets').select('signal').execute()).map(row => row.signal)

    await pass(209 * SECOND)
    expect(await connections()).toEqual(Array.from({ length: 5 }, () => 'unknown'))
    expect(await db.selectFrom('incidents').selectAll().execute()).toEqual([])
    await pass(2 * SECOND)
    expect(await connections()).toEqual(Array.from({ length: 5 }, () => 'offline'))
    await pass(4 * MINUTE)
    expect(await signals()).toEqual(['site.offline'])
    const kinds = await db.selectFrom('incidents').select(['kind', 'state']).orderBy('kind').execute()
    expect(kinds.map(row => `${row.kind} ${row.state}`)).toEqual([...Array.from({ length: 5 }, () => 'device open'), 'site open'])
  })
})

eachStore('a step of the clock', open => {
  it('in the middle of a look for outages does not make us blind afterwards', async () => {
    const store = await open()
    let nowMs = T0
    /** How many times the clock is asked until somebody sets it ten minutes ahead. */
    let asksLeft = Number.POSITIVE_INFINITY
    const house = makeTestHouse(store, () => {
      asksLeft -= 1
      if (asksLeft === 0) nowMs += 10 * MINUTE
      return nowMs
    })
    await fiveDevices(store, () => nowMs)
    await house.catalogue.load()
    await house.presence.start()
    // wherever in the round it happens, the look for outages among it
    for (let ask = 1; ask <= 12; ask++) {
      asksLeft = ask
      await house.deadlines.runDue()
    }
    asksLeft = Number.POSITIVE_INFINITY
    expect(nowMs).toBeGreaterThan(T0 + 10 * MINUTE)
    for (const endMs = nowMs + 10 * MINUTE; nowMs < endMs;) {
      nowMs += SECOND
      await house.presence.sweep()
      await house.deadlines.runDue()
    }
    expect((await store.db.selectFrom('tickets').select('signal').execute()).map(row => row.signal)).toEqual(['site.offline'])
  })
})
