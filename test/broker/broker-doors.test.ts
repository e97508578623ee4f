import http from 'node:http'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { DEFAULT_LIMITS } from '../../broker/limits.ts'
import { upTopic } from '../../shared/topics.ts'
import { selfSigned } from './self-signed.ts'
import { startRig, until, type Rig } from './broker-rig.ts'
import { connectPacket, openTcp, pingPacket, publishPacket, rawClient, TYPE, type RawClient } from './raw-mqtt.ts'

let rig: Rig
let tlsPort: number
let web: http.Server
let webPort: number
let certificate: { key: string; cert: string }
const hanging = new Set<string>()

beforeAll(async () => {
  certificate = await selfSigned()
  rig = await startRig({
    authenticate: ({ deviceId }) => (hanging.has(deviceId) ? new Promise(() => {}) : Promise.resolve('accepted')),
  })
  tlsPort = await rig.broker.listenTls({ host: '127.0.0.1', port: 0, ...certificate })
  web = http.createServer((_request, response) => void response.end('page'))
  rig.broker.attachWebSocket(web, '/mqtt')
  webPort = await new Promise(resolve => {
    web.listen(0, '127.0.0.1', () => {
      const address = web.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
})
afterAll(async () => {
  await rig.stop()
  await new Promise(resolve => {
    web.close(resolve)
    web.closeAllConnections()
  })
})

function openTls(options: tls.ConnectionOptions = {}): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port: tlsPort, ca: certificate.cert, servername: 'localhost', ...options })
    socket.once('error', reject)
    socket.once('secureConnect', () => resolve(rawClient(socket)))
  })
}

function openWebSocket({ path = '/mqtt', protocols = ['mqtt'] }: { path?: string; protocols?: string[] } = {}): Promise<{
  socket: WebSocket
  client: RawClient
}> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${webPort}${path}`, protocols)
    const client = rawClient(createWebSocketStream(socket))
    socket.once('open', () => resolve({ socket, client }))
    socket.once('error', reject)
  })
}

async function expectServed(client: RawClient): Promise<void> {
  const device = rig.device()
  client.send(connectPacket({ id: device.id, user: device.id, password: device.secret }))
  expect((await client.next(TYPE.connack))?.body[1]).toBe(0)
  client.send(publishPacket({ topic: upTopic(device.id, 'evt'), payload: device.id, qos: 1, id: 1 }), pingPacket)
  expect(await client.next(TYPE.puback)).not.toBeNull()
  expect(rig.committed.at(-1)?.payload.toString()).toBe(device.id)
  client.destroy()
  await until('gone', () => !rig.broker.isConnected(device.id))
}

describe('TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('serves a device over %s', async version => {
    await expectServed(await openTls({ minVersion: version, maxVersion: version }))
  })

  it('refuses older versions and plain text, and counts each once', async () => {
    const before = rig.rejected.get('tls-handshake') ?? 0
    await expect(openTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow(
      /alert|version|protocol/i,
    )
    const plain = await openTcp(tlsPort)
    plain.send(connectPacket({ id: rig.device().id }))
    await plain.closed
    await until('counted', () => rig.rejected.get('tls-handshake') === before + 2)
  })
})

describe('WebSocket', () => {
  it('serves a device, also when packets are split and joined over frames', async () => {
    const { client } = await openWebSocket()
    await expectServed(client)
    const { socket, client: split } = await openWebSocket()
    const device = rig.device()
    const bytes = Buffer.concat([connectPacket({ id: device.id, user: device.id, password: device.secret }), pingPacket])
    for (const byte of bytes) socket.send(Buffer.from([byte]))
    expect(await split.next(TYPE.pingresp)).not.toBeNull()
    split.destroy()
  })

  it('wants the sub-protocol mqtt and its own path, and leaves the pages alone', async () => {
    await expect(openWebSocket({ protocols: ['soap'] })).rejects.toThrow('400')
    await expect(openWebSocket({ protocols: [] })).rejects.toThrow('400')
    await expect(openWebSocket({ path: '/other' })).rejects.toThrow('hang up')
    await expect(openWebSocket({ path: '//[' })).rejects.toThrow('hang up')
    expect(await (await fetch(`http://127.0.0.1:${webPort}/`)).text()).toBe('page')
  })

  it('closes on a text frame and on a frame over the limit, counted once each', async () => {
    const total = rig.rejectedTotal()
    const text = await openWebSocket()
    text.socket.send('not mqtt')
    await text.client.closed
    const large = await openWebSocket()
    large.socket.send(Buffer.alloc(200 * 1024))
    await large.client.closed
    expect(rig.rejectedTotal()).toBe(total + 2)
  })
})

describe('whoever keeps silent is gone within 15 s', () => {
  it('at every stage: bare TCP, half a CONNECT, no TLS hello, TLS or WebSocket without CONNECT, a login that hangs', async () => {
    const slow = rig.device()
    hanging.add(slow.id)
    const connect = connectPacket({ id: slow.id, user: slow.id, password: slow.secret })
    const before = new Map(rig.rejected)
    const startMs = performance.now()
    const clients: Record<string, RawClient> = {
      tcp: await openTcp(rig.port),
      half: await openTcp(rig.port),
      dribble: await openTcp(rig.port),
      hang: await openTcp(rig.port),
      noHello: await openTcp(tlsPort),
      tls: await openTls(),
      webSocket: (await openWebSocket()).client,
    }
    clients['half']?.send(connect.subarray(0, 20))
    clients['hang']?.send(connect)
    let sent = 0
    const dribble = setInterval(() => clients['dribble']?.send(connect.subarray(sent, ++sent)), 500)
    const gone = await Promise.all(
      Object.entries(clients).map(async ([name, client]) => {
        await client.closed
        return [name, performance.now() - startMs] as const
      }),
    )
    clearInterval(dribble)
    expect(gone.filter(([, ms]) => ms > 14_000)).toEqual([])
    expect(
      clients['hang']?.answers.map(answer => [answer.type, answer.body[1]]),
      'server unavailable',
    ).toEqual([[TYPE.connack, 3]])
    const counted = (reason: string) => (rig.rejected.get(reason) ?? 0) - (before.get(reason) ?? 0)
    expect([counted('login-timeout'), counted('tls-handshake'), counted('auth-unavailable')]).toEqual([5, 1, 1])
  })
})

describe('budgets of sockets', () => {
  it('have room for 5,000 devices behind one address by default', () => {
    expect(DEFAULT_LIMITS.connectionsPerAddress).toBeGreaterThanOrEqual(5_000)
  })

  it('refuse what is above, serve what is below, and free the place of whoever left, over all doors', async () => {
    const small = await startRig({ limits: { connectionsPerAddress: 4, connections: 100, tlsHandshakeMs: 200 } })
    const smallTls = await small.broker.listenTls({ host: '127.0.0.1', port: 0, ...certificate })
    const devices = Array.from({ length: 4 }, () => small.device())
    const clients = await Promise.all(devices.map(device => small.login(device)))
    const tooMany = [await openTcp(small.port), await openTcp(smallTls)]
    await Promise.all(tooMany.map(client => client.closed))
    expect(Object.fromEntries(small.rejected)).toEqual({ 'address-budget': 2 })
    clients[0]?.send(pingPacket)
    expect(await clients[0]?.next(TYPE.pingresp)).not.toBeNull()
    for (const client of clients) client.destroy()
    await until('all gone', () => small.broker.connectionCount() === 0)
    const silent = await Promise.all([1, 2, 3, 4].map(() => openTcp(smallTls)))
    await Promise.all(silent.map(client => client.closed))
    expect(small.rejected.get('tls-handshake'), 'each silent one').toBe(4)
    const again = await small.login(devices[0] ?? small.device())
    expect(again.isClosed()).toBe(false)
    await small.stop()
  })

  it('have a global bound too', async () => {
    const small = await startRig({ limits: { connections: 2 } })
    const kept = [await openTcp(small.port), await openTcp(small.port)]
    await (
      await openTcp(small.port)
    ).closed
    expect(Object.fromEntries(small.rejected)).toEqual({ 'connection-budget': 1 })
    for (const client of kept) client.destroy()
    await small.stop()
  })
})
