import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { makeLevelRises } from '../../../server/incidents/level-escalation.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const worker = (rig: Rig) =>
  makeLevelRises({
    db: rig.db,
    now: () => rig.time.nowMs,
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    catalogue: rig.catalogue,
    tickets: rig.incidentTickets,
  })
const rule = (rig: Rig, raise: object) =>
  inTransaction(rig.db, tx =>
    rig.catalogue.putRule(tx, {
      signal: 'url.failing',
      scope: '',
      by: 'test',
      rule: { enabled: true, level: 3, holdSeconds: 0, clearSeconds: 60, fixedBy: 'remote', remedies: [], ladderSeconds: 0, raise },
    }),
  )

eachStore('levels that rise by themselves', open => {
  it('by age, once, with a sentence; the ticket has the shorter promise from then on', async () => {
    const rig = await makeRig(await open())
    await rule(rig, { afterMinutes: 60 })
    const { deviceId } = await rig.kiosk()
    const id = await rig.fault(deviceId, 'url.failing')
    const rises = worker(rig)
    expect(await rises.run()).toBe(0)
    rig.time.nowMs += HOUR
    expect(await rises.run()).toBe(1)
    rig.time.nowMs += 5 * HOUR
    expect(await rises.run()).toBe(0)
    expect((await rig.tickets()).find(ticket => ticket.id === id)?.level).toBe(2)
    const said = await rig.ticketing.timeline(id, { isPublicOnly: false, limit: 50 })
    expect(said.items.filter(item => item.kind === 'level').map(item => item.text)).toEqual(['Level 3 became 2: open for 60 minutes'])
    expect((await rig.allIncidents())[0]).toMatchObject({ level: 2 })
    // a report of the same fault does not bring it down again
    await rig.observe({ deviceId, signal: 'url.failing', state: 'failing' })
    expect((await rig.tickets())[0]?.level).toBe(2)
  })

  it('when the same fault is open on enough devices of the site', async () => {
    const rig = await makeRig(await open())
    await rule(rig, { whenDevices: 3 })
    const customerId = await rig.customer()
    const siteId = await rig.site(customerId)
    const rises = worker(rig)
    for (const expected of [0, 0, 3]) {
      await rig.fault(await rig.device(customerId, siteId), 'url.failing')
      expect(await rises.run()).toBe(expected)
    }
    expect((await rig.tickets()).map(ticket => ticket.level)).toEqual([2, 2, 2])
  })

  it('says on the third ticket of a fault that mending does not last', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    for (let time = 0; time < 3; time += 1) {
      await rig.observe({ deviceId, signal: 'printer.jam', state: 'failing' })
      await rig.pass(10 * MINUTE, MINUTE)
      await rig.observe({ deviceId, signal: 'printer.jam', state: 'ok' })
      await rig.pass(26 * HOUR, HOUR)
    }
    const tickets = await rig.tickets()
    expect(tickets).toHaveLength(3)
    expect((JSON.parse(tickets[2]?.why ?? '[]') as string[]).join(' ')).toContain('3rd ticket within 30 days')
    expect((JSON.parse(tickets[2]?.why ?? '[]') as string[]).join(' ')).toContain('propose to swap the part')
  })
})
