import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import type { Observation } from '../../../server/incidents/incidents.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const DEVICES = 60
const ROUNDS = 30

eachStore('ingest and the worker at the same time', open => {
  it('never wait for each other, and end with one open incident for each cause', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer()
    const siteIds = [await rig.site(customerId), await rig.site(customerId), await rig.site(customerId)]
    const deviceIds: string[] = []
    for (let index = 0; index < DEVICES; index++) deviceIds.push(await rig.device(customerId, siteIds[index % 3] ?? ''))
    const seen = (deviceId: string, signal: string, state: 'failing' | 'ok'): Observation => ({
      deviceId,
      signal,
      component: '',
      state,
      text: `${signal} is ${state}`,
      atMs: rig.time.nowMs,
      receivedAtMs: rig.time.nowMs,
    })
    /** As ingest does: two calls in one transaction, about different devices in different orders. */
    const group = (round: number): Promise<void> =>
      inTransaction(rig.db, async tx => {
        const shifted = deviceIds.map((_, index) => deviceIds[(index * 7 + round * 13) % DEVICES] ?? '')
        const contacts = shifted.slice(0, 30).map((id, index) => seen(id, 'agent.offline', (index + round) % 3 === 0 ? 'ok' : 'failing'))
        const events = shifted.slice(20).map((id, index) => seen(id, 'app.crashed', (index + round) % 2 === 0 ? 'ok' : 'failing'))
        const ids = [...contacts, ...events].map(one => one.deviceId)
        await rig.incidents.lockAhead(tx, ids, ['agent.offline', 'app.crashed'])
        await rig.incidents.observe(tx, contacts, [])
        await rig.incidents.observe(tx, events, [])
      })
    for (let round = 0; round < ROUNDS; round++) {
      rig.time.nowMs += 30 * SECOND
      await Promise.all([group(round), rig.deadlines.runDue()])
      await Promise.all([rig.deadlines.runDue(), group(round + 1)])
    }
    await rig.observe(...deviceIds.flatMap(id => [seen(id, 'agent.offline', 'ok'), seen(id, 'app.crashed', 'ok')]))
    await rig.pass(3 * 3_600 * SECOND, 600 * SECOND)
    expect((await rig.allIncidents()).filter(row => row.open_key !== null)).toEqual([])
    expect((await rig.tickets()).filter(row => row.status !== 'resolved' && row.status !== 'closed')).toEqual([])
  })
})
