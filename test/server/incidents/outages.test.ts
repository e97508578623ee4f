import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const devicesAt = async (rig: Rig, customerId: string, siteId: string, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let index = 0; index < count; index++) ids.push(await rig.device(customerId, siteId))
  return ids
}
/** A customer with one site of so many devices. */
const siteOf = async (rig: Rig, count: number, more: { openingHours?: object } = {}) => {
  const customerId = await rig.customer()
  await rig.contact(customerId, 'carl@example.com')
  const siteId = await rig.site(customerId, more)
  return { customerId, siteId, deviceIds: await devicesAt(rig, customerId, siteId, count) }
}
const contact = (rig: Rig, deviceIds: readonly string[], state: 'failing' | 'ok') =>
  rig.observe(...deviceIds.map(deviceId => ({ deviceId, signal: 'agent.offline', state })))
const outagesIn = async (rig: Rig) => (await rig.allIncidents()).filter(row => row.kind !== 'device')

eachStore('a site outage', open => {
  it('is one incident with one ticket; what stays away after the grace opens on its own', async () => {
    const rig = await makeRig(await open())
    const { siteId, deviceIds } = await siteOf(rig, 5)
    for (const id of deviceIds) rig.addresses.set(id, '198.51.100.7')
    await contact(rig, deviceIds.slice(0, 3), 'failing')
    await rig.pass(20 * SECOND, SECOND)
    await contact(rig, deviceIds.slice(3), 'failing')
    await rig.pass(1 * SECOND)
    expect((await outagesIn(rig)).map(row => [row.kind, row.signal, row.state, row.site_id])).toEqual([
      ['site', 'site.offline', 'pending', siteId],
    ])
    await rig.pass(3 * MINUTE + 30 * SECOND, SECOND)
    const tickets = await rig.tickets()
    expect(tickets.map(row => [row.signal, row.level, row.device_id, row.site_id, row.subject])).toEqual([
      ['site.offline', 1, null, siteId, 'Central Station: the whole site is offline'],
    ])
    const [outage] = await outagesIn(rig)
    expect(outage).toMatchObject({ state: 'open', started_at: MONDAY_MS, ticket_id: tickets[0]?.id })
    const read = await rig.reader.read(outage?.id ?? '')
    expect(read.children).toHaveLength(5)
    expect(read).toMatchObject({ kind: 'site', siteId, deviceId: null, parentId: null, unstable: false })
    const evidence = await rig.reader.evidence(read.id, read.evidence[0]?.id ?? '')
    expect(evidence.data).toMatchObject({ lost: 5, publicAddresses: ['198.51.100.7'], sharesOneAddress: true })
    expect(rig.told.filter(change => change.kind === 'site').map(change => change.id)).toContain(siteId)

    await contact(rig, deviceIds.slice(1), 'ok')
    await rig.pass(SECOND)
    expect((await outagesIn(rig))[0]?.state).toBe('recovering')
    const backAtMs = rig.time.nowMs
    await rig.pass(119 * SECOND, SECOND)
    expect(await rig.tickets()).toHaveLength(1)
    await rig.pass(2 * SECOND, SECOND)
    expect((await outagesIn(rig))[0]).toMatchObject({ state: 'closed', ended_at: backAtMs, open_key: null })
    expect((await rig.tickets()).map(row => [row.signal, row.status, row.device_id])).toEqual([
      ['site.offline', 'resolved', null],
      ['agent.offline', 'new', deviceIds[0]],
    ])
    const [alone] = (await rig.allIncidents()).filter(row => row.device_id === deviceIds[0])
    expect(alone).toMatchObject({ state: 'open', parent_id: null })
    expect(alone?.why).toContain('still away after 2 minutes of grace')
    expect((await rig.timeline(deviceIds[0] ?? '')).some(row => row.text.includes('part of the site outage'))).toBe(true)
  })

  it('opens nothing for a short blip, and nothing for too few', async () => {
    const rig = await makeRig(await open())
    const five = await siteOf(rig, 5)
    const three = await siteOf(rig, 3)
    await contact(rig, five.deviceIds, 'failing')
    await rig.pass(2 * MINUTE, SECOND)
    await contact(rig, five.deviceIds, 'ok')
    await rig.pass(5 * MINUTE, SECOND)
    expect([await rig.allIncidents(), await rig.tickets(), await rig.outbox()]).toEqual([[], [], []])
    await contact(rig, five.deviceIds.slice(0, 2), 'failing')
    await contact(rig, three.deviceIds, 'failing')
    await rig.pass(5 * MINUTE, 10 * SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(Array.from({ length: 5 }, () => 'agent.offline'))
    expect(await outagesIn(rig)).toEqual([])
  })

  it('pulls a ticket that a device got just before under the one of the site', async () => {
    const rig = await makeRig(await open())
    const { deviceIds } = await siteOf(rig, 4)
    const rule = await rig.catalogue.ruleFor(rig.db, 'agent.offline', { customerId: '', siteId: '', profileId: null, deviceId: '' })
    await inTransaction(rig.db, tx =>
      rig.catalogue.putRule(tx, {
        signal: 'agent.offline',
        scope: `device:${deviceIds[0]}`,
        rule: { ...rule, holdSeconds: 5 },
        by: 'test',
      }),
    )
    await contact(rig, deviceIds.slice(0, 1), 'failing')
    await rig.pass(30 * SECOND, SECOND)
    expect((await rig.tickets()).map(row => [row.signal, row.status])).toEqual([['agent.offline', 'new']])
    await contact(rig, deviceIds.slice(1), 'failing')
    await rig.pass(4 * MINUTE, SECOND)
    const [own, site] = await rig.tickets()
    expect([own?.signal, own?.status, site?.signal, site?.status]).toEqual(['agent.offline', 'closed', 'site.offline', 'new'])
    expect(own?.same_as_ticket_id).toBe(site?.id)
    expect(own?.why).toContain(`It goes on as ${site?.reference}`)
    expect(await rig.tickets()).toHaveLength(2)
  })

  it('raises no ticket where no device is covered, and one when the site is named for the second time in a day', async () => {
    const rig = await makeRig(await open())
    const { siteId, deviceIds } = await siteOf(rig, 4)
    const outage = async (): Promise<void> => {
      await contact(rig, deviceIds, 'failing')
      await rig.pass(4 * MINUTE, 5 * SECOND)
      await contact(rig, deviceIds, 'ok')
      await rig.pass(5 * MINUTE, 5 * SECOND)
    }
    await rig.db.updateTable('devices').set({ state: 'uncovered' }).where('site_id', '=', siteId).execute()
    await outage()
    const [first] = await outagesIn(rig)
    expect([first?.ticket_id, await rig.tickets()]).toEqual([null, []])
    expect(first?.why).toContain('None of its devices is covered by the plan')
    await rig.db.updateTable('devices').set({ state: 'active' }).where('site_id', '=', siteId).execute()
    await outage()
    await outage()
    expect((await rig.tickets()).map(row => [row.signal, row.occurrences, row.status])).toEqual([['site.offline', 2, 'resolved']])
    expect((await outagesIn(rig)).map(row => row.state)).toEqual(['closed', 'closed', 'closed'])
  })

  it('follows a rule that is switched off', async () => {
    const rig = await makeRig(await open())
    const { deviceIds } = await siteOf(rig, 4)
    const rule = await rig.catalogue.ruleFor(rig.db, 'site.offline', { customerId: '', siteId: '', profileId: null, deviceId: '' })
    await inTransaction(rig.db, tx =>
      rig.catalogue.putRule(tx, { signal: 'site.offline', scope: '', rule: { ...rule, enabled: false }, by: 'test' }),
    )
    await contact(rig, deviceIds, 'failing')
    await rig.pass(4 * MINUTE, 5 * SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(Array.from({ length: 4 }, () => 'agent.offline'))
  })

  it('names other sites that were lost behind the same address, as evidence only', async () => {
    const rig = await makeRig(await open())
    const here = await siteOf(rig, 4)
    const there = await siteOf(rig, 20)
    for (const id of [...here.deviceIds, ...there.deviceIds]) rig.addresses.set(id, '203.0.113.9')
    await contact(rig, [...here.deviceIds, ...there.deviceIds.slice(0, 2)], 'failing')
    await rig.pass(4 * MINUTE, 5 * SECOND)
    const [outage, none] = await outagesIn(rig)
    expect([outage?.site_id, none]).toEqual([here.siteId, undefined])
    const read = await rig.reader.read(outage?.id ?? '')
    const { data } = await rig.reader.evidence(read.id, read.evidence[0]?.id ?? '')
    expect(data).toMatchObject({ sameAddressAtOtherSites: [{ siteId: there.siteId, devices: 2 }] })
  })

  it('waits for the opening of a site that is closed', async () => {
    const rig = await makeRig(await open())
    const { deviceIds } = await siteOf(rig, 5, { openingHours: { hours: { mon: [['12:00', '20:00']] } } })
    await contact(rig, deviceIds, 'failing')
    await rig.pass(2 * HOUR, MINUTE)
    expect(await rig.tickets()).toEqual([])
    await rig.pass(3 * MINUTE, SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['site.offline'])
  })

  it('goes on when contact is lost again within the grace', async () => {
    const rig = await makeRig(await open())
    const { deviceIds } = await siteOf(rig, 5)
    await contact(rig, deviceIds, 'failing')
    await rig.pass(4 * MINUTE, SECOND)
    await contact(rig, deviceIds, 'ok')
    await rig.pass(MINUTE, SECOND)
    await contact(rig, deviceIds, 'failing')
    await rig.pass(10 * MINUTE, 10 * SECOND)
    expect((await outagesIn(rig)).map(row => row.state)).toEqual(['open'])
    expect((await rig.tickets()).map(row => [row.signal, row.occurrences, row.status])).toEqual([['site.offline', 1, 'new']])
  })
})

eachStore('a platform outage', open => {
  it('raises no ticket, tells the staff once, and looks at sites anew when it ends', async () => {
    const rig = await makeRig(await open())
    const one = await siteOf(rig, 5)
    const two = await siteOf(rig, 5)
    const other = await siteOf(rig, 5)
    await contact(rig, [...one.deviceIds, ...two.deviceIds], 'failing')
    await rig.pass(10 * MINUTE, 5 * SECOND)
    expect((await outagesIn(rig)).map(row => [row.kind, row.state, row.customer_id])).toEqual([['platform', 'open', null]])
    expect(await rig.tickets()).toEqual([])
    expect((await rig.outbox()).map(row => [row.address, row.subject])).toEqual([
      ['desk@example.com', 'Platform outage: a large part of all devices is offline'],
    ])
    expect((await rig.reader.read((await outagesIn(rig))[0]?.id ?? '')).children).toHaveLength(10)
    expect((await rig.reader.list({ scope: [one.customerId] })).items.map(item => item.kind)).toEqual(
      Array.from({ length: 5 }, () => 'device'),
    )
    expect((await rig.reader.list({ scope: null, kind: 'platform' })).items).toMatchObject([{ signal: 'platform.offline', siteId: null }])
    expect(rig.told.filter(change => change.id === 'platform').every(change => change.customerId === '')).toBe(true)

    // One site comes back but for one device, the other stays dark: that is a site outage.
    await contact(rig, one.deviceIds.slice(1), 'ok')
    await rig.pass(5 * SECOND)
    expect((await outagesIn(rig))[0]?.state).toBe('open')
    await contact(rig, two.deviceIds.slice(4), 'ok')
    await contact(rig, other.deviceIds, 'ok')
    await rig.pass(3 * MINUTE, SECOND)
    expect((await outagesIn(rig)).map(row => row.kind)).toEqual(['platform'])
    await contact(rig, one.deviceIds.slice(0, 1), 'ok')
    await rig.pass(3 * MINUTE, SECOND)
    expect((await outagesIn(rig)).map(row => [row.kind, row.state])).toEqual([
      ['platform', 'closed'],
      ['site', 'open'],
    ])
    expect((await rig.tickets()).map(row => [row.signal, row.site_id])).toEqual([['site.offline', two.siteId]])
  })

  it('is not one site alone, and not fewer than ten devices', async () => {
    const rig = await makeRig(await open())
    const big = await siteOf(rig, 12)
    await contact(rig, big.deviceIds, 'failing')
    await rig.pass(4 * MINUTE, SECOND)
    expect((await outagesIn(rig)).map(row => row.kind)).toEqual(['site'])
  })
})
