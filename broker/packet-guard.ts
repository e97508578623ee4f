/** What a packet must be before aedes sees it. Pure: packet in, fault out. */
import { isDeviceId, KEEPALIVE_SECONDS, MAX_CONNECT_BYTES, mayPublish, UP_KINDS, upTopic, type UpKind } from '../shared/topics.ts'
import type { RejectReason } from './limits.ts'

/** The fields of a parsed MQTT packet that the guard reads; what is absent depends on `cmd`. */
export type WirePacket = {
  cmd: string
  length: number
  qos: number
  retain: boolean
  dup: boolean
  messageId?: number
  topic?: string
  payload?: Buffer
  subscriptions?: { topic: string; qos: number }[]
  unsubscriptions?: string[]
  protocolId?: string
  protocolVersion?: number
  bridgeMode?: boolean
  clean?: boolean
  clientId?: string
  keepalive?: number
  username?: string
  password?: Buffer
  will?: { topic: string; payload: Buffer; qos: number; retain: boolean }
}

/** CONNACK codes of MQTT 3.1.1 used here. */
export const CONNACK = { protocolVersion: 1, identifier: 2, unavailable: 3, notAuthorized: 5 } as const

// Control characters and non-characters; U+FFFD is what invalid UTF-8 was decoded to, and no name of ours contains it.
// oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
const BAD_TEXT = /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffd-\uffff]/
const MAX_TOPIC_LEVELS = 100
const MAX_TOPIC_CHARACTERS = 64
const LONGEST_PAYLOAD = Math.max(...Object.values(UP_KINDS).map(kind => kind.maxBytes))
/** Topic with its length, and the packet id. */
const PUBLISH_OVERHEAD = 2 + MAX_TOPIC_CHARACTERS + 2

const isPacketId = (id: number | undefined) => id !== undefined && id >= 1 && id <= 0xffff
const isTopicName = (topic: string) => topic.length > 0 && !BAD_TEXT.test(topic) && !/[+#]/.test(topic)

/** True for a filter MQTT allows: `#` only as the whole last level, `+` only as a whole level. */
export function isTopicFilter(filter: string): boolean {
  if (filter.length === 0 || BAD_TEXT.test(filter)) return false
  const levels = filter.split('/')
  if (levels.length > MAX_TOPIC_LEVELS) return false
  return levels.every((level, index) => level === '+' || (level === '#' && index === levels.length - 1) || !/[+#]/.test(level))
}

/** Largest remaining length a client may declare for this kind of packet, or null for one that no client may send. */
export function declaredLimit(command: string | undefined, loggedIn: boolean): number | null {
  if (!loggedIn) return MAX_CONNECT_BYTES
  switch (command) {
    case 'publish':
      return LONGEST_PAYLOAD + PUBLISH_OVERHEAD
    case 'connect':
    case 'subscribe':
    case 'unsubscribe':
      return MAX_CONNECT_BYTES
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return 2
    case 'pingreq':
    case 'disconnect':
      return 0
    default:
      return null
  }
}

/** Fault of any packet after CONNECT; `consumed` is how many of its bytes the parser used. */
export function packetFault(packet: WirePacket, consumed: number): RejectReason | null {
  switch (packet.cmd) {
    case 'publish':
      if (!isTopicName(packet.topic ?? '') || consumed > packet.length) return 'malformed'
      if (packet.qos === 0 ? packet.dup : !isPacketId(packet.messageId)) return 'malformed'
      return null
    case 'subscribe':
    case 'unsubscribe': {
      const filters = packet.subscriptions?.map(wanted => wanted.topic) ?? packet.unsubscriptions ?? []
      const wellFormed = isPacketId(packet.messageId) && consumed === packet.length && filters.length > 0 && filters.every(isTopicFilter)
      return wellFormed ? null : 'malformed'
    }
    case 'puback':
      return packet.length === 2 && isPacketId(packet.messageId) ? null : 'malformed'
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return 'qos'
    case 'pingreq':
    case 'disconnect':
      return packet.length === 0 ? null : 'malformed'
    default:
      return 'malformed'
  }
}

export type ConnectFault = { reason: RejectReason; code: number | null }

/** Fault of a CONNECT: the reason, and the CONNACK code to answer with (null: closed without an answer, as for any malformed packet). */
export function connectFault(packet: WirePacket, consumed: number): ConnectFault | null {
  const { clientId = '', username, password, will } = packet
  if (packet.protocolVersion !== 4 || packet.protocolId !== 'MQTT' || packet.bridgeMode) {
    return { reason: 'protocol-version', code: CONNACK.protocolVersion }
  }
  if (consumed !== packet.length || BAD_TEXT.test(clientId) || BAD_TEXT.test(username ?? '')) return { reason: 'malformed', code: null }
  if (password && username === undefined) return { reason: 'malformed', code: null }
  if (will && (will.qos > 2 || !isTopicName(will.topic))) return { reason: 'malformed', code: null }
  if (clientId === '') return { reason: 'client-id', code: CONNACK.identifier }
  if (!username || !password?.length) return { reason: 'anonymous', code: CONNACK.notAuthorized }
  if (!isDeviceId(clientId) || username !== clientId) return { reason: 'client-id', code: CONNACK.notAuthorized }
  const keepalive = packet.keepalive ?? 0
  if (keepalive < KEEPALIVE_SECONDS.min || keepalive > KEEPALIVE_SECONDS.max) return { reason: 'keepalive', code: CONNACK.notAuthorized }
  const ownWill =
    !will || (will.topic === upTopic(clientId, 'will') && will.qos < 2 && !will.retain && will.payload.length <= UP_KINDS.will.maxBytes)
  return ownWill ? null : { reason: 'will', code: CONNACK.notAuthorized }
}

const isUpKind = (kind: string): kind is UpKind => Object.hasOwn(UP_KINDS, kind)

export type PublishVerdict = { allowed: true; kind: UpKind } | { allowed: false; reason: RejectReason }

/** May this device publish so many bytes here? The table of shared/topics plus the size class of the topic. */
export function publishVerdict(
  deviceId: string,
  packet: { topic: string; qos: number; retain: boolean },
  payloadBytes: number,
): PublishVerdict {
  const decision = mayPublish(deviceId, packet.topic, packet.qos, packet.retain)
  if (!decision.allowed) return decision
  if (!isUpKind(decision.kind)) return { allowed: false, reason: 'wrong-direction' }
  return payloadBytes > UP_KINDS[decision.kind].maxBytes ? { allowed: false, reason: 'too-large' } : { allowed: true, kind: decision.kind }
}
