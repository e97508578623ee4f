/** A shop loses its switch: one ticket. The power returns, one kiosk stays dark: it gets its own, after the grace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Incident } from '../../shared/api/incidents/incident-api.ts'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { postgresPlace } from '../support/stores.ts'
import { until } from '../support/until.ts'
import { makeWorld, type World } from '../support/world.ts'

type Ticket = {
  id: string
  reference: string
  status: string
  level: number
  signal: string
  deviceId: string | null
  siteId: string
  why: string[]
}
type Page<Item> = { items: Item[] }

const SECOND = 1_000
const RULE = { enabled: true, fixedBy: 'onsite', remedies: [], ladderSeconds: 0 }

describe.each(['sqlite', 'postgres'] as const)('a site without its switch (%s)', kind => {
  let world: World
  let place: { customerId: string; siteId: string }
  let devices: ScriptedDevice[]
  /** How far the server's clock is ahead of ours. */
  let aheadMs = 0

  const tickets = async (): Promise<Ticket[]> => (await world.ok<Page<Ticket>>('GET', `/tickets?customerId=${place.customerId}`)).items
  const incidents = async (query: string): Promise<Incident[]> => (await world.ok<Page<Incident>>('GET', `/incidents?${query}`)).items
  const back = async (device: ScriptedDevice): Promise<void> => {
    await device.connect()
    await device.birth()
    await until('online', async () => (await world.device(device.id)).connection === 'online')
  }
  /** Time goes on for the server; devices that are there are heard meanwhile. */
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 20) {
      aheadMs += Math.min(20, left) * SECOND
      for (const device of devices) if (device.client) await device.event('app.errors', 'ok')
    }
  }

  beforeAll(async () => {
    const environment: Record<string, string> = kind === 'postgres' ? { KIOSKEEPER_DATABASE_URL: (await postgresPlace()).location } : {}
    world = await makeWorld(environment, () => Date.now() + aheadMs)
    await world.ok('PUT', '/rules/agent.offline', { ...RULE, signal: 'agent.offline', level: 2, holdSeconds: 3, clearSeconds: 1 })
    await world.ok('PUT', '/rules/site.offline', { ...RULE, signal: 'site.offline', level: 1, holdSeconds: 0, clearSeconds: 1 })
    place = await world.makeCustomer('ombori-production')
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Ada Owner', email: 'ada@shop.example' })
    const token = await world.enrolmentToken(place)
    devices = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(machine => enrolledDevice(world.url, token, machine)))
    for (const device of devices) await back(device)
  })
  afterAll(async () => {
    for (const device of devices) device.kill()
    await world.stop()
  })

  it('raises one ticket for the site and none for its devices', async () => {
    for (const device of devices) device.kill()
    const pending = await until('site incident', async () => (await incidents(`kind=site&siteId=${place.siteId}`))[0])
    expect(pending).toMatchObject({ kind: 'site', signal: 'site.offline', deviceId: null, siteId: place.siteId, parentId: null })
    const ticket = await until('ticket', async () => (await tickets())[0])
    expect(ticket).toMatchObject({ signal: 'site.offline', level: 1, deviceId: null, siteId: place.siteId, status: 'new' })
    const site = await until('children', async () => {
      const read = await world.ok<Incident>('GET', `/incidents/${pending.id}`)
      return read.children.length === 5 ? read : null
    })
    expect(site).toMatchObject({ state: 'open', ticketId: ticket.id })
    expect(site.why.join(' ')).toContain('One ticket for the site')
    const children = await incidents('signal=agent.offline')
    expect(children.map(child => [child.state, child.ticketId, child.parentId])).toEqual(
      Array.from({ length: 5 }, () => ['open', null, site.id]),
    )
    expect(await tickets()).toHaveLength(1)
    const { data } = await world.ok<{ data: { devices: { publicAddress: string | null }[]; sharesOneAddress: boolean } }>(
      'GET',
      `/incidents/${site.id}/evidence/${site.evidence[0]?.id ?? ''}`,
    )
    expect(data.sharesOneAddress).toBe(true)
    expect(data.devices.map(device => device.publicAddress)).toEqual(Array.from({ length: 5 }, () => '127.0.0.1'))
    expect(world.mailbox.mails.filter(mail => mail.subject.includes('no contact'))).toEqual([])
  })

  it('recovers when the power returns; the device that stays away opens on its own after the grace', async () => {
    const [dark, ...others] = devices
    for (const device of others) await back(device)
    const recovering = await until('recovering', async () => (await incidents('kind=site&state=recovering'))[0])
    await pass(100)
    expect(await tickets()).toHaveLength(1)
    await pass(30)
    const own = await until('own ticket', async () => (await tickets()).find(ticket => ticket.signal === 'agent.offline'))
    expect(own).toMatchObject({ deviceId: dark?.id, level: 2, status: 'new' })
    const all = await tickets()
    expect(all).toHaveLength(2)
    expect(all.find(ticket => ticket.signal === 'site.offline')?.status).toBe('resolved')
    const site = await world.ok<Incident>('GET', `/incidents/${recovering.id}`)
    expect(site.state).toBe('closed')
    const [alone] = await incidents(`deviceId=${dark?.id}&state=open`)
    expect(alone).toMatchObject({ parentId: null, ticketId: own.id })
    expect(alone?.why.at(-1)).toContain('still away after 2 minutes of grace')
    const timeline = await world.ok<Page<{ text: string }>>('GET', `/devices/${dark?.id}/timeline`)
    expect(timeline.items.some(item => item.text.includes('part of the site outage'))).toBe(true)
  })
})
