/** A command from the server: obeyed only when signed for this device and made of what this program understands. Checked by hand, as the other messages from the server. */
import type { CommandMessage } from '../../shared/messages.ts'
import { verifyDocument } from '../../shared/signing.ts'

const COMMAND_ID = /^[0-9a-hjkmnp-tv-z]{26}$/
const MAX_WIRE = 16 * 1024

export type UploadCommand = { bundleId: string; url: string; token: string; expiresAt: number }
export type Command = { id: string; expiresAt: number } & (
  | { kind: 'upload-evidence'; upload: UploadCommand }
  | { kind: 'take-picture' }
  | { kind: 'run-remedy'; remedy: string; signal: string | null }
)
export type ParsedCommand =
  | { ok: true; command: Command }
  /** `id` where the signature holds: then the server is told. */
  | { ok: false; id: string | null; fault: string }

const isText = (value: unknown, maxLength: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxLength

function bodyOf(message: Partial<CommandMessage>): Command | null {
  const { id = '', expiresAt = 0, payload } = message
  const given = typeof payload === 'object' && payload !== null ? payload : {}
  switch (message.kind) {
    case 'take-picture':
      return { id, expiresAt, kind: 'take-picture' }
    case 'upload-evidence': {
      const { bundleId, url, token, expiresAt: until } = given
      if (!isText(bundleId, 64) || !isText(url, 2000) || !isText(token, 100) || !/^[\w-]+$/.test(token) || typeof until !== 'number')
        return null
      return { id, expiresAt, kind: 'upload-evidence', upload: { bundleId, url, token, expiresAt: until } }
    }
    case 'run-remedy': {
      const { id: remedy, signal } = given
      if (!isText(remedy, 40) || (signal !== undefined && !isText(signal, 129))) return null
      return { id, expiresAt, kind: 'run-remedy', remedy, signal: signal ?? null }
    }
    default:
      return null
  }
}

/** Checks one `dn/cmd` payload. Never throws. */
export function parseCommand(wire: string, keys: Record<string, string>, deviceId: string): ParsedCommand {
  if (wire.length > MAX_WIRE) return { ok: false, id: null, fault: 'too long' }
  const verified = verifyDocument(keys, 'k1cmd', deviceId, wire)
  if (!verified.ok) return { ok: false, id: null, fault: `signature: ${verified.reason}` }
  const message = verified.document as Partial<CommandMessage> | null
  if (typeof message?.id !== 'string' || !COMMAND_ID.test(message.id)) return { ok: false, id: null, fault: 'it has no id' }
  if (message.deviceId !== deviceId) return { ok: false, id: null, fault: 'made for another device' }
  if (typeof message.expiresAt !== 'number' || !Number.isFinite(message.expiresAt))
    return { ok: false, id: message.id, fault: 'it never expires' }
  const command = bodyOf(message)
  return command
    ? { ok: true, command }
    : { ok: false, id: message.id, fault: `this agent does not know how to ${String(message.kind).slice(0, 40)} so` }
}
