import type { KyselyPlugin } from 'kysely'
import { expect, it } from 'vitest'
import { inTransaction, type Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { listDevices } from '../../../server/devices/store/device-store.ts'
import { heapBytes } from '../../support/heap.ts'
import { newDeviceId } from '../../../shared/ids.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const SITES = 200
const AT_EACH = 50
/** As large as a group of messages of ingest. */
const GROUP = 500

/** The store, and how many statements ran on it. */
function counted(store: Store): { store: Store; statements: () => number } {
  let count = 0
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      count += 1
      return Promise.resolve(result)
    },
  }
  return { store: { ...store, db: store.db.withPlugin(plugin) }, statements: () => count }
}

/** Puts the devices of a site into the store as they are when they have been there for long. */
async function devicesAt(rig: Rig, customerId: string, siteId: string): Promise<string[]> {
  const first = await rig.device(customerId, siteId)
  const device = await rig.db.selectFrom('devices').selectAll().where('id', '=', first).executeTakeFirstOrThrow()
  const state = await rig.db.selectFrom('device_states').selectAll().where('device_id', '=', first).executeTakeFirstOrThrow()
  const ids = Array.from({ length: AT_EACH - 1 }, () => newDeviceId())
  const numbered = ids.map((id, index) => ({ ...device, id, machine_id: `machine-${id}`, device_no: device.device_no * 1_000 + index }))
  await inTransaction(rig.db, async tx => {
    await tx.insertInto('devices').values(numbered).execute()
    await tx
      .insertInto('device_states')
      .values(ids.map(id => ({ ...state, device_id: id })))
      .execute()
  })
  return [first, ...ids]
}

eachStore('ten thousand devices at once', open => {
  it('are one incident, one mail and few statements when they drop and when they return', { timeout: 120_000 }, async () => {
    const { store, statements } = counted(await open())
    const rig = await makeRig(store)
    const customerId = await rig.customer()
    await rig.contact(customerId, 'carl@example.com')
    const deviceIds: string[] = []
    for (let index = 0; index < SITES; index++) deviceIds.push(...(await devicesAt(rig, customerId, await rig.site(customerId))))
    const contact = async (state: 'failing' | 'ok'): Promise<void> => {
      for (let start = 0; start < deviceIds.length; start += GROUP) {
        const group = deviceIds.slice(start, start + GROUP)
        await rig.observe(...group.map(deviceId => ({ deviceId, signal: 'agent.offline', state })))
        rig.time.nowMs += SECOND
        await rig.deadlines.runDue()
      }
    }
    const heapBefore = heapBytes()
    const beforeMs = performance.now()
    const before = statements()
    await contact('failing')
    await rig.pass(4 * MINUTE, 10 * SECOND)
    const dropped = statements() - before
    const incidents = await rig.allIncidents()
    const [platform, none] = incidents.filter(row => row.kind !== 'device')
    expect(none).toBeUndefined()
    expect(platform).toMatchObject({ kind: 'platform', state: 'open' })
    expect(incidents.filter(row => row.parent_id === platform?.id)).toHaveLength(deviceIds.length)
    expect(await rig.outbox()).toHaveLength(1)
    // The console asks for it while it lasts: the answer stays small.
    const { items } = await rig.reader.list({ scope: null, kind: 'platform' })
    expect([items[0]?.childCount, items[0]?.children.length]).toEqual([deviceIds.length, 500])
    expect(JSON.stringify(items).length).toBeLessThan(100_000)
    // So do the lists it pages through: five hundred at once, whatever is going on.
    const lost = await rig.reader.list({ scope: null, signal: 'agent.offline', limit: 500 })
    expect([lost.total, lost.items.length]).toEqual([deviceIds.length, 500])
    expect(JSON.stringify(lost).length).toBeLessThan(1_000_000)
    const devices = await listDevices(rig.db, { scope: null, limit: 500 })
    expect([devices.total, devices.rows.length]).toEqual([deviceIds.length, 501])

    await contact('ok')
    await rig.pass(5 * MINUTE, 10 * SECOND)
    const returned = statements() - before - dropped
    expect(await rig.tickets()).toEqual([])
    expect(await rig.outbox()).toHaveLength(1)
    expect(new Set((await rig.allIncidents()).map(row => row.state))).toEqual(new Set(['closed']))
    // About one statement for five devices in all; a handful for each device would be 50,000.
    expect(dropped).toBeLessThan(deviceIds.length / 4)
    expect(returned).toBeLessThan(deviceIds.length / 4)
    // Nothing of the storm is kept in memory: each device would have had kilobytes of it.
    expect(heapBytes() - heapBefore).toBeLessThan(64 * 1024 * 1024)
    const tookMs = performance.now() - beforeMs
    expect(tookMs).toBeLessThan(90_000)
  })
})
