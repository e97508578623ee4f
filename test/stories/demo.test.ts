/** The demo: a past made by the real rules holds together, and a second start goes on with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../shared/api/devices/device-api.ts'
import { readSettings, type Settings } from '../../server/config.ts'
import { openStore, type Store } from '../../server/database/database.ts'
import { newSigningKey } from '../../shared/signing.ts'
import { startDemo } from '../demo/demo-run.ts'
import { seededRandom } from '../demo/demo-random.ts'
import { makeHistory, type History } from '../demo/history.ts'
import { sqlitePlace, type StoreLocation } from '../support/stores.ts'
import { testLog } from '../support/test-log.ts'
import { makeTestHouse } from '../support/test-house.ts'
import { until } from '../support/until.ts'

const END = Date.parse('2026-11-20T11:00:00Z')
const HOUR_MS = 3_600_000

async function makePast(days: number, customers: number): Promise<{ place: StoreLocation; store: Store; history: History }> {
  const place = sqlitePlace()
  const store = await openStore(place.location)
  const history = await makeHistory({
    store,
    endMs: END,
    days,
    seed: 5,
    faultsPerMonth: 30,
    customers,
    signingKey: newSigningKey('past'),
    deskEmail: 'desk@demo.example',
    progress: () => undefined,
  })
  return { place, store, history }
}

describe('a past in virtual time', () => {
  let past: Awaited<ReturnType<typeof makePast>>
  beforeAll(async () => {
    past = await makePast(4, 100)
  }, 120_000)
  afterAll(async () => {
    await past.store.close()
    await past.place.remove()
  })

  it('has an incident for every fault that is past its hold, and one only', async () => {
    const { db } = past.store
    const failing = await db.selectFrom('conditions').selectAll().where('state', 'in', ['failing', 'recovering']).execute()
    expect(failing.length).toBeGreaterThan(4)
    for (const condition of failing)
      if (condition.opens_at === null) expect(condition.incident_id, `${condition.device_id} ${condition.signal}`).not.toBeNull()
    const open = await db.selectFrom('incidents').selectAll().where('state', '!=', 'closed').execute()
    expect(new Set(open.map(incident => incident.open_key)).size).toBe(open.length)
    expect(open.every(incident => incident.open_key !== null && incident.ended_at === null)).toBe(true)
    const closed = await db.selectFrom('incidents').selectAll().where('state', '=', 'closed').execute()
    expect(closed.length).toBeGreaterThan(30)
    expect(
      closed.every(
        incident =>
          incident.open_key === null && incident.ended_at !== null && incident.ended_at >= incident.started_at && incident.ended_at <= END,
      ),
    ).toBe(true)
  })

  it('leaves no deadline behind, and no clock that contradicts itself', async () => {
    const { db } = past.store
    const tickets = new Map((await db.selectFrom('tickets').selectAll().execute()).map(ticket => [ticket.id, ticket]))
    expect(tickets.size).toBeGreaterThan(60)
    for (const ticket of tickets.values()) {
      expect(ticket.created_at).toBeLessThanOrEqual(END)
      if (ticket.next_deadline_at !== null) expect(ticket.next_deadline_at, ticket.reference).toBeGreaterThan(END - 2000)
    }
    const clocks = await db.selectFrom('clocks').selectAll().execute()
    const cycles = new Set(clocks.map(clock => `${clock.ticket_id} ${clock.kind} ${clock.cycle}`))
    expect(cycles.size).toBe(clocks.length)
    for (const clock of clocks) {
      const ticket = tickets.get(clock.ticket_id)
      const name = `${ticket?.reference} ${clock.kind} ${clock.cycle} ${clock.state}`
      if (clock.state === 'running') {
        expect(clock.due_at, name).not.toBeNull()
        expect(clock.due_at as number, name).toBeGreaterThan(END - 2000)
        expect(ticket?.status, name).not.toMatch(/resolved|closed/)
      }
      if (clock.state === 'met') expect(clock.ended_at, name).toBeLessThanOrEqual(clock.due_at ?? Infinity)
      if (clock.state === 'breached') expect(clock.breached_at, name).not.toBeNull()
      expect(clock.used_seconds, name).toBeGreaterThanOrEqual(0)
    }
    const due = await db
      .selectFrom('conditions')
      .selectAll()
      .where(e => e.or([e('opens_at', '<=', END), e('clears_at', '<=', END)]))
      .execute()
    expect(due).toEqual([])
    expect((await db.selectFrom('quarantine').selectAll().execute()).length).toBe(0)
  })

  it('leaves a present with every kind of situation', async () => {
    const house = makeTestHouse(past.store, () => END)
    await house.catalogue.load()
    const { items: devices } = await house.fleet.list({ limit: 500, scope: null })
    const count = (test: (device: Device) => boolean): number => devices.filter(test).length
    expect(devices.length).toBeGreaterThanOrEqual(60)
    expect(new Set(devices.map(device => device.siteId)).size).toBeGreaterThanOrEqual(10)
    expect(count(device => device.verdict === 'serving')).toBeGreaterThan(devices.length / 3)
    expect(count(device => device.verdict === 'not-serving')).toBeGreaterThanOrEqual(2)
    expect(count(device => device.verdict === 'degraded')).toBeGreaterThanOrEqual(2)
    expect(count(device => device.connection === 'planned-offline')).toBeGreaterThanOrEqual(2)
    expect(devices.filter(device => device.state === 'waiting').map(device => device.customerName)).toEqual(['Hollow Hill Coffee'])
    const { items: customers } = await past.store.db
      .selectFrom('customers')
      .selectAll()
      .execute()
      .then(items => ({ items }))
    expect(new Set(customers.map(customer => customer.plan_id)).size).toBe(14)
    const { items: tickets } = await house.ticketing.list({ limit: 500, scope: null, partnerOnly: null })
    expect(new Set(tickets.map(ticket => ticket.status))).toEqual(
      new Set(['new', 'in-progress', 'waiting-customer', 'waiting-partner', 'waiting-information', 'resolved', 'closed']),
    )
    expect(tickets.some(ticket => ticket.clocks.response.state === 'breached' && ticket.status === 'new')).toBe(true)
    const statesOf = async (table: 'visits' | 'majors'): Promise<Set<string>> =>
      new Set((await past.store.db.selectFrom(table).select('state').execute()).map(row => row.state))
    expect(await statesOf('visits')).toEqual(new Set(['offered', 'accepted', 'scheduled', 'on-site', 'done', 'declined', 'cancelled']))
    expect(await statesOf('majors')).toEqual(new Set(['open', 'ended']))
    const wanted = ['ticket_merges', 'ticket_links', 'defect_tickets', 'macros', 'on_call_rotas', 'chat_conversations'] as const
    for (const table of [...wanted, 'article_helps'] as const)
      expect((await past.store.db.selectFrom(table).selectAll().execute()).length, table).toBeGreaterThan(0)
    const waits = await past.store.db.selectFrom('outbox').select('state').where('subject', 'like', 'A device waits%').execute()
    expect(waits).toEqual([{ state: 'sent' }, { state: 'sent' }])
  })

  it('has samples of every hour for a device that was there', async () => {
    const house = makeTestHouse(past.store, () => END)
    const { deviceId } = past.history.logins[0] as History['logins'][number]
    const { points } = await house.samples.read(deviceId, { metric: 'cpuPercent', fromMs: END - 24 * HOUR_MS, toMs: END })
    expect(points.length).toBeGreaterThan(1000)
    const coarse = await house.samples.read(deviceId, { metric: 'cpuPercent', fromMs: END - 60 * HOUR_MS, toMs: END })
    expect(coarse.points.length).toBeGreaterThan(300)
  })

  it('is the same past for the same seed and end', async () => {
    const shape = async (): Promise<unknown> => {
      const { store, place } = await makePast(2, 3)
      const tickets = await store.db
        .selectFrom('tickets')
        .select(['reference', 'status', 'level', 'subject', 'created_at', 'occurrences'])
        .orderBy('reference')
        .execute()
      const incidents = await store.db
        .selectFrom('incidents')
        .select(['signal', 'started_at', 'ended_at', 'text'])
        .orderBy('started_at')
        .orderBy('signal')
        .orderBy('ended_at')
        .execute()
      await store.close()
      await place.remove()
      return { tickets, incidents }
    }
    expect(await shape()).toEqual(await shape())
  }, 60_000)

  it('draws its chances from the seed alone', () => {
    const draws = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed).next)
    expect(draws(1)).toEqual(draws(1))
    expect(draws(1)).not.toEqual(draws(2))
  })
})

describe('a demo that is started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-demo-'))
  const settingsIn = (dataDir: string): Settings =>
    readSettings({
      KIOSKEEPER_DATA_DIR: dataDir,
      KIOSKEEPER_HTTP_PORT: '0',
      KIOSKEEPER_HTTPS_PORT: '0',
      KIOSKEEPER_MQTT_PORT: '0',
      KIOSKEEPER_MQTTS_PORT: '0',
    })
  const start = (dataDir = join(folder, 'demo')) =>
    startDemo({
      settings: settingsIn(dataDir),
      log: testLog(),
      progress: () => undefined,
      history: { days: 1, customers: 4, faultsPerMonth: 10 },
    })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('has live devices, this machine and a login, and goes on at the next start instead of beginning anew', async () => {
    const first = await start()
    expect(first.wasBuilt).toBe(true)
    const lookAround = async (demo: typeof first): Promise<Device[]> => {
      const url = `http://127.0.0.1:${demo.server.ports.http}/api/v1`
      const login = await fetch(`${url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(demo.admin),
      })
      expect(login.status).toBe(200)
      const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] as string
      return until('everybody is there', async () => {
        const { items } = (await (await fetch(`${url}/devices?limit=500`, { headers: { cookie } })).json()) as { items: Device[] }
        const here = items.find(device => device.id === demo.thisMachineId)
        return here?.connection === 'online' && items.filter(device => device.connection === 'online').length === demo.live.online() + 1
          ? items
          : null
      })
    }
    const before = await lookAround(first)
    expect(first.people.map(person => person.of.split(',')[0])).toEqual(['second of the desk', 'customer portal', "partner's jobs"])
    await first.stop()
    const second = await start()
    expect(second).toMatchObject({ wasBuilt: false, admin: first.admin, people: first.people, thisMachineId: first.thisMachineId })
    const after = await lookAround(second)
    expect(after.map(device => device.id).sort()).toEqual(before.map(device => device.id).sort())
    await second.stop()
  }, 90_000)

  it('makes it anew when the first start was interrupted, and touches no installation that is not a demo', async () => {
    const half = mkdtempSync(join(folder, 'half-'))
    writeFileSync(join(half, 'demo.json'), JSON.stringify({ state: 'building', logins: [], here: null, admin: null }))
    writeFileSync(join(half, 'kioskeeper.db'), 'half a database')
    const demo = await startDemo({
      settings: settingsIn(half),
      log: testLog(),
      progress: () => undefined,
      history: { days: 1, customers: 1, faultsPerMonth: 1 },
      thisMachine: false,
    })
    expect(demo.wasBuilt).toBe(true)
    await demo.stop()
    const real = mkdtempSync(join(folder, 'real-'))
    await (await openStore(join(real, 'kioskeeper.db'))).close()
    await expect(start(real)).rejects.toThrow('is not a demo')
  }, 60_000)
})
