/** What the broker needs from the server, and what it offers to it. */
import type http from 'node:http'
import type https from 'node:https'
import type { Logger } from 'pino'
import type { DownKind, UpKind } from '../shared/topics.ts'
import type { BrokerLimits } from './limits.ts'

/** One accepted publish, as it came in; the payload is unchecked bytes within its size class, a view of a larger buffer (copy what is kept). */
export type Inbound = {
  deviceId: string
  kind: UpKind
  payload: Buffer
  qos: 0 | 1
  receivedAtMs: number
  connectionId: number
  /** Published by the broker because the connection ended without a DISCONNECT. */
  isLastWill: boolean
}

export type BrokerDeps = {
  log: Logger
  nowMs: () => number
  /** Checks a login. `secretSha256` is the hex SHA-256 of the password given; compare with timingSafeEqual. Throwing or hanging counts as unavailable. */
  authenticate: (login: { deviceId: string; secretSha256: string; address: string }) => Promise<'accepted' | 'refused' | 'unavailable'>
  /** Stores one group, in arrival order. PUBACKs go out only after it resolves; rejecting closes the connections of the group. */
  commit: (group: readonly Inbound[]) => Promise<void>
  /** `up/hb`: not stored, not through the gate. */
  heartbeat: (message: Inbound) => void
  /** Any packet of a device, PINGREQ too. */
  heard: (deviceId: string, atMs: number) => void
  connected: (session: { deviceId: string; connectionId: number; address: string; keepaliveSeconds: number; takeover: boolean }) => void
  disconnected: (session: { deviceId: string; connectionId: number; cause: string }) => void
  /** Payload for a device that has just subscribed to `dn/cfg`, sent with the retain flag; null = none. */
  desiredConfig: (deviceId: string) => Promise<string | null>
  counters: {
    rejected: (reason: string) => void
    message: (kind: string) => void
    connections: (count: number) => void
    commitSeconds: (seconds: number) => void
  }
  limits?: Partial<BrokerLimits>
}

export type Broker = {
  /** Resolves to the port (port 0 = a free one). */
  listenTcp(o: { host: string; port: number }): Promise<number>
  /** Key and certificate as PEM text. */
  listenTls(o: { host: string; port: number; key: string; cert: string }): Promise<number>
  /** MQTT over WebSocket (sub-protocol `mqtt`) on an HTTP server of the caller's. */
  attachWebSocket(server: http.Server | https.Server, path: string): void
  /**
   * Writes to a device at once. False when it is not connected, has not subscribed to that topic, or reads too slowly.
   * `retain` is what an external broker would be told; a live subscriber gets the message without the flag (MQTT 3.3.1-9).
   */
  publish(deviceId: string, kind: DownKind, payload: Buffer | string, o: { qos: 0 | 1; retain?: boolean }): boolean
  /** Revocation: ends the session at once, without its last will, also one that is still logging in. False when there was none. */
  disconnect(deviceId: string, reason: string): boolean
  connectionCount(): number
  isConnected(deviceId: string): boolean
  /** Takes nothing more, waits for the store to commit and answer what was taken, closes all; no last wills. */
  stop(): Promise<void>
}
