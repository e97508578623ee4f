/** Every open connection and whose it is: one session per device, counted here because the counters of aedes drift. */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { DownKind } from '../shared/topics.ts'
import { makeAckQueue, makeFlowMeter, type AckQueue, type FlowMeter } from './ack-queue.ts'
import type { BrokerDeps } from './broker-types.ts'
import type { BrokerLimits, RejectReason } from './limits.ts'
import type { LogLimiter } from './log-limiter.ts'

export type Link = {
  readonly id: number
  readonly address: string
  readonly client: Client
  readonly connection: Duplex
  /** `login` until CONNACK, `gone` from the moment nothing more is taken from it. */
  phase: 'login' | 'ready' | 'gone'
  connectSeen: boolean
  /** Named in CONNECT; proven once `claim` was called. */
  deviceId: string
  keepaliveSeconds: number
  takeover: boolean
  /** The will packet of CONNECT, known again by identity when aedes publishes it; null = none wanted. */
  will: object | null
  keepaliveEnded: boolean
  granted: Map<DownKind, 0 | 1>
  configUnderWay: boolean
  unsentBytes: number
  acks: AckQueue
  meter: FlowMeter
  loginTimer: NodeJS.Timeout
}

export type Links = {
  open(client: Client, connection: Duplex, address: string): Link
  of(client: Client | null): Link | undefined
  holder(deviceId: string): Link | undefined
  /** The credentials were right: from now on this link is the session of its device, and the one before is closed. */
  claim(link: Link): void
  ready(link: Link): void
  /** The session ends; nothing is closed here. */
  leave(link: Link, cause: string): void
  /** Refused: counted once, logged, closed. `code` is a CONNACK to answer with first. */
  reject(link: Link, reason: RejectReason, code?: number | null): void
  /** Ends a connection that did nothing wrong. */
  end(link: Link, cause: string): void
  all(): Iterable<Link>
  readyCount(): number
}

/** More than a device that waits for its answers has under way; one that does not fills it in no time. */
const UNREAD_BYTES = 16 * 1024
const FAREWELL_MS = 1_000

export type LinksOptions = {
  limits: BrokerLimits
  observers: Pick<BrokerDeps, 'connected' | 'disconnected' | 'counters'>
  logLine: LogLimiter
}

/** Makes the table of links. Observers must not throw. */
export function makeLinks({ limits, observers, logLine }: LinksOptions): Links {
  const byClient = new WeakMap<Client, Link>()
  const open = new Set<Link>()
  const holders = new Map<string, Link>()
  let lastId = 0
  let ready = 0

  function leave(link: Link, cause: string): void {
    if (link.phase === 'gone') return
    const wasReady = link.phase === 'ready'
    link.phase = 'gone'
    clearTimeout(link.loginTimer)
    link.acks.close()
    if (holders.get(link.deviceId) === link) holders.delete(link.deviceId)
    if (!wasReady) return
    ready--
    observers.counters.connections(ready)
    observers.disconnected({ deviceId: link.deviceId, connectionId: link.id, cause })
  }

  function end(link: Link, cause: string): void {
    leave(link, cause)
    link.client.close()
  }

  function reject(link: Link, reason: RejectReason, code: number | null = null): void {
    if (link.phase === 'gone') return
    observers.counters.rejected(reason)
    const proven = link.phase === 'ready'
    logLine(
      'warn',
      proven ? link.deviceId : link.address,
      { reason, address: link.address, ...(proven && { deviceId: link.deviceId }) },
      'mqtt connection refused or closed',
    )
    leave(link, reason)
    if (code === null || !link.connection.writable) {
      link.client.close()
      return
    }
    const close = () => link.client.close()
    link.connection.end(Buffer.from([0x20, 0x02, 0x00, code]), close)
    setTimeout(close, FAREWELL_MS).unref()
  }

  return {
    open(client, connection, address) {
      const meter = makeFlowMeter({ perSecond: limits.messagesPerSecond, floodMs: limits.floodMs })
      const link: Link = {
        id: ++lastId,
        address,
        client,
        connection,
        phase: 'login',
        connectSeen: false,
        deviceId: '',
        keepaliveSeconds: 0,
        takeover: false,
        will: null,
        keepaliveEnded: false,
        granted: new Map(),
        configUnderWay: false,
        unsentBytes: 0,
        acks: makeAckQueue(() => meter.holdMs(performance.now(), connection.readableLength > UNREAD_BYTES)),
        meter,
        loginTimer: setTimeout(() => reject(link, 'login-timeout'), limits.loginMs),
      }
      byClient.set(client, link)
      open.add(link)
      connection.once('close', () => {
        leave(link, 'closed')
        open.delete(link)
      })
      return link
    },
    of: client => (client ? byClient.get(client) : undefined),
    holder: deviceId => holders.get(deviceId),
    claim(link) {
      const before = holders.get(link.deviceId)
      if (before) {
        link.takeover = true
        end(before, 'takeover')
      }
      holders.set(link.deviceId, link)
    },
    ready(link) {
      if (link.phase !== 'login') return
      link.phase = 'ready'
      clearTimeout(link.loginTimer)
      ready++
      observers.counters.connections(ready)
      const { deviceId, address, keepaliveSeconds, takeover } = link
      observers.connected({ deviceId, connectionId: link.id, address, keepaliveSeconds, takeover })
    },
    leave,
    reject,
    end,
    all: () => open,
    readyCount: () => ready,
  }
}
