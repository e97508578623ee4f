import { afterEach, describe, expect, it } from 'vitest'
import type { BrokerDeps } from '../../broker/broker.ts'
import { downTopic, upTopic } from '../../shared/topics.ts'
import { takeErrorLines } from '../support/test-log.ts'
import { startRig, until, type Device, type Rig } from './broker-rig.ts'
import { connectPacket, openTcp, pingPacket, publishPacket, subscribePacket, TYPE, type RawClient } from './raw-mqtt.ts'

let rig: Rig
afterEach(() => rig.stop())

/** Times of PUBACK of a device that sends one event after the other, in ms. */
async function ackTimes(client: RawClient, device: Device, during: Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  const state = { over: false }
  void during.finally(() => (state.over = true))
  for (let id = 1; !state.over || times.length < 10; id++) {
    const startMs = performance.now()
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'x', qos: 1, id }))
    if (!(await client.next(TYPE.puback))) break
    times.push(performance.now() - startMs)
  }
  return times
}
const p99 = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Infinity

describe('a device that floods', () => {
  it('is slowed, closed in the end, and costs its neighbour nothing', async () => {
    rig = await startRig({ limits: { messagesPerSecond: 500, floodMs: 1_500 } })
    const [loud, calm] = [rig.device(), rig.device()]
    const [loudClient, calmClient] = [await rig.login(loud), await rig.login(calm)]
    let id = 0
    const startMs = performance.now()
    const pump = setInterval(() => {
      for (let count = 0; count < 100; count++)
        loudClient.send(publishPacket({ topic: upTopic(loud.id, 'met'), payload: 'x'.repeat(200), qos: 1, id: (++id % 65_000) + 1 }))
    }, 10)
    const times = await ackTimes(calmClient, calm, loudClient.closed)
    clearInterval(pump)
    expect(rig.rejected.get('flood')).toBe(1)
    expect(performance.now() - startMs).toBeGreaterThan(1_400)
    const stored = rig.committed.filter(message => message.deviceId === loud.id).length
    expect(stored, 'read no faster than the rate, one read of the socket aside').toBeLessThan(500 * 1.5 + 1_000)
    expect(p99(times)).toBeLessThan(150)
    const back = await rig.login(loud)
    expect(back.isClosed(), 'nobody is banned').toBe(false)
  })

  it('is slowed but never closed as long as it waits for its answers', async () => {
    rig = await startRig({ limits: { messagesPerSecond: 400, floodMs: 1_000 } })
    const device = rig.device()
    const client = await rig.login(device)
    let sent = 0
    const send = () => client.send(publishPacket({ topic: upTopic(device.id, 'met'), payload: 'x', qos: 1, id: (++sent % 65_000) + 1 }))
    for (let count = 0; count < 64; count++) send()
    const endMs = performance.now() + 4_000
    while (performance.now() < endMs && (await client.next(TYPE.puback))) send()
    expect(client.isClosed()).toBe(false)
    expect(rig.committed.length).toBeLessThan(400 * 4 + 300)
    expect(rig.rejectedTotal()).toBe(0)
  })

  it('is left alone at 100 messages a second', async () => {
    rig = await startRig()
    const device = rig.device()
    const client = await rig.login(device)
    const times: number[] = []
    for (let id = 1; id <= 200; id++) {
      const startMs = performance.now()
      client.send(publishPacket({ topic: upTopic(device.id, 'met'), payload: 'x', qos: 1, id }))
      void client.next(TYPE.puback).then(() => times.push(performance.now() - startMs))
      await new Promise(resolve => setTimeout(resolve, 9))
    }
    await until('acked', () => times.length === 200)
    expect(p99(times)).toBeLessThan(150)
    expect(rig.rejectedTotal()).toBe(0)
  })
})

describe('a device that does not read', () => {
  async function frozen(): Promise<{ device: Device; client: RawClient }> {
    const device = rig.device()
    const client = await rig.login(device)
    client.send(
      subscribePacket(1, [
        [downTopic(device.id, 'cmd'), 1],
        [downTopic(device.id, 'ack'), 0],
      ]),
    )
    await client.next(TYPE.suback)
    client.connection.pause()
    return { device, client }
  }
  async function fill(device: Device, kind: 'cmd' | 'ack', qos: 0 | 1): Promise<number> {
    const payload = Buffer.alloc(32 * 1024)
    for (let count = 1; count < 10_000; count++) {
      if (!rig.broker.publish(device.id, kind, payload, { qos })) return count
      await new Promise(resolve => setImmediate(resolve))
    }
    throw new Error('the broker took 320 MB for one device')
  }

  it('loses QoS 0, is closed on QoS 1, and delays nobody', async () => {
    rig = await startRig()
    const { device, client } = await frozen()
    const calm = rig.device()
    const calmClient = await rig.login(calm)
    const work = (async () => {
      await fill(device, 'ack', 0)
      expect(rig.broker.isConnected(device.id)).toBe(true)
      expect(rig.rejected.get('slow-reader')).toBe(1)
      expect(rig.broker.publish(device.id, 'cmd', 'x', { qos: 1 })).toBe(false)
      expect(rig.broker.isConnected(device.id)).toBe(false)
    })()
    const times = await ackTimes(calmClient, calm, work)
    await work
    expect(p99(times)).toBeLessThan(150)
    expect(rig.ended[0]).toMatchObject({ deviceId: device.id, cause: 'slow-reader' })
    client.destroy()
  })

  it('holds at most the limit in one turn of the loop', async () => {
    rig = await startRig()
    const { device, client } = await frozen()
    let taken = 0
    while (rig.broker.publish(device.id, 'ack', Buffer.alloc(16 * 1024), { qos: 0 })) taken++
    expect(taken).toBeLessThanOrEqual(17)
    client.destroy()
  })

  it('is closed after the drain time even if nothing more is sent', async () => {
    rig = await startRig({ limits: { drainMs: 300 } })
    const { device, client } = await frozen()
    await fill(device, 'ack', 0)
    await until('closed', () => !rig.broker.isConnected(device.id), 5)
    expect(rig.ended[0]?.cause).toBe('slow-reader')
    client.destroy()
  })
})

describe('a store that is too slow for the offered load', () => {
  it('bounds what waits: the rest is refused unacknowledged, and service resumes', async () => {
    let release = () => {}
    let blocked = true
    rig = await startRig({
      commit: () => (blocked ? new Promise(resolve => (release = resolve)) : Promise.resolve()),
      limits: { pendingBytes: 200_000 },
    })
    const devices = Array.from({ length: 8 }, () => rig.device())
    const clients = await Promise.all(devices.map(device => rig.login(device)))
    for (const [index, client] of clients.entries())
      client.send(publishPacket({ topic: upTopic(devices[index]?.id ?? '', 'met'), payload: Buffer.alloc(60_000), qos: 1, id: 1 }))
    await until('refused', () => rig.rejected.get('overloaded') === 5)
    expect(clients.filter(client => client.acked().length > 0)).toEqual([])
    blocked = false
    release()
    await until('three acked', () => clients.filter(client => client.acked().length === 1).length === 3)
    const again = await rig.login(devices[7] ?? rig.device())
    again.send(publishPacket({ topic: upTopic(devices[7]?.id ?? '', 'met'), payload: 'x', qos: 1, id: 1 }))
    expect(await again.next(TYPE.puback)).not.toBeNull()
  })
})

describe('a function of the server that throws', () => {
  const boom = () => {
    throw new Error('boom')
  }
  const counters = { rejected: () => undefined, message: () => undefined, connections: () => undefined, commitSeconds: () => undefined }
  const deciding: { name: string; over: Partial<BrokerDeps>; code: number | null }[] = [
    { name: 'authenticate throws', over: { authenticate: boom }, code: 3 },
    { name: 'authenticate rejects', over: { authenticate: () => Promise.reject(new Error('boom')) }, code: 3 },
    { name: 'authenticate hangs', over: { authenticate: () => new Promise(() => {}), limits: { authenticateMs: 100 } }, code: 3 },
    { name: 'authenticate says unavailable', over: { authenticate: () => Promise.resolve('unavailable') }, code: 3 },
  ]
  it.each(deciding)('refuses the login when $name', async ({ over, code }) => {
    rig = await startRig(over)
    const device = rig.device()
    expect(await rig.connackCode({ id: device.id, user: device.id, password: device.secret })).toBe(code)
    expect(rig.rejected.get('auth-unavailable')).toBe(1)
    takeErrorLines()
  })

  it('closes without PUBACK when commit throws', async () => {
    rig = await startRig({ commit: boom })
    const device = rig.device()
    const client = await rig.login(device, { will: { topic: upTopic(device.id, 'will'), payload: 'w' } })
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'x', qos: 1, id: 1 }))
    await client.closed
    expect(client.acked()).toEqual([])
  })

  it('closes the connection when the clock of the server throws inside a hook', async () => {
    let broken = false
    rig = await startRig({ nowMs: () => (broken ? boom() : Date.now()) })
    const device = rig.device()
    const client = await rig.login(device)
    broken = true
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'x', qos: 1, id: 1 }))
    await client.closed
    expect(rig.rejected.get('internal')).toBe(1)
    expect(takeErrorLines()).toHaveLength(1)
    broken = false
    expect((await rig.login(device)).isClosed()).toBe(false)
  })

  const watching: { name: string; over: Partial<BrokerDeps> }[] = [
    { name: 'heard', over: { heard: boom } },
    { name: 'connected', over: { connected: boom } },
    { name: 'disconnected', over: { disconnected: boom } },
    { name: 'heartbeat', over: { heartbeat: boom } },
    { name: 'desiredConfig', over: { desiredConfig: boom } },
    ...(['rejected', 'message', 'connections', 'commitSeconds'] as const).map(name => ({
      name: `counters.${name}`,
      over: { counters: { ...counters, [name]: boom } },
    })),
  ]
  it.each(watching)('serves the devices all the same when $name throws, and says so in the log once', async ({ over }) => {
    rig = await startRig(over)
    const device = rig.device()
    const client = await rig.login(device)
    client.send(
      subscribePacket(1, [
        [downTopic(device.id, 'cfg'), 1],
        ['#', 0],
      ]),
    )
    expect((await client.next(TYPE.suback))?.body[3]).toBe(0x80)
    client.send(
      publishPacket({ topic: upTopic(device.id, 'hb'), payload: 'x', qos: 1, id: 1 }),
      publishPacket({ topic: upTopic(device.id, 'met'), payload: 'x', qos: 1, id: 2 }),
      pingPacket,
    )
    await until('acked', () => client.acked().length === 2)
    client.destroy()
    await until('gone', () => !rig.broker.isConnected(device.id))
    const next = await openTcp(rig.port)
    next.send(connectPacket({ id: device.id, user: device.id, password: device.secret }))
    expect((await next.next(TYPE.connack))?.body[1]).toBe(0)
    next.destroy()
    await rig.stop()
    expect(takeErrorLines()).toHaveLength(1)
  })
})
