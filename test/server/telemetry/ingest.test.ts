import { expect, it, vi } from 'vitest'
import { encodeMessage } from '../../../shared/decode.ts'
import { newEpoch } from '../../../shared/ids.ts'
import type { UpKind } from '../../../shared/topics.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { takeErrorLines } from '../../support/test-log.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')
const MINUTE_MS = 60_000

async function makeLink(store: Store) {
  let nowMs = START_MS
  const now = () => nowMs
  const { db } = store
  const start = () => makeTestHouse(store, now)
  const running = start()
  const { customers, sites, enrolment, samples } = running
  await running.catalogue.load()
  const customer = await customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
  const site = await sites.createSite(customer.id, { name: 'Street' })
  const { token } = await enrolment.createToken({
    customerId: customer.id,
    siteId: site.id,
    maxUses: 50,
    expiresAtMs: null,
    createdBy: 'test',
  })
  const enrol = async (machineId: string): Promise<string> => {
    const outcome = await enrolment.enrol({ token, machineId, hostname: machineId, platform: 'linux', agentVersion: '1' })
    return outcome.admitted ? outcome.answer.deviceId : ''
  }
  const arrive = (deviceId: string, kind: UpKind, message: object | Buffer) => ({
    deviceId,
    kind,
    payload: Buffer.isBuffer(message) ? message : encodeMessage(message),
    receivedAtMs: nowMs,
  })
  const birth = (q: number, e: string, sid: string, bid = 'b1') => ({
    v: 1,
    t: 'birth',
    e,
    q,
    ts: nowMs,
    up: 1000,
    su: 1000,
    bid,
    d: { sid, agentVersion: '1', hostname: 'k', platform: 'linux' },
  })
  const stateOf = async (deviceId: string) =>
    db.selectFrom('device_states').selectAll().where('device_id', '=', deviceId).executeTakeFirstOrThrow()
  return { db, ...running, start, enrol, arrive, birth, stateOf, samples, pass: (ms: number) => void (nowMs += ms), now }
}

eachStore('ingest', open => {
  it('keeps the order birth, will, birth within one group, and hears no will of an older session', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    link.presence.admitted(id, 'c')
    const epoch = newEpoch()
    await link.ingest.commit([
      link.arrive(id, 'birth', link.birth(1, epoch, 's1')),
      link.arrive(id, 'birth', link.birth(2, epoch, 's2')),
      link.arrive(id, 'will', { v: 1, t: 'will', sid: 's1' }),
    ])
    expect((await link.stateOf(id)).connection).toBe('online')
    await link.ingest.commit([link.arrive(id, 'will', { v: 1, t: 'will', sid: 's2' })])
    expect((await link.stateOf(id)).connection).toBe('offline')
  })

  it('stores samples at the instant they were taken, whatever the device thinks the time is', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    const epoch = newEpoch()
    await link.ingest.commit([link.arrive(id, 'birth', link.birth(1, epoch, 's1'))])
    const wrongClockMs = Date.parse('2001-01-01T00:00:00Z')
    await link.ingest.commit([
      link.arrive(id, 'met', {
        v: 1,
        t: 'met',
        e: epoch,
        q: 2,
        ts: wrongClockMs,
        up: 100_000,
        su: 160_000,
        bid: 'b1',
        d: {
          samples: [
            { up: 70_000, m: { cpuPercent: 1 } },
            { up: 100_000, m: { cpuPercent: 2 } },
          ],
        },
      }),
    ])
    const { points } = await link.samples.read(id, { metric: 'cpuPercent', fromMs: null, toMs: START_MS + 1 })
    expect(points.map(([at, , avg]) => [START_MS - Date.parse(at), avg])).toEqual([
      [90_000, 1],
      [60_000, 2],
    ])
  })

  it('puts a bad message of a group aside and stores the rest', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    const epoch = newEpoch()
    await link.ingest.commit([
      link.arrive(id, 'evt', Buffer.from('{')),
      link.arrive(id, 'birth', link.birth(1, epoch, 's1')),
      link.arrive(
        id,
        'evt',
        Buffer.from(JSON.stringify({ ...link.birth(2, epoch, 's'), t: 'evt', d: { signal: 'NOT A SIGNAL', state: 'ok', text: 'x' } })),
      ),
    ])
    const rows = await link.db.selectFrom('quarantine').select(['fault', 'device_id']).orderBy('fault').execute()
    expect(rows).toEqual([
      { fault: 'not-json', device_id: id },
      { fault: 'schema', device_id: id },
    ])
    expect((await link.stateOf(id)).connection).toBe('online')
  })

  it('remembers nothing of a group whose commit failed: the same messages are stored when they come again', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    const epoch = newEpoch()
    const group = [
      link.arrive(id, 'birth', link.birth(1, epoch, 's1')),
      link.arrive(id, 'evt', { ...link.birth(2, epoch, 's1'), t: 'evt', d: { signal: 'app.errors', state: 'ok', text: 'first' } }),
    ]
    const transaction = vi.spyOn(link.db, 'transaction').mockImplementationOnce(() => {
      throw new Error('disk full')
    })
    await expect(link.ingest.commit(group)).rejects.toThrow('disk full')
    transaction.mockRestore()
    expect(takeErrorLines().join('')).toContain('the store refuses device messages')
    await link.ingest.commit(group)
    await link.ingest.commit(group)
    expect(await link.db.selectFrom('timeline').select('text').where('kind', '=', 'event').execute()).toEqual([{ text: 'first' }])
  })

  it('after a restart nobody is offline from silence for 210 s, then those who did not come back are', async () => {
    const link = await makeLink(await open())
    const [back, gone, bye] = [await link.enrol('back'), await link.enrol('gone'), await link.enrol('bye')]
    const epochs = new Map([back, gone, bye].map(id => [id, newEpoch()]))
    const born = (id: string, q: number, sid: string) => link.arrive(id, 'birth', link.birth(q, epochs.get(id) ?? '', sid))
    await link.ingest.commit([born(back, 1, 's1'), born(gone, 1, 's1'), born(bye, 1, 's1')])
    await link.ingest.commit([
      link.arrive(bye, 'will', { v: 1, t: 'will', sid: 's1', bye: true, reason: 'shutdown', expectedBackAt: null }),
    ])
    link.pass(MINUTE_MS)
    const again = link.start()
    await again.presence.start()
    expect((await link.stateOf(back)).connection).toBe('unknown')
    expect((await link.stateOf(bye)).connection).toBe('planned-offline')
    again.presence.admitted(back, 'c')
    again.presence.connected(back, 1, false)
    await again.ingest.commit([born(back, 2, 's2')])
    link.pass(3 * MINUTE_MS)
    again.presence.heard(back, link.now())
    await again.presence.sweep()
    expect((await link.stateOf(gone)).connection).toBe('unknown')
    link.pass(MINUTE_MS)
    again.presence.heard(back, link.now())
    await again.presence.sweep()
    expect((await link.stateOf(gone)).connection).toBe('offline')
    expect((await link.stateOf(back)).connection).toBe('online')
    expect((await link.stateOf(bye)).connection).toBe('planned-offline')
  })

  it('an open but silent connection is suspect after 30 s, offline after 90 s, and online again when heard', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    link.presence.admitted(id, 'c')
    link.presence.connected(id, 1, false)
    await link.ingest.commit([link.arrive(id, 'birth', link.birth(1, newEpoch(), 's1'))])
    const after = async (ms: number): Promise<string> => {
      link.pass(ms)
      await link.presence.sweep()
      return (await link.stateOf(id)).connection
    }
    expect(await after(29_000)).toBe('online')
    expect(await after(1_000)).toBe('suspect')
    expect(await after(59_000)).toBe('suspect')
    expect(await after(1_000)).toBe('offline')
    link.presence.heard(id, link.now())
    expect(await after(0)).toBe('online')
  })

  it('more than three takeovers in five minutes mean a cloned credential', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    link.presence.admitted(id, 'c')
    for (let index = 1; index <= 4; index += 1) link.presence.connected(id, index, index > 1)
    await link.presence.sweep()
    const cloned = () => link.db.selectFrom('conditions').select('state').where('signal', '=', 'agent.cloned').executeTakeFirst()
    expect(await cloned()).toBeUndefined()
    link.presence.connected(id, 5, true)
    await link.presence.sweep()
    expect((await cloned())?.state).toBe('failing')
  })

  it('rolls samples up, reads the resolution that fits the span, and lets old ones go', async () => {
    const link = await makeLink(await open())
    const id = await link.enrol('m')
    const epoch = newEpoch()
    await link.ingest.commit([link.arrive(id, 'birth', link.birth(1, epoch, 's1'))])
    for (let minute = 0; minute < 180; minute += 1) {
      link.pass(MINUTE_MS)
      await link.ingest.commit([
        link.arrive(id, 'met', {
          v: 1,
          t: 'met',
          e: epoch,
          q: minute + 2,
          ts: link.now(),
          up: 1,
          su: 1,
          bid: 'b1',
          d: { samples: [{ up: 1, m: { cpuPercent: minute % 10, 'diskUsedPercent:root': 50 } }] },
        }),
      ])
    }
    link.pass(5 * MINUTE_MS)
    expect(await link.samples.rollUp()).toBe(1)
    const fine = await link.samples.read(id, { metric: 'cpuPercent', fromMs: START_MS - 3 * 86_400_000, toMs: link.now() })
    expect(fine.points.length).toBeGreaterThanOrEqual(36)
    expect(fine.points.slice(1, 3).map(([, min, avg, max]) => [min, avg, max])).toEqual([
      [4, 6, 8],
      [0, 3, 9],
    ])
    const coarse = await link.samples.read(id, { metric: 'cpuPercent', fromMs: START_MS - 30 * 86_400_000, toMs: link.now() })
    expect(coarse.points).toHaveLength(4)
    expect(coarse.points[1]).toEqual([new Date(START_MS + 3_600_000).toISOString(), 0, 4.5, 9])
    link.pass(20 * 86_400_000)
    await link.samples.forget()
    expect(await link.db.selectFrom('samples').select('at').execute()).toEqual([])
    expect(
      (await link.samples.read(id, { metric: 'cpuPercent', fromMs: START_MS - 86_400_000, toMs: START_MS + 86_400_000 })).points.length,
    ).toBeGreaterThan(30)
  })
})
