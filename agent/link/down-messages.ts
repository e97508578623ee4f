/** What the server sends on `dn/ack` and `dn/sys`, checked by hand: the schema library would stay in the memory of a process that needs it for four small messages. */
import type { AckMessage, SystemMessage } from '../../shared/messages.ts'

const EPOCH = /^[0-9a-hjkmnp-tv-z]{8}$/
const MAX_BYTES = 4096

function parseObject(payload: Uint8Array): Record<string, unknown> | null {
  if (payload.byteLength > MAX_BYTES) return null
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const isInteger = (value: unknown, minimum: number, maximum: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum

/** Payload of `dn/ack`, or null when it is not one. Agrees with `AckMessage` of the wire contract. */
export function parseAck(payload: Uint8Array): AckMessage | null {
  const message = parseObject(payload)
  if (!message || typeof message.e !== 'string' || !EPOCH.test(message.e)) return null
  if (typeof message.q !== 'number' || !Number.isInteger(message.q) || message.q < 0 || typeof message.now !== 'number') return null
  return { e: message.e, q: message.q, now: message.now }
}

/** Payload of `dn/sys`, or null when it is not one. Agrees with `SystemMessage` of the wire contract. */
export function parseSystem(payload: Uint8Array): SystemMessage | null {
  const message = parseObject(payload)
  if (!message) return null
  switch (message.type) {
    case 'hello':
      if (message.ackMode !== 'puback' && message.ackMode !== 'app') return null
      if (typeof message.now !== 'number' || !isInteger(message.heartbeatSeconds, 5, 300)) return null
      return { type: 'hello', ackMode: message.ackMode, now: message.now, heartbeatSeconds: message.heartbeatSeconds }
    case 'rebirth':
      return { type: 'rebirth' }
    case 'revoked':
      return { type: 'revoked' }
    case 'retry-after':
      return isInteger(message.seconds, 1, 3600) ? { type: 'retry-after', seconds: message.seconds } : null
    default:
      return null
  }
}
