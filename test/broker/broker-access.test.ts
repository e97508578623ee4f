/** Longer than other files because the access matrix is better read whole: logins, publishes and subscriptions, a reason per row. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDeviceId, newDeviceSecret } from '../../shared/ids.ts'
import { DOWN_KINDS, downTopic, shardOf, UP_KINDS, upTopic, type DownKind, type UpKind } from '../../shared/topics.ts'
import { startRig, until, type Device, type Rig } from './broker-rig.ts'
import {
  connectPacket,
  openTcp,
  pingPacket,
  publishPacket,
  subscribePacket,
  TYPE,
  unsubscribePacket,
  type ConnectOptions,
} from './raw-mqtt.ts'

let rig: Rig
let own: Device
let other: Device
beforeAll(async () => {
  rig = await startRig()
  own = rig.device()
  other = rig.device()
})
afterAll(() => rig.stop())

const upKinds: UpKind[] = ['birth', 'will', 'hb', 'met', 'evt', 'res', 'cfg']
const login = (device: Device): ConnectOptions => ({ id: device.id, user: device.id, password: device.secret })

describe('who may log in', () => {
  const cases: { name: string; why: string; options: () => ConnectOptions; code: number | null; reason: string }[] = [
    {
      name: 'a wrong password',
      why: 'secrets are per device',
      options: () => ({ ...login(own), password: newDeviceSecret() }),
      code: 5,
      reason: 'credentials',
    },
    {
      name: "another device's password",
      why: 'a secret opens one door',
      options: () => ({ ...login(own), password: other.secret }),
      code: 5,
      reason: 'credentials',
    },
    {
      name: 'a device nobody enrolled',
      why: 'same answer as a wrong password',
      options: () => ({ ...login({ id: newDeviceId(), secret: 'x' }) }),
      code: 5,
      reason: 'credentials',
    },
    {
      name: "another device's id under the own user name",
      why: 'the id is the device',
      options: () => ({ ...login(own), id: other.id }),
      code: 5,
      reason: 'client-id',
    },
    {
      name: "another device's user name under the own id",
      why: 'the user is the device',
      options: () => ({ ...login(own), user: other.id }),
      code: 5,
      reason: 'client-id',
    },
    { name: 'nobody', why: 'no anonymous access', options: () => ({ id: own.id }), code: 5, reason: 'anonymous' },
    {
      name: 'a user without a password',
      why: 'half a login is none',
      options: () => ({ id: own.id, user: own.id }),
      code: 5,
      reason: 'anonymous',
    },
    {
      name: 'an empty password',
      why: 'half a login is none',
      options: () => ({ ...login(own), password: '' }),
      code: 5,
      reason: 'anonymous',
    },
    {
      name: 'an id that is no device id',
      why: 'topics are built from it',
      options: () => ({ id: 'admin', user: 'admin', password: 'admin' }),
      code: 5,
      reason: 'client-id',
    },
    { name: 'an empty id', why: 'ids are given, not drawn', options: () => ({ ...login(own), id: '' }), code: 2, reason: 'client-id' },
    {
      name: 'an empty id with a kept session',
      why: 'MQTT 3.1.3-8',
      options: () => ({ ...login(own), id: '', clean: false }),
      code: 2,
      reason: 'client-id',
    },
    {
      name: 'keepalive 0',
      why: 'a dead device would never be noticed',
      options: () => ({ ...login(own), keepalive: 0 }),
      code: 5,
      reason: 'keepalive',
    },
    { name: 'keepalive 9', why: '10 is the least', options: () => ({ ...login(own), keepalive: 9 }), code: 5, reason: 'keepalive' },
    { name: 'keepalive 301', why: '300 is the most', options: () => ({ ...login(own), keepalive: 301 }), code: 5, reason: 'keepalive' },
    {
      name: 'MQTT 5',
      why: 'the client is told and can fall back',
      options: () => ({ ...login(own), level: 5 }),
      code: 1,
      reason: 'protocol-version',
    },
    {
      name: 'MQTT 3.1',
      why: 'its ids are too short for ours',
      options: () => ({ ...login(own), level: 3, name: 'MQIsdp' }),
      code: 1,
      reason: 'protocol-version',
    },
    {
      name: 'a bridge',
      why: 'one device, one session',
      options: () => ({ ...login(own), level: 0x84 }),
      code: 1,
      reason: 'protocol-version',
    },
    {
      name: "a will on another device's topic",
      why: 'a will is a publish',
      options: () => ({ ...login(own), will: { topic: upTopic(other.id, 'will'), payload: '{}' } }),
      code: 5,
      reason: 'will',
    },
    {
      name: 'a will that is no will',
      why: 'only up/will',
      options: () => ({ ...login(own), will: { topic: upTopic(own.id, 'evt'), payload: '{}' } }),
      code: 5,
      reason: 'will',
    },
    {
      name: 'a retained will',
      why: 'nothing is retained',
      options: () => ({ ...login(own), will: { topic: upTopic(own.id, 'will'), payload: '{}', retain: true } }),
      code: 5,
      reason: 'will',
    },
    {
      name: 'a will of QoS 2',
      why: 'QoS 0 and 1 only',
      options: () => ({ ...login(own), will: { topic: upTopic(own.id, 'will'), payload: '{}', qos: 2 } }),
      code: 5,
      reason: 'will',
    },
    {
      name: 'a will of 513 bytes',
      why: '512 is the most',
      options: () => ({ ...login(own), will: { topic: upTopic(own.id, 'will'), payload: 'x'.repeat(513) } }),
      code: 5,
      reason: 'will',
    },
    {
      name: 'a will to everybody',
      why: 'a wildcard is no topic',
      options: () => ({ ...login(own), will: { topic: 'k1/+/+/up/will', payload: '{}' } }),
      code: null,
      reason: 'malformed',
    },
  ]
  it.each(cases)('refuses $name ($why)', async ({ options, code, reason }) => {
    const before = rig.rejected.get(reason) ?? 0
    const total = rig.rejectedTotal()
    expect(await rig.connackCode(options())).toBe(code)
    expect(rig.rejected.get(reason)).toBe(before + 1)
    expect(rig.rejectedTotal()).toBe(total + 1)
    expect(rig.broker.isConnected(own.id)).toBe(false)
  })

  it('accepts a device with keepalive 10 and 300, a will, and a session it wants kept (which is not)', async () => {
    for (const keepalive of [10, 300]) {
      const client = await openTcp(rig.port)
      const will = { topic: upTopic(own.id, 'will'), payload: 'x'.repeat(512), qos: 1 }
      client.send(connectPacket({ ...login(own), keepalive, clean: false, will }))
      const answer = await client.next(TYPE.connack)
      expect([...(answer?.body ?? [])], 'no session present, accepted').toEqual([0, 0])
      client.destroy()
      await until('gone', () => !rig.broker.isConnected(own.id))
    }
  })
})

describe('what a device may publish', () => {
  it('are exactly these kinds', () => {
    expect(Object.keys(UP_KINDS)).toEqual(upKinds)
  })

  const shard = () => shardOf(own.id)
  const denied: { name: string; topic: () => string; qos?: number; retain?: boolean; reason: string }[] = [
    ...upKinds.map(kind => ({ name: `up/${kind} of another device`, topic: () => upTopic(other.id, kind), reason: 'other-device' })),
    ...DOWN_KINDS.map(kind => ({ name: `its own dn/${kind}`, topic: () => downTopic(own.id, kind), reason: 'wrong-direction' })),
    ...DOWN_KINDS.map(kind => ({ name: `dn/${kind} of another device`, topic: () => downTopic(other.id, kind), reason: 'other-device' })),
    { name: 'an unknown kind', topic: () => `k1/${shard()}/${own.id}/up/foo`, reason: 'foreign-topic' },
    { name: 'a deeper topic', topic: () => `${upTopic(own.id, 'met')}/x`, reason: 'foreign-topic' },
    { name: 'a wrong shard', topic: () => `k1/zz/${own.id}/up/met`, reason: 'foreign-topic' },
    { name: 'another root', topic: () => `k2/${shard()}/${own.id}/up/met`, reason: 'foreign-topic' },
    { name: 'a leading slash', topic: () => `/${upTopic(own.id, 'met')}`, reason: 'foreign-topic' },
    { name: '$SYS', topic: () => '$SYS/broker/uptime', reason: 'foreign-topic' },
    { name: '$CONTROL', topic: () => '$CONTROL/dynamic-security/v1', reason: 'foreign-topic' },
    { name: '$share', topic: () => `$share/x/${upTopic(own.id, 'met')}`, reason: 'foreign-topic' },
    { name: 'a name of the prototype', topic: () => `k1/${shard()}/${own.id}/up/constructor`, reason: 'foreign-topic' },
    { name: 'a wildcard', topic: () => `k1/${shard()}/${own.id}/up/+`, reason: 'malformed' },
    { name: 'no topic at all', topic: () => '', reason: 'malformed' },
    { name: 'QoS 2', topic: () => upTopic(own.id, 'met'), qos: 2, reason: 'qos' },
    { name: 'a retained message', topic: () => upTopic(own.id, 'met'), retain: true, reason: 'retain' },
  ]
  it.each(denied)('closes without PUBACK on $name', async ({ topic, qos = 1, retain = false, reason }) => {
    const client = await rig.login(own)
    const before = rig.rejected.get(reason) ?? 0
    client.send(publishPacket({ topic: topic(), payload: 'forbidden', qos, id: 7, retain }))
    await client.closed
    expect(client.acked()).toEqual([])
    expect(rig.rejected.get(reason)).toBe(before + 1)
    expect(rig.committed.filter(message => message.payload.toString() === 'forbidden')).toEqual([])
  })

  it.each(upKinds.flatMap(kind => [0, 1].map(qos => ({ kind, qos }))))('takes its own up/$kind at QoS $qos', async ({ kind, qos }) => {
    const client = await rig.login(own)
    const payload = `allowed ${kind} ${qos}`
    client.send(publishPacket({ topic: upTopic(own.id, kind), payload, qos, id: 9 }))
    const kept = kind === 'hb' ? rig.heartbeats : rig.committed
    await until('taken', () => kept.some(message => message.payload.toString() === payload))
    const message = kept.find(found => found.payload.toString() === payload)
    expect(message).toMatchObject({ deviceId: own.id, kind, qos, isLastWill: false })
    if (qos === 1) await client.next(TYPE.puback)
    expect(client.acked()).toEqual(qos === 1 ? [9] : [])
    client.destroy()
  })

  it('never forwards a publish to anyone, not even to itself', async () => {
    const [first, second] = [await rig.login(own), await rig.login(other)]
    for (const [client, device] of [
      [first, own],
      [second, other],
    ] as const) {
      client.send(
        subscribePacket(
          1,
          DOWN_KINDS.map(kind => [downTopic(device.id, kind), 1]),
        ),
      )
      await client.next(TYPE.suback)
    }
    for (const [index, kind] of upKinds.entries())
      first.send(publishPacket({ topic: upTopic(own.id, kind), payload: 'x', qos: 1, id: index + 1 }))
    await until('acked', () => first.acked().length === upKinds.length)
    for (const client of [first, second]) {
      client.send(pingPacket)
      await client.next(TYPE.pingresp)
      expect(client.answers.filter(answer => answer.type === TYPE.publish)).toEqual([])
      client.destroy()
    }
  })
})

describe('what a device may subscribe to', () => {
  const denied: [string, () => string][] = [
    ...upKinds.map((kind): [string, () => string] => [`its own up/${kind}`, () => upTopic(own.id, kind)]),
    ...DOWN_KINDS.map((kind): [string, () => string] => [`dn/${kind} of another device`, () => downTopic(other.id, kind)]),
    ['everything', () => '#'],
    ['one level of everything', () => '+'],
    ['its own dn with #', () => `k1/${shardOf(own.id)}/${own.id}/dn/#`],
    ['its own dn with +', () => `k1/${shardOf(own.id)}/${own.id}/dn/+`],
    ['all dn/cmd', () => 'k1/+/+/dn/cmd'],
    ['$SYS', () => '$SYS/#'],
    ['$CONTROL', () => '$CONTROL/#'],
    ['a shared subscription of everything', () => '$share/ingest/#'],
    ['a shared subscription of its own topic', () => `$share/ingest/${downTopic(own.id, 'cmd')}`],
    ['a shared subscription of the ingest', () => '$share/ingest/k1/+/+/up/#'],
  ]
  it('grants its own four names and answers 0x80 to the rest, in one SUBSCRIBE', async () => {
    const client = await rig.login(own)
    const before = rig.rejected.get('subscribe-denied') ?? 0
    const allowed = DOWN_KINDS.map((kind, index): [string, number] => [downTopic(own.id, kind), index % 3])
    client.send(subscribePacket(3, [...allowed, ...denied.map(([, filter]): [string, number] => [filter(), 1])]))
    const answer = await client.next(TYPE.suback)
    expect([...(answer?.body.subarray(2) ?? [])], 'QoS 2 is granted as 1').toEqual([0, 1, 1, 0, ...denied.map(() => 0x80)])
    expect(rig.rejected.get('subscribe-denied')).toBe(before + denied.length)
    expect(client.isClosed()).toBe(false)
    client.destroy()
  })

  it('delivers what was granted, with the lower QoS, and stops after UNSUBSCRIBE', async () => {
    const client = await rig.login(own)
    const sendAll = (qos: 0 | 1) => DOWN_KINDS.map(kind => rig.broker.publish(own.id, kind, `to ${kind}`, { qos }))
    expect(sendAll(1), 'nothing subscribed yet').toEqual([false, false, false, false])
    client.send(
      subscribePacket(1, [
        [downTopic(own.id, 'cmd'), 1],
        [downTopic(own.id, 'sys'), 0],
      ]),
    )
    await client.next(TYPE.suback)
    expect(sendAll(1)).toEqual([false, true, false, true])
    const got = [await client.next(TYPE.publish), await client.next(TYPE.publish)]
    expect(got.map(answer => (answer?.flags ?? 0) >> 1)).toEqual([1, 0])
    expect(got[0]?.body.toString()).toContain(downTopic(own.id, 'cmd' satisfies DownKind))
    client.send(unsubscribePacket(2, [downTopic(own.id, 'cmd')]))
    await client.next(TYPE.unsuback)
    expect(sendAll(0)).toEqual([false, false, false, true])
    expect(rig.broker.publish(other.id, 'sys', 'x', { qos: 0 }), 'not connected').toBe(false)
    client.destroy()
  })
})
