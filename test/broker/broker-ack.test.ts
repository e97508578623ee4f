import { afterEach, describe, expect, it } from 'vitest'
import type { Inbound } from '../../broker/broker.ts'
import { downTopic, upTopic } from '../../shared/topics.ts'
import { startRig, until, type Rig } from './broker-rig.ts'
import { connectPacket, disconnectPacket, openTcp, pingPacket, publishPacket, subscribePacket, TYPE } from './raw-mqtt.ts'

let rig: Rig
afterEach(() => rig.stop())
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('PUBACK means stored', () => {
  it('is not sent before the commit has resolved', async () => {
    let release = () => {}
    const groups: Inbound[][] = []
    rig = await startRig({
      commit: group => {
        groups.push([...group])
        return new Promise(resolve => (release = resolve))
      },
    })
    const device = rig.device()
    const client = await rig.login(device)
    client.send(
      publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'a', qos: 1, id: 1 }),
      publishPacket({ topic: upTopic(device.id, 'met'), payload: 'b', qos: 1, id: 2 }),
    )
    await until('commit called', () => groups.length === 1)
    await sleep(60)
    expect(client.answers.filter(answer => answer.type === TYPE.puback)).toEqual([])
    release()
    await until('acked', () => client.acked().length === 2)
    expect(client.acked()).toEqual([1, 2])
    expect(groups.map(group => group.map(message => message.payload.toString()))).toEqual([['a', 'b']])
  })

  it('never comes for a group that failed: those connections are closed, others live on', async () => {
    rig = await startRig({
      commit: async group => {
        await sleep(5)
        if (group.some(message => message.payload.toString() === 'poison')) throw new Error('disk full')
      },
    })
    const [bad, good] = [rig.device(), rig.device()]
    const [badClient, goodClient] = [await rig.login(bad), await rig.login(good)]
    badClient.send(publishPacket({ topic: upTopic(bad.id, 'evt'), payload: 'poison', qos: 1, id: 1 }))
    await badClient.closed
    expect(badClient.acked()).toEqual([])
    expect(rig.rejected.get('store-failed')).toBe(1)
    goodClient.send(publishPacket({ topic: upTopic(good.id, 'evt'), payload: 'fine', qos: 1, id: 1 }))
    await goodClient.next(TYPE.puback)
    expect(rig.ended.map(session => [session.deviceId, session.cause])).toEqual([[bad.id, 'store-failed']])
  })

  it('keeps the order of each device under varying commit times, heartbeats between them included', async () => {
    const stored: string[] = []
    rig = await startRig({
      commit: async group => {
        await sleep(Math.random() * 15)
        for (const message of group) stored.push(`${message.deviceId} ${message.payload.toString()}`)
      },
      limits: { commitWindowMs: 3, groupMessages: 7 },
    })
    const devices = [rig.device(), rig.device(), rig.device()]
    const clients = await Promise.all(devices.map(device => rig.login(device)))
    for (let id = 1; id <= 120; id++) {
      for (const [index, client] of clients.entries()) {
        const kind = id % 5 === 0 ? 'hb' : 'met'
        client.send(publishPacket({ topic: upTopic(devices[index]?.id ?? '', kind), payload: String(id), qos: 1, id }))
      }
      if (id % 20 === 0) await sleep(2)
    }
    await until('all acked', () => clients.every(client => client.acked().length === 120))
    const ids = Array.from({ length: 120 }, (_, index) => index + 1)
    for (const [index, client] of clients.entries()) {
      expect(client.acked(), 'MQTT 4.6: PUBACKs in the order of the PUBLISHes').toEqual(ids)
      const mine = stored.filter(line => line.startsWith(devices[index]?.id ?? '')).map(line => Number(line.split(' ')[1]))
      expect(mine).toEqual(ids.filter(id => id % 5 !== 0))
    }
  })

  it('holds back what a device may send while the store is slow, and loses none of it', async () => {
    let stored = 0
    rig = await startRig({
      commit: async group => {
        await sleep(100)
        stored += group.length
      },
      limits: { messagesPerSecond: 100_000 },
    })
    const device = rig.device()
    const client = await rig.login(device)
    const payload = Buffer.alloc(4_000, 120)
    for (let id = 1; id <= 1_500; id++) client.send(publishPacket({ topic: upTopic(device.id, 'met'), payload, qos: 1, id }))
    await sleep(60)
    expect(client.connection.writableLength, 'most of it still waits at the device').toBeGreaterThan(100_000)
    await until('all acked', () => client.acked().length === 1_500, 30)
    expect(stored).toBe(1_500)
  })

  it('answers what was taken before it stops, and sends no wills of its own making', async () => {
    const stored: string[] = []
    rig = await startRig({
      commit: async group => {
        await sleep(80)
        for (const message of group) stored.push(message.payload.toString())
      },
    })
    const device = rig.device()
    const client = await rig.login(device, { will: { topic: upTopic(device.id, 'will'), payload: 'WILL', qos: 1 } })
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'last words', qos: 1, id: 5 }))
    await until('heard', () => rig.heard.get(device.id) === 1)
    await rig.broker.stop()
    await client.closed
    expect(client.acked()).toEqual([5])
    expect(stored).toEqual(['last words'])
    expect(rig.ended).toEqual([{ deviceId: device.id, connectionId: rig.sessions[0]?.connectionId, cause: 'stopped' }])
  })
})

describe('a store that never answers', () => {
  it('does not keep the broker from stopping', async () => {
    rig = await startRig({ commit: () => new Promise(() => {}), limits: { stopMs: 200 } })
    const device = rig.device()
    const client = await rig.login(device)
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'x', qos: 1, id: 1 }))
    await until('heard', () => rig.heard.get(device.id) === 1)
    const startMs = performance.now()
    await rig.broker.stop()
    await client.closed
    expect(performance.now() - startMs).toBeLessThan(2_000)
    expect(client.acked()).toEqual([])
  })
})

describe('sessions', () => {
  it('tells of each session once, with what it was, and counts any packet as a sign of life', async () => {
    rig = await startRig()
    const device = rig.device()
    const client = await rig.login(device, { keepalive: 30 })
    expect(rig.sessions).toEqual([
      { deviceId: device.id, connectionId: expect.any(Number), address: '127.0.0.1', keepaliveSeconds: 30, takeover: false },
    ])
    expect([rig.broker.connectionCount(), rig.broker.isConnected(device.id)]).toEqual([1, true])
    client.send(pingPacket)
    await client.next(TYPE.pingresp)
    expect(rig.heard.get(device.id)).toBe(1)
    client.send(disconnectPacket)
    await until('ended', () => rig.ended.length === 1)
    expect(rig.ended[0]).toMatchObject({ deviceId: device.id, cause: 'client' })
    expect([rig.broker.connectionCount(), rig.broker.isConnected(device.id)]).toEqual([0, false])
  })

  it('stores the last will of a connection that broke, and none after DISCONNECT', async () => {
    rig = await startRig()
    const device = rig.device()
    const will = { topic: upTopic(device.id, 'will'), payload: '{"v":1,"sid":"one"}', qos: 1 }
    const broken = await rig.login(device, { will })
    broken.destroy()
    await until('will stored', () => rig.committed.length === 1)
    expect(rig.committed[0]).toMatchObject({
      deviceId: device.id,
      kind: 'will',
      isLastWill: true,
      qos: 1,
      connectionId: rig.sessions[0]?.connectionId,
    })
    const polite = await rig.login(device, { will })
    polite.send(publishPacket({ topic: upTopic(device.id, 'will'), payload: '{"bye":true}', qos: 1, id: 1 }))
    await polite.next(TYPE.puback)
    polite.send(disconnectPacket)
    await polite.closed
    await sleep(60)
    expect(rig.committed.map(message => [message.payload.toString(), message.isLastWill])).toEqual([
      ['{"v":1,"sid":"one"}', true],
      ['{"bye":true}', false],
    ])
  })

  it('closes a device that goes silent after one and a half keepalives, and stores its will', async () => {
    rig = await startRig()
    const device = rig.device()
    const client = await rig.login(device, { keepalive: 10, will: { topic: upTopic(device.id, 'will'), payload: 'gone' } })
    const startMs = performance.now()
    await client.closed
    const seconds = (performance.now() - startMs) / 1000
    expect(seconds).toBeGreaterThan(14.5)
    expect(seconds).toBeLessThan(17)
    await until('will', () => rig.committed.length === 1)
    expect(rig.ended[0]?.cause).toBe('keepalive')
  })

  it('gives the session to whoever logged in last: the old one is closed, its will carries its own session id', async () => {
    rig = await startRig()
    const device = rig.device()
    const topic = upTopic(device.id, 'will')
    const first = await rig.login(device, { will: { topic, payload: 'old' } })
    const second = await rig.login(device, { will: { topic, payload: 'new' } })
    await first.closed
    await until('old will', () => rig.committed.length === 1)
    expect(rig.committed[0]).toMatchObject({ isLastWill: true, connectionId: rig.sessions[0]?.connectionId })
    expect(rig.committed[0]?.payload.toString()).toBe('old')
    expect(rig.sessions.map(session => session.takeover)).toEqual([false, true])
    expect(rig.ended).toEqual([{ deviceId: device.id, connectionId: rig.sessions[0]?.connectionId, cause: 'takeover' }])
    second.send(pingPacket)
    expect(await second.next(TYPE.pingresp)).not.toBeNull()
    expect(rig.broker.connectionCount()).toBe(1)
  })

  it('leaves exactly one session of 5 that come at once, 30 times over', async () => {
    rig = await startRig()
    const devices = Array.from({ length: 3 }, () => rig.device())
    for (let round = 0; round < 30; round++) {
      await Promise.all(devices.flatMap(device => Array.from({ length: 5 }, () => rig.login(device).catch(() => undefined))))
    }
    await until('3 left', () => rig.broker.connectionCount() === 3)
    expect(rig.sessions.length - rig.ended.length).toBe(3)
    expect(new Set(rig.ended.map(session => session.cause))).toEqual(new Set(['takeover']))
    const last = await Promise.all(devices.map(device => rig.login(device)))
    for (const client of last) {
      client.send(pingPacket)
      expect(await client.next(TYPE.pingresp)).not.toBeNull()
    }
  })

  it('ends a revoked session at once, without its will, also one whose login is under way', async () => {
    let answer: (outcome: 'accepted') => void = () => {}
    let asked = 0
    rig = await startRig({
      authenticate: () => {
        asked++
        return asked === 1 ? Promise.resolve('accepted') : new Promise(resolve => (answer = resolve))
      },
    })
    const device = rig.device()
    const client = await rig.login(device, { will: { topic: upTopic(device.id, 'will'), payload: 'w' } })
    const startMs = performance.now()
    expect(rig.broker.disconnect(device.id, 'revoked')).toBe(true)
    client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'too late', qos: 1, id: 1 }))
    await client.closed
    expect(performance.now() - startMs).toBeLessThan(1_000)
    expect(rig.ended[0]?.cause).toBe('revoked')
    const code = rig.connackCode({ id: device.id, user: device.id, password: device.secret })
    await until('asked again', () => asked === 2)
    expect(rig.broker.disconnect(device.id, 'revoked')).toBe(true)
    answer('accepted')
    expect(await code).toBeNull()
    await sleep(60)
    expect(rig.committed).toEqual([])
    expect([rig.broker.isConnected(device.id), rig.broker.disconnect(device.id, 'revoked')]).toEqual([false, false])
  })

  it('sends the desired configuration with the retain flag to whoever has just subscribed to it', async () => {
    rig = await startRig({ desiredConfig: async id => `config of ${id}` })
    const device = rig.device()
    const client = await rig.login(device)
    client.send(subscribePacket(1, [[downTopic(device.id, 'cmd'), 1]]))
    await client.next(TYPE.suback)
    client.send(subscribePacket(2, [[downTopic(device.id, 'cfg'), 1]]))
    const message = await client.next(TYPE.publish)
    expect(message?.flags, 'QoS 1, retained').toBe(0b0011)
    expect(message?.body.toString()).toContain(`config of ${device.id}`)
    expect(client.answers.map(answer => answer.type)).toEqual([TYPE.connack, TYPE.suback, TYPE.suback, TYPE.publish])
    expect(rig.broker.publish(device.id, 'cfg', 'newer', { qos: 1, retain: true })).toBe(true)
    expect((await client.next(TYPE.publish))?.flags, 'a live message carries no retain flag').toBe(0b0010)
  })

  it('takes what was pipelined behind CONNECT, in order', async () => {
    rig = await startRig({ authenticate: () => sleep(30).then(() => 'accepted') })
    const device = rig.device()
    const client = await rig.login(device)
    client.destroy()
    await until('gone', () => !rig.broker.isConnected(device.id))
    const eager = await openTcp(rig.port)
    const publishes = Array.from({ length: 100 }, (_, index) =>
      publishPacket({ topic: upTopic(device.id, 'evt'), payload: String(index), qos: 1, id: index + 1 }),
    )
    eager.send(connectPacket({ id: device.id, user: device.id, password: device.secret }), ...publishes)
    await until('acked', () => eager.acked().length === 100)
    expect(rig.committed.map(message => message.payload.toString())).toEqual(publishes.map((_packet, index) => String(index)))
    eager.destroy()
  })
})
