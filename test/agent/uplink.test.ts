import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../agent/platform/agent-clock.ts'
import { openSpool } from '../../agent/link/spool.ts'
import type { Spool } from '../../agent/link/spool-types.ts'
import type { Uplink, UplinkOptions } from '../../agent/link/uplink-types.ts'
import { makeUplink } from '../../agent/link/uplink.ts'
import { openCertificates } from '../../server/platform/instance/certificates.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { shardOf } from '../../shared/topics.ts'
import { testLog } from '../support/test-log.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'
import { waitFor } from './wait-for.ts'

const BOOT = 'boot-1'
const deviceId = newDeviceId()
let folder: string
let broker: TestBroker
let spool: Spool
let open: Uplink[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kk-uplink-'))
  broker = await startTestBroker()
  spool = openTestSpool()
  open = []
})
afterEach(async () => {
  await Promise.all(open.map(uplink => uplink.stop('shutdown', null)))
  spool.close()
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

const openTestSpool = (): Spool =>
  openSpool({ path: join(folder, 'spool.db'), clock: systemClock, log: testLog(), bootId: BOOT, expectedEpoch: null, onGap() {} })

/** Time that runs `speed` times as fast as the wall's: back-off and time limits without waiting for them. */
function fastClock(speed: number): Clock {
  const startMs = systemClock.monotonicMs()
  return {
    wallMs: () => systemClock.wallMs(),
    monotonicMs: () => startMs + (systemClock.monotonicMs() - startMs) * speed,
    after: (delayMs, action) => systemClock.after(delayMs / speed, action),
  }
}

function startUplink(change: Partial<UplinkOptions> = {}): Uplink {
  const login = {
    urls: [`mqtt://127.0.0.1:${broker.port}`],
    clientId: deviceId,
    username: deviceId,
    password: 'secret',
    shard: shardOf(deviceId),
  }
  const uplink = makeUplink({
    login,
    caPem: null,
    keepaliveSeconds: 20,
    heartbeatSeconds: 10,
    bootId: BOOT,
    spool,
    clock: systemClock,
    log: testLog(),
    random: () => 0.01,
    birth: () => ({ agentVersion: '0.1.0', hostname: 'kiosk', platform: 'linux-x64' }),
    health: () => ({ failing: [] }),
    onConfig() {},
    onCommand() {},
    onClockOffset() {},
    onRebirth() {},
    ...change,
  })
  open.push(uplink)
  uplink.start()
  return uplink
}

const stamp = () => ({ ts: Date.now(), up: systemClock.monotonicMs(), bid: BOOT })
const event = (text: string) => spool.append('evt', { signal: 'disk.full', state: 'failing', text }, stamp())

describe('the uplink', () => {
  it('is born first, with a number, then sends what the spool holds, oldest first and events before metrics', async () => {
    spool.append('met', { samples: [{ up: 1, m: { cpuPercent: 1 } }] }, stamp())
    const first = event('first')
    const second = event('second')
    startUplink()
    await waitFor('the metrics', () => broker.of('met').length === 1)
    expect(broker.heard.map(message => message.kind)).toEqual(['birth', 'evt', 'evt', 'met'])
    expect(broker.of('evt').map(message => message.message.q)).toEqual([first, second])
    const [birth] = broker.of('birth')
    expect(birth?.message.q).toBeGreaterThan(second)
    expect(birth?.message.e).toBe(spool.epoch)
    expect(birth?.message.d.sid).toMatch(/^[0-9a-z]{12}$/)
  })

  it('deletes a record once it is acknowledged and does not send it again', async () => {
    event('once')
    const uplink = startUplink()
    await waitFor('the event', () => broker.of('evt').length === 1)
    await waitFor('the acknowledgement', () => (spool.flush(), spool.fill().evt.count === 0))
    broker.cut()
    await waitFor('a new session', () => broker.of('birth').length === 2)
    expect(uplink.state().connected).toBe(true)
    expect(broker.of('evt')).toHaveLength(1)
  })

  it('says the sending time beside the sampling time, and leaves it out for records of an earlier boot', async () => {
    spool.append('evt', { signal: 'disk.full', state: 'ok', text: 'old boot' }, { ...stamp(), bid: 'boot-0' })
    event('this boot')
    startUplink()
    await waitFor('both events', () => broker.of('evt').length === 2)
    const [old, current] = broker.of('evt')
    expect(old?.message.su).toBeUndefined()
    expect(old?.message.bid).toBe('boot-0')
    expect(current?.message.su).toBeGreaterThanOrEqual(current?.message.up ?? Infinity)
  })

  it('sends everything that piled up during an outage, each record once or more, none lost', async () => {
    startUplink()
    await waitFor('the connection', () => broker.of('birth').length === 1)
    const { port } = broker
    await broker.close()
    const numbers = Array.from({ length: 40 }, (_, index) => event(`while away ${index}`))
    broker = await startTestBroker(port)
    await waitFor('all events', () => new Set(broker.of('evt').map(message => message.message.q)).size === 40, 30_000)
    expect(broker.of('evt').map(message => message.message.q)).toEqual(numbers)
    expect(broker.heard[0]?.kind).toBe('birth')
  })

  it('drops a line on which nothing is acknowledged for 30 s and sends the same records on the next one', async () => {
    startUplink({ clock: fastClock(100) })
    await waitFor('the connection', () => broker.of('birth').length === 1)
    broker.isMute = true
    const q = event('unacknowledged')
    await waitFor('a second login', () => broker.connects >= 2)
    broker.isMute = false
    const again = await waitFor('the event', () => broker.of('evt').find(message => message.message.q === q))
    expect(again.message.d.text).toBe('unacknowledged')
  })

  it('keeps at most 16 messages in flight', async () => {
    startUplink({ heartbeatSeconds: 5, clock: fastClock(10) })
    await waitFor('the connection', () => broker.of('birth').length === 1)
    broker.isMute = true
    broker.arrived.length = 0
    for (let index = 0; index < 40; index++) event(`event ${index}`)
    // a heartbeat sent later has arrived: what was to come before it is here
    await waitFor('two heartbeats', () => broker.arrived.filter(kind => kind === 'hb').length >= 2)
    expect(broker.arrived.filter(kind => kind === 'evt')).toHaveLength(16)
  })

  it('leaves a last will with its session id that a cut line publishes', async () => {
    startUplink()
    const birth = await waitFor('the birth', () => broker.of('birth')[0])
    broker.cut()
    const will = await waitFor('the will', () => broker.of('will')[0])
    expect(will.message).toEqual({ v: 1, t: 'will', sid: birth.message.d.sid })
  })

  it('says goodbye with its reason before it stops, and the broker then publishes no will', async () => {
    const uplink = startUplink()
    const birth = await waitFor('the birth', () => broker.of('birth')[0])
    await uplink.stop('maintenance', '2026-11-23T22:00:00Z')
    expect(broker.of('will').map(message => message.message)).toEqual([
      { v: 1, t: 'will', sid: birth.message.d.sid, bye: true, reason: 'maintenance', expectedBackAt: '2026-11-23T22:00:00Z' },
    ])
  })

  it('stops within its deadline when the server no longer answers', async () => {
    const uplink = startUplink()
    await waitFor('the birth', () => broker.of('birth')[0])
    broker.isMute = true
    const startedAt = Date.now()
    await uplink.stop('shutdown', null)
    expect(Date.now() - startedAt).toBeLessThan(4_000)
  })

  it('beats with the health of the device, at the pace the server asks for', async () => {
    const offsets: number[] = []
    startUplink({ clock: fastClock(20), health: () => ({ failing: ['disk.full'] }), onClockOffset: offset => offsets.push(offset) })
    await waitFor('the birth', () => broker.of('birth')[0])
    await broker.send(deviceId, 'sys', { type: 'hello', ackMode: 'puback', now: Date.now() + 300_000, heartbeatSeconds: 5 })
    await waitFor('two heartbeats', () => broker.of('hb').length >= 2)
    expect(broker.of('hb')[0]?.message.d).toEqual({ failing: ['disk.full'] })
    expect(Math.round((offsets[0] ?? 0) / 60_000)).toBe(5)
  })

  it('is born again when the server lost track', async () => {
    let rebirths = 0
    startUplink({ onRebirth: () => rebirths++ })
    await waitFor('the birth', () => broker.of('birth')[0])
    await broker.send(deviceId, 'sys', { type: 'rebirth' })
    await waitFor('a second birth', () => broker.of('birth').length === 2)
    expect(rebirths).toBe(1)
    expect(broker.connects).toBe(1)
    const [first, second] = broker.of('birth')
    expect(second?.message.d.sid).toBe(first?.message.d.sid)
    expect(second?.message.q).toBeGreaterThan(first?.message.q ?? Infinity)
  })

  it('waits as long as the server asks before it comes back', async () => {
    const uplink = startUplink()
    await waitFor('the birth', () => broker.of('birth')[0])
    await broker.send(deviceId, 'sys', { type: 'retry-after', seconds: 600 })
    await waitFor('the end of the line', () => !uplink.state().connected)
    expect(uplink.state().nextAttemptInMs).toBe(600_000)
  })

  it('waits 5 minutes or more after refused credentials, and goes on collecting', async () => {
    broker.loginCode = 5
    const uplink = startUplink()
    await waitFor('the refusal', () => uplink.state().failures === 1)
    expect(uplink.state().nextAttemptInMs).toBeGreaterThanOrEqual(5 * 60_000)
    event('still collected')
    expect(spool.fill().evt.count).toBe(1)
  })

  it('comes back quickly from a network fault and tries its addresses in turn', async () => {
    const login = {
      urls: ['mqtt://127.0.0.1:1', `mqtt://127.0.0.1:${broker.port}`],
      clientId: deviceId,
      username: deviceId,
      password: 'secret',
      shard: shardOf(deviceId),
    }
    const uplink = startUplink({ login })
    await waitFor('the connection', () => uplink.state().connected)
    expect(uplink.state().url).toBe(login.urls[1])
  })

  it('speaks TLS to a broker its pinned authority vouches for, and to no other', async () => {
    const ours = await openCertificates({
      folder: join(folder, 'tls'),
      certFile: null,
      keyFile: null,
      listenHost: '127.0.0.1',
      publicHost: null,
      nowMs: Date.now(),
    })
    const foreign = await openCertificates({
      folder: join(folder, 'tls2'),
      certFile: null,
      keyFile: null,
      listenHost: '127.0.0.1',
      publicHost: null,
      nowMs: Date.now(),
    })
    const secure = await startTestBroker(0, ours)
    const login = {
      urls: [`mqtts://127.0.0.1:${secure.port}`],
      clientId: deviceId,
      username: deviceId,
      password: 'secret',
      shard: shardOf(deviceId),
    }
    const stranger = startUplink({ login, caPem: foreign.ca })
    await waitFor('the refusal', () => stranger.state().lastError)
    expect(stranger.state().lastError).toMatch(/certificate/)
    await stranger.stop('shutdown', null)
    expect(secure.connects).toBe(0)
    startUplink({ login, caPem: ours.ca })
    await waitFor('the birth', () => secure.of('birth').length === 1)
    await secure.close()
  })

  it('keeps records until the application acknowledges them when the server says so', async () => {
    startUplink()
    await waitFor('the birth', () => broker.of('birth')[0])
    await broker.send(deviceId, 'sys', { type: 'hello', ackMode: 'app', now: Date.now(), heartbeatSeconds: 10 })
    const q = event('needs dn/ack')
    await waitFor('the event', () => broker.of('evt').length === 1)
    spool.flush()
    expect(spool.fill().evt.count).toBe(1)
    await broker.send(deviceId, 'ack', { e: spool.epoch, q, now: Date.now() })
    await waitFor('the deletion', () => spool.fill().evt.count === 0)
  })

  it('hands configuration on and ignores nonsense from below', async () => {
    const wires: string[] = []
    const uplink = startUplink({ onConfig: wire => wires.push(wire) })
    await waitFor('the birth', () => broker.of('birth')[0])
    await broker.send(deviceId, 'sys', 'not json')
    await broker.send(deviceId, 'ack', '{"e":1}')
    await broker.send(deviceId, 'cfg', 'a.b.c', true)
    await waitFor('the configuration', () => wires.length === 1)
    expect(wires).toEqual(['a.b.c'])
    expect(uplink.state().connected).toBe(true)
  })
})
