/** Commands to devices: how long each waits for its device, and what the device's answer makes of it. */

export type CommandKind = 'upload-evidence' | 'take-picture' | 'run-remedy'
export type CommandState = 'queued' | 'sent' | 'done' | 'failed' | 'expired'

/** A picture or remedy is wanted now or not at all; evidence waits for a device that is away. */
export const COMMAND_LIFE_MS: Record<CommandKind, number> = {
  'upload-evidence': 24 * 3_600_000,
  'take-picture': 10 * 60_000,
  'run-remedy': 10 * 60_000,
}

/** State of a command after the device said this word about it; null when the word is only progress, or comes too late. */
export function stateAfter(state: CommandState, word: string): CommandState | null {
  if (state !== 'queued' && state !== 'sent') return null
  if (word === 'received' || word === 'running') return null
  return word === 'done' ? 'done' : 'failed'
}
