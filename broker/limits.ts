/** What the broker allows, and the stable words for what it refuses. */
import type { TopicRefusal } from '../shared/topics.ts'

export type BrokerLimits = {
  /** Open sockets in all, handshaking ones included. */
  connections: number
  /** Open sockets of one address (an IPv6 /64 counts as one): a whole estate may sit behind one router. */
  connectionsPerAddress: number
  /** From a finished handshake to CONNACK, in ms. */
  loginMs: number
  /** For the credential check alone, in ms; a check that hangs is answered "server unavailable". */
  authenticateMs: number
  tlsHandshakeMs: number
  /** A device that reads nothing for so long while something waits for it is closed, in ms. */
  drainMs: number
  /** Bytes waiting for one device above which QoS 0 is dropped and QoS 1 closes it. */
  unsentBytes: number
  /** A device is read at most this fast; its PUBACKs come late above it. */
  messagesPerSecond: number
  /** Offering more than `messagesPerSecond` for so long closes the connection, in ms. */
  floodMs: number
  commitWindowMs: number
  groupMessages: number
  groupBytes: number
  /** Bytes waiting for the store above which a publish is refused and its connection closed (the device keeps its spool). */
  pendingBytes: number
  /** How long `stop` waits for the store, in ms. */
  stopMs: number
}

/** Defaults for one machine with up to 10,000 devices and room to spare. */
export const DEFAULT_LIMITS: BrokerLimits = {
  connections: 50_000,
  connectionsPerAddress: 20_000,
  loginMs: 10_000,
  authenticateMs: 5_000,
  tlsHandshakeMs: 10_000,
  drainMs: 10_000,
  unsentBytes: 256 * 1024,
  messagesPerSecond: 1_000,
  floodMs: 10_000,
  commitWindowMs: 20,
  groupMessages: 5_000,
  groupBytes: 4 * 1024 * 1024,
  pendingBytes: 128 * 1024 * 1024,
  stopMs: 10_000,
}

/** Why something was refused: the `reason` label of the rejected counter. A closed connection counts once; denied subscriptions count each. */
export type RejectReason =
  | TopicRefusal // a publish outside the seven topics of the device, QoS 2 or retained
  | 'connection-budget'
  | 'address-budget'
  | 'tls-handshake'
  | 'websocket'
  | 'login-timeout'
  | 'malformed'
  | 'too-large'
  | 'protocol-version'
  | 'client-id'
  | 'anonymous'
  | 'keepalive'
  | 'will'
  | 'credentials'
  | 'auth-unavailable'
  | 'subscribe-denied'
  | 'flood'
  | 'slow-reader'
  | 'store-failed'
  | 'overloaded'
  | 'internal'
