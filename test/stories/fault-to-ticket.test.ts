/** The main story at the outside: a fault on a device becomes a ticket with a promise, and ends by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { postgresPlace } from '../support/stores.ts'
import { until } from '../support/until.ts'
import { makeWorld, type World } from '../support/world.ts'

type Ticket = {
  id: string
  reference: string
  status: string
  level: number
  source: string
  clocks: { response: { state: string; dueAt: string | null; why: string } }
  deviceId: string
  occurrences: number
  partnerId: string | null
}
type Page<Item> = { items: Item[] }

describe.each(['sqlite', 'postgres'] as const)('a fault on a device (%s)', kind => {
  let world: World
  let place: { customerId: string; siteId: string }
  let token: string
  let device: ScriptedDevice

  const tickets = async (deviceId: string): Promise<Ticket[]> =>
    (await world.ok<Page<Ticket>>('GET', `/tickets?deviceId=${deviceId}`)).items
  const fresh = async (machine: string): Promise<ScriptedDevice> => {
    const made = await enrolledDevice(world.url, token, machine)
    await made.connect()
    await made.birth()
    await until('online', async () => (await world.device(made.id)).connection === 'online')
    return made
  }

  beforeAll(async () => {
    world = await makeWorld(kind === 'postgres' ? { KIOSKEEPER_DATABASE_URL: (await postgresPlace()).location } : {})
    await world.ok('PUT', '/rules/process.missing', {
      signal: 'process.missing',
      enabled: true,
      level: 2,
      holdSeconds: 1,
      clearSeconds: 1,
      fixedBy: 'remote',
      remedies: [],
      ladderSeconds: 0,
    })
    await world.ok('PUT', '/rules/usb.missing', {
      signal: 'usb.missing',
      enabled: true,
      level: 2,
      holdSeconds: 1,
      clearSeconds: 1,
      fixedBy: 'onsite',
      skill: 'peripheral',
      remedies: [],
      ladderSeconds: 0,
    })
    const partner = await world.ok('POST', '/partners', {
      name: 'Field Service North',
      email: 'dispatch@partner.example',
      regions: ['north'],
      skills: ['peripheral', 'display'],
    })
    place = await world.makeCustomer('ombori-production')
    await world.ok('PATCH', `/customers/${place.customerId}/sites/${place.siteId}`, { partnerId: partner.id })
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Ada Owner', email: 'ada@shop.example' })
    token = await world.enrolmentToken(place)
    device = await fresh('m1')
  })
  afterAll(async () => {
    device.kill()
    await world.stop()
  })

  it('shows the incident at once, the ticket after its hold with due times and the rule that caused them, and mails the people', async () => {
    await device.event('process.missing:till', 'failing', 'Process till is not running')
    const incident = await until(
      'incident',
      async () =>
        (await world.ok<Page<{ signal: string; component: string; state: string }>>('GET', `/incidents?deviceId=${device.id}`)).items[0],
    )
    expect(incident).toMatchObject({ signal: 'process.missing', component: 'till' })
    const ticket = await until('ticket', async () => (await tickets(device.id))[0])
    expect(ticket).toMatchObject({ source: 'monitoring', status: 'new', level: 2, occurrences: 1 })
    expect(ticket.clocks.response.dueAt).not.toBeNull()
    expect(ticket.clocks.response.why).toMatch(/1 h response.*Production.*level 2/i)
    const mails = await until('mails', () =>
      world.mailbox.mails.filter(mail => mail.subject.includes(ticket.reference)).length >= 2 ? world.mailbox.mails : null,
    )
    expect(new Set(mails.filter(mail => mail.subject.includes(ticket.reference)).flatMap(mail => mail.to))).toEqual(
      new Set(['desk@kioskeeper.example', 'ada@shop.example']),
    )
    expect((await world.device(device.id)).verdict).toBe('degraded')

    const recoveredAtMs = Date.now()
    await device.event('process.missing:till', 'ok', 'Process till runs again')
    const done = await until('resolved', async () => (await tickets(device.id)).find(item => item.status === 'resolved'))
    expect(done.clocks.response.state).toBe('cancelled')
    const { items } = await world.ok<Page<{ endedAt: string; state: string }>>('GET', `/incidents?deviceId=${device.id}`)
    expect(items[0]?.state).toBe('closed')
    expect(Math.abs(Date.parse(items[0]?.endedAt ?? '') - recoveredAtMs)).toBeLessThan(1000)
    await until('serving again', async () => (await world.device(device.id)).verdict === 'serving')
  })

  it('reopens the same ticket when the fault is back within a day', async () => {
    await device.event('process.missing:till', 'failing', 'Process till is not running')
    const again = await until('reopened', async () => (await tickets(device.id)).find(item => item.occurrences === 2))
    expect((await tickets(device.id)).length).toBe(1)
    expect(again.status).not.toBe('resolved')
    await device.event('process.missing:till', 'ok', 'Process till runs again')
  })

  it('routes what only hands on site can mend to the partner of the site, once', async () => {
    await device.event('usb.missing:scanner', 'failing', 'Scanner is not on the bus')
    const ticket = await until('ticket', async () => (await tickets(device.id)).find(item => item.partnerId !== null))
    const toPartner = () =>
      world.mailbox.mails.filter(mail => mail.to.includes('dispatch@partner.example') && mail.subject.includes(ticket.reference))
    await until('the ticket and the offer of its visit', () => toPartner().length >= 2)
    expect(toPartner().map(mail => /New ticket|Visit asked for/.exec(mail.subject)?.[0])).toEqual(
      expect.arrayContaining(['New ticket', 'Visit asked for']),
    )
    expect(toPartner()).toHaveLength(2)
    await device.event('usb.missing:scanner', 'ok', 'Scanner is back')
  })

  it('mended within its hold, it is an event and no ticket', async () => {
    const other = await fresh('m2')
    await other.event('process.missing:till', 'failing')
    await other.event('process.missing:till', 'ok')
    await until(
      'timeline',
      async () =>
        (await world.ok<Page<{ kind: string }>>('GET', `/devices/${other.id}/timeline`)).items.filter(item => item.kind === 'event')
          .length === 2,
    )
    await other.event('process.missing:other', 'failing')
    await until('a later ticket', async () => (await tickets(other.id)).length > 0)
    expect(await tickets(other.id)).toHaveLength(1)
    await other.goodbye()
    await until('planned offline', async () => (await world.device(other.id)).connection === 'planned-offline')
  })

  it('a killed device is offline within a second, a stopped one planned-offline', async () => {
    const other = await fresh('m3')
    const killedAtMs = Date.now()
    other.kill()
    await until('offline', async () => (await world.device(other.id)).connection === 'offline', 1000)
    expect(Date.now() - killedAtMs).toBeLessThan(1500)
    await other.connect()
    await other.birth()
    await until('online', async () => (await world.device(other.id)).connection === 'online')
    await other.goodbye('maintenance')
    const after = await until('planned', async () => {
      const read = await world.device(other.id)
      return read.connection === 'planned-offline' ? read : null
    })
    expect(after.verdict).toBe('closed')
  })

  it('stores a message once, however often it comes', async () => {
    const message = device.envelope('evt', { signal: 'app.errors', state: 'ok', text: 'sent twenty times' })
    for (let index = 0; index < 20; index += 1) await device.publish('evt', message)
    const { items } = await world.ok<Page<{ text: string }>>('GET', `/devices/${device.id}/timeline?limit=200`)
    expect(items.filter(item => item.text === 'sent twenty times')).toHaveLength(1)
  })

  it('keeps a message that breaks the contract aside, counts it, and goes on', async () => {
    await device.publish('evt', Buffer.from('{"v":1,"t":"evt","nonsense'))
    await device.publish('met', device.envelope('met', { samples: [{ up: 1, m: { 'bad name!': 1 } }] }))
    await device.event('app.errors', 'ok', 'still here')
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toMatch(/kioskeeper_quarantined_total\{fault="not-json"\} 1/)
    expect(metrics).toMatch(/kioskeeper_quarantined_total\{fault="schema"\} 1/)
  })

  it('sends a changed rule about remedies to the devices it concerns', async () => {
    const configs = () => device.received.filter(message => message.topic.endsWith('/dn/cfg')).map(message => message.payload.toString())
    const before = configs().length
    await world.ok('PUT', `/rules/disk.full?scope=site:${place.siteId}`, {
      enabled: true,
      level: 2,
      holdSeconds: 60,
      clearSeconds: 60,
      fixedBy: 'remote',
      remedies: [{ id: 'clear-caches', attempts: 7, cooldownSeconds: 77 }],
      ladderSeconds: 300,
    })
    const newest = await until('the new configuration', () => (configs().length > before ? configs().at(-1) : null))
    expect(Buffer.from(newest.split('.', 1)[0] ?? '', 'base64url').toString()).toContain(
      '{"id":"clear-caches","attempts":7,"cooldownSeconds":77}',
    )
  })

  it('sends the signed configuration and draws samples by corrected time', async () => {
    expect(device.received.some(message => message.topic.endsWith('/dn/cfg'))).toBe(true)
    expect(device.received.some(message => message.topic.endsWith('/dn/sys') && message.payload.toString().includes('"hello"'))).toBe(true)
    await device.metrics({ cpuPercent: 12.5, 'diskUsedPercent:root': 40 })
    const { points, unit } = await world.ok<{ points: [string, number, number, number][]; unit: string }>(
      'GET',
      `/devices/${device.id}/samples?metric=cpuPercent`,
    )
    expect(unit).toBe('%')
    expect(points).toHaveLength(1)
    expect(points[0]?.[2]).toBe(12.5)
    expect(Math.abs(Date.parse(points[0]?.[0] ?? '') - Date.now())).toBeLessThan(2000)
  })
})
