/** Every MQTT topic once: build, parse, limits, and who may publish or subscribe. The broker's ACL is this table. */
import { hash } from 'node:crypto'

/** Protocol major version in the topic root; a breaking change is a new root served beside the old one. */
export const TOPIC_ROOT = 'k1'

/** What a device publishes, with the largest packet payload accepted, in bytes as sent (before unzipping). */
export const UP_KINDS = {
  birth: { maxBytes: 64 * 1024, stored: true },
  will: { maxBytes: 512, stored: true },
  hb: { maxBytes: 2 * 1024, stored: false },
  met: { maxBytes: 64 * 1024, stored: true },
  evt: { maxBytes: 64 * 1024, stored: true },
  res: { maxBytes: 64 * 1024, stored: true },
  cfg: { maxBytes: 64 * 1024, stored: true },
} as const
export type UpKind = keyof typeof UP_KINDS

/** What a device may subscribe to: exactly these four names, no wildcard. */
export const DOWN_KINDS = ['cfg', 'cmd', 'ack', 'sys'] as const
export type DownKind = (typeof DOWN_KINDS)[number]

/** Largest CONNECT packet, in bytes: nothing a device needs to log in is longer. */
export const MAX_CONNECT_BYTES = 8 * 1024
/** Largest payload after gunzip, in bytes. */
export const MAX_UNZIPPED_BYTES = 1024 * 1024
/** Accepted MQTT keepalive, in seconds. */
export const KEEPALIVE_SECONDS = { min: 10, max: 300, default: 20 } as const

const DEVICE_ID = /^[0-9a-hjkmnp-tv-z]{26}$/

/** True for a device id: 26 lower-case Crockford base32 characters, so no dot, slash, plus or hash can enter a topic. */
export function isDeviceId(text: string): boolean {
  return DEVICE_ID.test(text)
}

/** Shard of a device: first byte of SHA-256(device id) as two hex digits. Divides the work between servers. */
export function shardOf(deviceId: string): string {
  return hash('sha256', deviceId, 'hex').slice(0, 2)
}

/** Topic a device publishes to. */
export function upTopic(deviceId: string, kind: UpKind): string {
  return `${TOPIC_ROOT}/${shardOf(deviceId)}/${deviceId}/up/${kind}`
}

/** Topic a device listens on. */
export function downTopic(deviceId: string, kind: DownKind): string {
  return `${TOPIC_ROOT}/${shardOf(deviceId)}/${deviceId}/dn/${kind}`
}

export type ParsedTopic = { deviceId: string; direction: 'up'; kind: UpKind } | { deviceId: string; direction: 'dn'; kind: DownKind }

/** Parts of a topic of ours, or null for anything else (wrong root, wrong shard, unknown kind). */
export function parseTopic(topic: string): ParsedTopic | null {
  if (topic.length > 64) return null
  const parts = topic.split('/')
  if (parts.length !== 5 || parts[0] !== TOPIC_ROOT) return null
  const [, shard, deviceId, direction, kind] = parts as [string, string, string, string, string]
  if (!isDeviceId(deviceId) || shard !== shardOf(deviceId)) return null
  if (direction === 'up' && Object.hasOwn(UP_KINDS, kind)) return { deviceId, direction, kind: kind as UpKind }
  if (direction === 'dn' && (DOWN_KINDS as readonly string[]).includes(kind)) return { deviceId, direction, kind: kind as DownKind }
  return null
}

export type TopicDecision = { allowed: true; kind: UpKind | DownKind } | { allowed: false; reason: TopicRefusal }
export type TopicRefusal = 'foreign-topic' | 'other-device' | 'wrong-direction' | 'qos' | 'retain'

/** May this device publish here? Only its own `up/*`, QoS 0 or 1, never retained. */
export function mayPublish(deviceId: string, topic: string, qos: number, retain: boolean): TopicDecision {
  const parsed = parseTopic(topic)
  if (!parsed) return { allowed: false, reason: 'foreign-topic' }
  if (parsed.deviceId !== deviceId) return { allowed: false, reason: 'other-device' }
  if (parsed.direction !== 'up') return { allowed: false, reason: 'wrong-direction' }
  if (qos > 1) return { allowed: false, reason: 'qos' }
  if (retain) return { allowed: false, reason: 'retain' }
  return { allowed: true, kind: parsed.kind }
}

/** May this device subscribe here? Only its own four `dn/*` names, spelled out. */
export function maySubscribe(deviceId: string, topic: string): TopicDecision {
  const parsed = parseTopic(topic)
  if (!parsed) return { allowed: false, reason: 'foreign-topic' }
  if (parsed.deviceId !== deviceId) return { allowed: false, reason: 'other-device' }
  if (parsed.direction !== 'dn') return { allowed: false, reason: 'wrong-direction' }
  return { allowed: true, kind: parsed.kind }
}
