/** A real broker on a free port, with a server side that remembers what it was told. */
import { timingSafeEqual } from 'node:crypto'
import { expect } from 'vitest'
import { makeBroker, type Broker, type BrokerDeps, type Inbound } from '../../broker/broker.ts'
import { newDeviceId, newDeviceSecret, sha256Hex } from '../../shared/ids.ts'
import { testLog } from '../support/test-log.ts'
import { connectPacket, openTcp, TYPE, type ConnectOptions, type RawClient } from './raw-mqtt.ts'

export type Device = { id: string; secret: string }
type Session = Parameters<BrokerDeps['connected']>[0]
type Ended = Parameters<BrokerDeps['disconnected']>[0]

export type Rig = {
  broker: Broker
  port: number
  device(): Device
  committed: Inbound[]
  heartbeats: Inbound[]
  heard: Map<string, number>
  sessions: Session[]
  ended: Ended[]
  rejected: Map<string, number>
  rejectedTotal(): number
  /** A connected client of the device. */
  login(device: Device, options?: Partial<ConnectOptions>): Promise<RawClient>
  /** CONNACK code, or null when closed without one; the connection is gone afterwards. */
  connackCode(options: ConnectOptions): Promise<number | null>
  stop(): Promise<void>
}

/** Starts a broker; `over` replaces single functions of the server side. */
export async function startRig(over: Partial<BrokerDeps> = {}): Promise<Rig> {
  const secrets = new Map<string, string>()
  const committed: Inbound[] = []
  const heartbeats: Inbound[] = []
  const heard = new Map<string, number>()
  const sessions: Session[] = []
  const ended: Ended[] = []
  const rejected = new Map<string, number>()
  const broker = makeBroker({
    log: testLog(),
    nowMs: () => Date.now(),
    authenticate: async ({ deviceId, secretSha256 }) => {
      const known = secrets.get(deviceId)
      return known && timingSafeEqual(Buffer.from(known), Buffer.from(secretSha256)) ? 'accepted' : 'refused'
    },
    commit: async group => {
      committed.push(...group)
    },
    heartbeat: message => void heartbeats.push(message),
    heard: id => void heard.set(id, (heard.get(id) ?? 0) + 1),
    connected: session => void sessions.push(session),
    disconnected: session => void ended.push(session),
    desiredConfig: async () => null,
    counters: {
      rejected: reason => void rejected.set(reason, (rejected.get(reason) ?? 0) + 1),
      message: () => undefined,
      connections: () => undefined,
      commitSeconds: () => undefined,
    },
    ...over,
  })
  const port = await broker.listenTcp({ host: '127.0.0.1', port: 0 })
  const clients = new Set<RawClient>()
  return {
    broker,
    port,
    device() {
      const device = { id: newDeviceId(), secret: newDeviceSecret() }
      secrets.set(device.id, sha256Hex(device.secret))
      return device
    },
    committed,
    heartbeats,
    heard,
    sessions,
    ended,
    rejected,
    rejectedTotal: () => [...rejected.values()].reduce((sum, count) => sum + count, 0),
    async login(device, options = {}) {
      const client = await openTcp(port)
      clients.add(client)
      client.send(connectPacket({ id: device.id, user: device.id, password: device.secret, ...options }))
      const answer = await client.next(TYPE.connack)
      expect(answer?.body[1], 'CONNACK code').toBe(0)
      return client
    },
    async connackCode(options) {
      const client = await openTcp(port)
      client.send(connectPacket(options))
      const answer = await client.next(TYPE.connack)
      client.destroy()
      return answer ? (answer.body[1] ?? null) : null
    },
    async stop() {
      for (const client of clients) client.destroy()
      await broker.stop()
    },
  }
}

/** Waits until the condition holds, at most `seconds`. */
export async function until(what: string, holds: () => boolean, seconds = 10): Promise<void> {
  const endMs = performance.now() + seconds * 1000
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within ${seconds} s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
