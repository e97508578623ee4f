import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { makeRig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000

eachStore('many devices at once', open => {
  it('takes a thousand offline devices with a few statements, and again when they come back', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer()
    const siteId = await rig.site(customerId)
    const deviceIds: string[] = []
    for (let index = 0; index < 1_000; index += 1) deviceIds.push(await rig.device(customerId, siteId))
    const startedMs = performance.now()
    await rig.observe(...deviceIds.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'failing' as const })))
    const tookMs = performance.now() - startedMs
    expect((await rig.allIncidents()).filter(row => row.state === 'pending')).toHaveLength(1_000)
    rig.time.nowMs += MINUTE
    await rig.observe(...deviceIds.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'ok' as const })))
    expect(await rig.allIncidents()).toEqual([])
    // A round trip per device and question would take several times this.
    expect(tookMs).toBeLessThan(5_000)
  })
})
