/** Longer than other files because it is two tables, each better read whole: hostile bytes before and after the login, a reason per row. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upTopic } from '../../shared/topics.ts'
import { startRig, until, type Device, type Rig } from './broker-rig.ts'
import {
  connectPacket,
  disconnectPacket,
  frame,
  openTcp,
  pingPacket,
  publishPacket,
  pubackPacket,
  subscribePacket,
  TYPE,
  unsubscribePacket,
} from './raw-mqtt.ts'
import { mutate, seededRandom } from './mutator.ts'

let rig: Rig
let device: Device
beforeAll(async () => {
  rig = await startRig()
  device = rig.device()
})
afterAll(() => rig.stop())

const hex = (bytes: string) => Buffer.from(bytes.replaceAll(' ', ''), 'hex')
const login = () => ({ id: device.id, user: device.id, password: device.secret })
const connect = () => connectPacket(login())
/** A valid CONNECT with bytes replaced by `edit`. */
const connectWith = (edit: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(connect())
  edit(bytes)
  return bytes
}
const evt = (more: object = {}) => publishPacket({ topic: upTopic(device.id, 'evt'), payload: 'x', qos: 1, id: 1, ...more })

type Row = { name: string; why: string; bytes: () => Buffer; reason: string }

const beforeLogin: Row[] = [
  { name: 'an HTTP request', why: 'not MQTT', bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), reason: 'malformed' },
  { name: 'a TLS hello', why: 'wrong port', bytes: () => hex('16 03 01 02 00 01 00 01 fc 03 03'), reason: 'malformed' },
  { name: 'zeros', why: 'type 0 is reserved', bytes: () => Buffer.alloc(64), reason: 'malformed' },
  { name: '0xff bytes', why: 'type 15 is reserved', bytes: () => Buffer.alloc(64, 0xff), reason: 'malformed' },
  { name: 'PINGREQ first', why: 'MQTT 3.1.0-1', bytes: () => pingPacket, reason: 'malformed' },
  { name: 'PUBLISH first', why: 'MQTT 3.1.0-1', bytes: () => evt(), reason: 'malformed' },
  { name: 'SUBSCRIBE first', why: 'MQTT 3.1.0-1', bytes: () => subscribePacket(1, [['#', 0]]), reason: 'malformed' },
  { name: 'DISCONNECT first', why: 'MQTT 3.1.0-1', bytes: () => disconnectPacket, reason: 'malformed' },
  { name: 'a CONNECT that says it has 8,193 bytes', why: 'closed at the fixed header', bytes: () => hex('10 81 40'), reason: 'too-large' },
  { name: 'a CONNECT that says it has 209 MB', why: 'closed at the fixed header', bytes: () => hex('10 80 80 e4 63'), reason: 'too-large' },
  {
    name: 'a CONNECT that says it has 256 MB',
    why: 'the largest length there is',
    bytes: () => hex('10 ff ff ff 7f'),
    reason: 'too-large',
  },
  { name: 'a length of five bytes', why: 'MQTT 2.2.3', bytes: () => hex('10 80 80 80 80 01'), reason: 'malformed' },
  { name: 'an endless length', why: 'MQTT 2.2.3', bytes: () => hex('10 ff ff ff ff ff ff'), reason: 'malformed' },
  { name: 'CONNECT with header flags', why: 'MQTT 2.2.2-2', bytes: () => connectWith(bytes => (bytes[0] = 0x11)), reason: 'malformed' },
  { name: 'an empty CONNECT', why: 'no protocol name', bytes: () => hex('10 00'), reason: 'malformed' },
  { name: 'a CONNECT of one byte', why: 'half a length', bytes: () => hex('10 01 00'), reason: 'malformed' },
  { name: 'a protocol name longer than the packet', why: 'string runs over', bytes: () => hex('10 04 ff ff 4d 51'), reason: 'malformed' },
  { name: 'a wrong protocol name', why: 'MQTT 3.1.2-1', bytes: () => connectPacket({ ...login(), name: 'MQTX' }), reason: 'malformed' },
  {
    name: 'a protocol name in lower case',
    why: 'MQTT 3.1.2-1',
    bytes: () => connectPacket({ ...login(), name: 'mqtt' }),
    reason: 'malformed',
  },
  { name: 'protocol level 0', why: 'there is none', bytes: () => connectPacket({ ...login(), level: 0 }), reason: 'malformed' },
  { name: 'protocol level 6', why: 'not yet', bytes: () => connectPacket({ ...login(), level: 6 }), reason: 'malformed' },
  {
    name: 'MQTT 5 with broken properties',
    why: 'property length runs over',
    bytes: () => frame(0x10, hex('00 04 4d 51 54 54 05 02 00 3c ff ff ff 7f 00 00')),
    reason: 'malformed',
  },
  {
    name: 'MQTT 5 with an unknown property',
    why: 'code 0x7f',
    bytes: () => frame(0x10, hex('00 04 4d 51 54 54 05 02 00 3c 02 7f 00 00 00')),
    reason: 'malformed',
  },
  { name: 'the reserved connect flag', why: 'MQTT 3.1.2-3', bytes: () => connectPacket({ ...login(), flags: 0xc3 }), reason: 'malformed' },
  { name: 'will QoS without a will', why: 'MQTT 3.1.2-11', bytes: () => connectPacket({ ...login(), flags: 0xca }), reason: 'malformed' },
  {
    name: 'will retain without a will',
    why: 'MQTT 3.1.2-15',
    bytes: () => connectPacket({ ...login(), flags: 0xe2 }),
    reason: 'malformed',
  },
  {
    name: 'will QoS 3',
    why: 'MQTT 3.1.2-14',
    bytes: () => connectPacket({ ...login(), will: { topic: upTopic(device.id, 'will'), payload: 'x', qos: 3 } }),
    reason: 'malformed',
  },
  {
    name: 'a will flag without a will',
    why: 'fields missing',
    bytes: () => connectPacket({ id: device.id, flags: 0x06 }),
    reason: 'malformed',
  },
  {
    name: 'a password without a user',
    why: 'MQTT 3.1.2-22',
    bytes: () => connectPacket({ id: device.id, password: 'x' }),
    reason: 'malformed',
  },
  {
    name: 'a user flag without a user',
    why: 'fields missing',
    bytes: () => connectPacket({ id: device.id, flags: 0x82 }),
    reason: 'malformed',
  },
  {
    name: 'bytes behind the last field',
    why: 'packet longer than its content',
    bytes: () => frame(0x10, connect().subarray(2), Buffer.alloc(3)),
    reason: 'malformed',
  },
  { name: 'a client id with NUL', why: 'MQTT 1.5.3-2', bytes: () => connectPacket({ ...login(), id: 'a\0b' }), reason: 'malformed' },
  {
    name: 'a client id with a line break',
    why: 'log injection',
    bytes: () => connectPacket({ ...login(), id: 'a\r\nb' }),
    reason: 'malformed',
  },
  {
    name: 'a client id of invalid UTF-8',
    why: 'MQTT 1.5.3-1',
    bytes: () => connectPacket({ ...login(), id: hex('c3 28') }),
    reason: 'malformed',
  },
  {
    name: 'a client id with a surrogate',
    why: 'MQTT 1.5.3-1',
    bytes: () => connectPacket({ ...login(), id: hex('ed a0 80') }),
    reason: 'malformed',
  },
  {
    name: 'a client id in overlong UTF-8',
    why: 'NUL in disguise',
    bytes: () => connectPacket({ ...login(), id: hex('c0 80') }),
    reason: 'malformed',
  },
  {
    name: 'a user of invalid UTF-8',
    why: 'MQTT 1.5.3-1',
    bytes: () => connectPacket({ ...login(), user: hex('ff fe') }),
    reason: 'malformed',
  },
  {
    name: 'a will topic of invalid UTF-8',
    why: 'MQTT 1.5.3-1',
    bytes: () => connectPacket({ ...login(), will: { topic: hex('ff'), payload: 'x' } }),
    reason: 'malformed',
  },
  {
    name: 'a will without topic',
    why: 'MQTT 4.7.3-1',
    bytes: () => connectPacket({ ...login(), will: { topic: '', payload: 'x' } }),
    reason: 'malformed',
  },
  {
    name: 'an id of 8,000 characters',
    why: 'no device id',
    bytes: () => connectPacket({ ...login(), id: 'a'.repeat(8_000) }),
    reason: 'client-id',
  },
  {
    name: 'the id __proto__',
    why: 'no device id',
    bytes: () => connectPacket({ id: '__proto__', user: '__proto__', password: 'x' }),
    reason: 'client-id',
  },
]

const afterLogin: Row[] = [
  { name: 'a second CONNECT', why: 'MQTT 3.1.0-2', bytes: () => connect(), reason: 'malformed' },
  {
    name: 'a second CONNECT of MQTT 5',
    why: 'would change how the rest is read',
    bytes: () => Buffer.concat([connectPacket({ ...login(), level: 5 }), evt()]),
    reason: 'malformed',
  },
  { name: 'CONNACK', why: 'only a server sends it', bytes: () => hex('20 02 00 00'), reason: 'malformed' },
  { name: 'SUBACK', why: 'only a server sends it', bytes: () => hex('90 03 00 01 00'), reason: 'malformed' },
  { name: 'UNSUBACK', why: 'only a server sends it', bytes: () => hex('b0 02 00 01'), reason: 'malformed' },
  { name: 'PINGRESP', why: 'only a server sends it', bytes: () => hex('d0 00'), reason: 'malformed' },
  { name: 'AUTH', why: 'MQTT 5 only', bytes: () => hex('f0 00'), reason: 'malformed' },
  { name: 'type 0', why: 'reserved', bytes: () => hex('00 00'), reason: 'malformed' },
  { name: 'PINGREQ with a body', why: 'it has none', bytes: () => hex('c0 01 00'), reason: 'too-large' },
  { name: 'PINGREQ with flags', why: 'MQTT 2.2.2-2', bytes: () => hex('c1 00'), reason: 'malformed' },
  { name: 'DISCONNECT with a body', why: 'it has none', bytes: () => hex('e0 02 00 00'), reason: 'too-large' },
  { name: 'PUBACK of one byte', why: 'half an id', bytes: () => hex('40 01 00'), reason: 'malformed' },
  { name: 'PUBACK of three bytes', why: 'MQTT 5 form', bytes: () => hex('40 03 00 01 00'), reason: 'too-large' },
  { name: 'PUBACK with id 0', why: 'MQTT 2.3.1-1', bytes: () => pubackPacket(0), reason: 'malformed' },
  { name: 'PUBREC', why: 'QoS 2 is not spoken', bytes: () => hex('50 02 00 01'), reason: 'qos' },
  { name: 'PUBREL', why: 'QoS 2 is not spoken', bytes: () => hex('62 02 00 01'), reason: 'qos' },
  { name: 'PUBCOMP', why: 'QoS 2 is not spoken', bytes: () => hex('70 02 00 01'), reason: 'qos' },
  { name: 'PUBLISH with QoS 3', why: 'MQTT 3.3.1-4', bytes: () => evt({ qos: 3 }), reason: 'malformed' },
  { name: 'PUBLISH with id 0', why: 'MQTT 2.3.1-1', bytes: () => evt({ id: 0 }), reason: 'malformed' },
  { name: 'PUBLISH of QoS 0 with DUP', why: 'MQTT 3.3.1-2', bytes: () => evt({ qos: 0, dup: true }), reason: 'malformed' },
  { name: 'an empty PUBLISH', why: 'no topic', bytes: () => hex('30 00'), reason: 'malformed' },
  {
    name: 'an empty PUBLISH before another packet',
    why: 'must not borrow its bytes',
    bytes: () => Buffer.concat([hex('30 00'), pingPacket, pingPacket]),
    reason: 'malformed',
  },
  {
    name: 'PUBLISH without room for its id',
    why: 'must not borrow from the next packet',
    bytes: () => Buffer.concat([frame(0x32, evt().subarray(2, 2 + 41)), pingPacket]),
    reason: 'malformed',
  },
  { name: 'a topic longer than the packet', why: 'string runs over', bytes: () => hex('30 04 ff ff 61 62'), reason: 'malformed' },
  {
    name: 'a topic with NUL',
    why: 'MQTT 4.7.3-2',
    bytes: () => publishPacket({ topic: `${upTopic(device.id, 'evt')}\0` }),
    reason: 'malformed',
  },
  {
    name: 'a topic with an escape sequence',
    why: 'log injection',
    bytes: () => publishPacket({ topic: 'a\u001b[31m' }),
    reason: 'malformed',
  },
  { name: 'a topic of invalid UTF-8', why: 'MQTT 1.5.3-1', bytes: () => publishPacket({ topic: hex('6b 31 ff') }), reason: 'malformed' },
  {
    name: 'a topic of 65,000 bytes',
    why: 'over the largest PUBLISH with its payload',
    bytes: () => publishPacket({ topic: 'a'.repeat(65_535), payload: 'x'.repeat(100) }),
    reason: 'too-large',
  },
  {
    name: 'a topic of 5,000 levels',
    why: 'crashed brokers before',
    bytes: () => publishPacket({ topic: '/'.repeat(5_000) }),
    reason: 'malformed',
  },
  { name: 'up/met that says it has 70,000 bytes', why: 'closed at the fixed header', bytes: () => hex('32 f0 a2 04'), reason: 'too-large' },
  { name: 'a PUBLISH that says it has 256 MB', why: 'closed at the fixed header', bytes: () => hex('32 ff ff ff 7f'), reason: 'too-large' },
  {
    name: 'up/met of 65,537 bytes',
    why: '64 KB is the most',
    bytes: () => publishPacket({ topic: upTopic(device.id, 'met'), payload: Buffer.alloc(65_537), qos: 1 }),
    reason: 'too-large',
  },
  {
    name: 'up/hb of 2,049 bytes',
    why: '2 KB is the most',
    bytes: () => publishPacket({ topic: upTopic(device.id, 'hb'), payload: Buffer.alloc(2_049) }),
    reason: 'too-large',
  },
  {
    name: 'up/will of 513 bytes',
    why: '512 is the most',
    bytes: () => publishPacket({ topic: upTopic(device.id, 'will'), payload: Buffer.alloc(513) }),
    reason: 'too-large',
  },
  {
    name: 'the start of an up/hb of 60,000 bytes',
    why: 'closed once the topic is known, not when all is here',
    bytes: () => publishPacket({ topic: upTopic(device.id, 'hb'), payload: Buffer.alloc(60_000) }).subarray(0, 60),
    reason: 'too-large',
  },
  {
    name: "the start of another device's up/met",
    why: 'closed once the topic is known',
    bytes: () => publishPacket({ topic: upTopic(rig.device().id, 'met'), payload: Buffer.alloc(60_000) }).subarray(0, 60),
    reason: 'other-device',
  },
  { name: 'SUBSCRIBE with id 0', why: 'MQTT 2.3.1-1', bytes: () => subscribePacket(0, [['a', 0]]), reason: 'malformed' },
  { name: 'SUBSCRIBE without filters', why: 'MQTT 3.8.3-3', bytes: () => subscribePacket(1, []), reason: 'malformed' },
  { name: 'SUBSCRIBE with wrong flags', why: 'MQTT 3.8.1-1', bytes: () => hex('80 06 00 01 00 01 61 00'), reason: 'malformed' },
  { name: 'SUBSCRIBE with QoS 3', why: 'MQTT 3.8.3-4', bytes: () => subscribePacket(1, [['a', 3]]), reason: 'malformed' },
  { name: 'SUBSCRIBE with reserved bits', why: 'MQTT 3.8.3-4', bytes: () => subscribePacket(1, [['a', 0x41]]), reason: 'malformed' },
  { name: 'SUBSCRIBE to an empty filter', why: 'MQTT 4.7.3-1', bytes: () => subscribePacket(1, [['', 0]]), reason: 'malformed' },
  { name: 'SUBSCRIBE to a#', why: 'MQTT 4.7.1-2', bytes: () => subscribePacket(1, [['a#', 0]]), reason: 'malformed' },
  { name: 'SUBSCRIBE to a/+b', why: 'MQTT 4.7.1-3', bytes: () => subscribePacket(1, [['a/+b', 0]]), reason: 'malformed' },
  {
    name: 'SUBSCRIBE to 5,000 levels',
    why: 'crashed brokers before',
    bytes: () => subscribePacket(1, [['/'.repeat(5_000), 0]]),
    reason: 'malformed',
  },
  { name: 'SUBSCRIBE to invalid UTF-8', why: 'MQTT 1.5.3-1', bytes: () => subscribePacket(1, [[hex('ff'), 0]]), reason: 'malformed' },
  { name: 'SUBSCRIBE that says it has 9 KB', why: 'more than a device ever needs', bytes: () => hex('82 80 48'), reason: 'too-large' },
  { name: 'UNSUBSCRIBE without filters', why: 'MQTT 3.10.3-2', bytes: () => unsubscribePacket(1, []), reason: 'malformed' },
  { name: 'UNSUBSCRIBE with id 0', why: 'MQTT 2.3.1-1', bytes: () => unsubscribePacket(0, ['a']), reason: 'malformed' },
]

describe('hostile bytes end their own connection, are counted once, and ban nobody', () => {
  async function expectRefused({ bytes, reason }: Row, loggedIn: boolean): Promise<void> {
    const total = rig.rejectedTotal()
    const before = rig.rejected.get(reason) ?? 0
    const committed = rig.committed.length
    const client = loggedIn ? await rig.login(device) : await openTcp(rig.port)
    const startMs = performance.now()
    client.send(bytes())
    await client.closed
    expect(performance.now() - startMs).toBeLessThan(1_000)
    expect([rig.rejected.get(reason), rig.rejectedTotal()]).toEqual([before + 1, total + 1])
    expect([rig.committed.length, client.acked()]).toEqual([committed, []])
    const again = await rig.login(device)
    again.send(evt())
    expect(await again.next(TYPE.puback)).not.toBeNull()
    again.destroy()
    await until('gone', () => !rig.broker.isConnected(device.id))
  }
  it.each(beforeLogin)('before login: $name ($why)', row => expectRefused(row, false))
  it.each(afterLogin)('after login: $name ($why)', row => expectRefused(row, true))

  it('takes a packet byte by byte, and the largest allowed ones', async () => {
    const client = await openTcp(rig.port)
    for (const byte of connect()) {
      client.send(Buffer.from([byte]))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect((await client.next(TYPE.connack))?.body[1]).toBe(0)
    client.send(publishPacket({ topic: upTopic(device.id, 'birth'), payload: Buffer.alloc(65_536), qos: 1, id: 1 }))
    client.send(publishPacket({ topic: upTopic(device.id, 'hb'), payload: Buffer.alloc(2_048), qos: 1, id: 2 }))
    client.send(publishPacket({ topic: upTopic(device.id, 'will'), payload: Buffer.alloc(512), qos: 1, id: 3 }))
    await until('acked', () => client.acked().length === 3)
    client.destroy()
  })

  it('finishes packets that wait in pieces while the login is checked', async () => {
    let answer: ((outcome: 'accepted') => void) | undefined
    const slow = await startRig({ authenticate: () => new Promise(resolve => (answer = resolve)) })
    const late = slow.device()
    const client = await openTcp(slow.port)
    client.send(connectPacket({ id: late.id, user: late.id, password: late.secret }))
    await until('login under way', () => answer !== undefined)
    const packet = publishPacket({ topic: upTopic(late.id, 'birth'), payload: Buffer.alloc(60_000, 120), qos: 1, id: 1 })
    for (let at = 0; at < packet.length; at += 10_000) {
      client.send(packet.subarray(at, at + 10_000))
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    answer?.('accepted')
    expect(await client.next(TYPE.puback), 'Node 26 reads one chunk at a time').not.toBeNull()
    expect(slow.committed[0]?.payload.length).toBe(60_000)
    client.destroy()
    await slow.stop()
  })

  it('survives 4,000 connections of mutated packets without harm to a neighbour', async () => {
    const random = seededRandom(20_261_123)
    const neighbour = rig.device()
    const quiet = await rig.login(neighbour)
    const mutants = Array.from({ length: 8 }, () => rig.device())
    const sessionOf = (mutant: Device) => [
      connectPacket({
        id: mutant.id,
        user: mutant.id,
        password: mutant.secret,
        will: { topic: upTopic(mutant.id, 'will'), payload: 'bye' },
      }),
      subscribePacket(1, [[`k1/00/${mutant.id}/dn/cmd`, 1]]),
      publishPacket({ topic: upTopic(mutant.id, 'met'), payload: '{"v":1}', qos: 1, id: 2 }),
      publishPacket({ topic: upTopic(mutant.id, 'hb'), payload: '{}' }),
      pubackPacket(7),
      pingPacket,
      unsubscribePacket(3, ['a/b']),
      disconnectPacket,
    ]
    const rssBefore = process.memoryUsage().rss
    let worstMs = 0
    let id = 0
    for (let batch = 0; batch < 40; batch++) {
      const attack = Promise.all(
        Array.from({ length: 100 }, async () => {
          const client = await openTcp(rig.port)
          client.send(mutate(sessionOf(mutants[Math.floor(random() * mutants.length)] ?? neighbour), random))
          client.connection.end()
          await client.closed
        }),
      )
      const startMs = performance.now()
      quiet.send(publishPacket({ topic: upTopic(neighbour.id, 'evt'), payload: 'fine', qos: 1, id: (++id % 60_000) + 1 }))
      expect(await quiet.next(TYPE.puback), 'the neighbour is served').not.toBeNull()
      worstMs = Math.max(worstMs, performance.now() - startMs)
      await attack
    }
    await until('only the neighbour is left', () => rig.broker.connectionCount() === 1)
    expect(worstMs).toBeLessThan(1_000)
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(150 * 1024 * 1024)
    expect(
      rig.committed.every(
        message => mutants.some(mutant => mutant.id === message.deviceId) || [neighbour.id, device.id].includes(message.deviceId),
      ),
    ).toBe(true)
    quiet.destroy()
  })
})
