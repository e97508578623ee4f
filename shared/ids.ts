/** Identifiers and secrets that cross the wire. */
import { createHash, randomBytes } from 'node:crypto'

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'

function base32(bytes: Uint8Array, length: number): string {
  let value = 0
  let bits = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5 && text.length < length) {
      bits -= 5
      text += BASE32[(value >>> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return text
}

/** A new device id: 26 lower-case Crockford base32 characters, 130 random bits. Never derived from hardware or names. */
export function newDeviceId(): string {
  return base32(randomBytes(17), 26)
}

/** A new id of a command or a bundle of evidence, in the same letters: the first ten tell when, so that names sort by time. */
export function newTimedId(nowMs: number): string {
  const time = Buffer.alloc(8)
  // 50 bits of ms, left-aligned, as ten letters of five bits
  time.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(nowMs))) << 14n)
  return base32(time, 10) + base32(randomBytes(10), 16)
}

/** A new epoch of a spool: 8 base32 characters, drawn when the spool is created or lost. */
export function newEpoch(): string {
  return base32(randomBytes(5), 8)
}

/** A new session id: drawn before each CONNECT, carried in will and birth so that an old will cannot harm a new session. */
export function newSessionId(): string {
  return base32(randomBytes(8), 12)
}

/** A new device secret: 32 random bytes as base64url. Used as MQTT password, stored on the server as SHA-256 only. */
export function newDeviceSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** A new recovery code of a login: 12 base32 characters, 60 random bits, for people to write down. */
export function newRecoveryCode(): string {
  return base32(randomBytes(8), 12)
}

/** A new token with its prefix (`ket_` enrolment, `kat_` API, `kst_` session, `kot_` works once): 190 random bits or more, base62-safe. */
export function newToken(prefix: 'ket' | 'kat' | 'kst' | 'kot'): string {
  return `${prefix}_${base32(randomBytes(25), 39)}`
}

/** SHA-256 of a high-entropy secret as hex: what the server keeps (a slow hash would turn a reconnect storm into an outage). */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
