/** Files go with the message they were given for, all or none. */
import { invalidInput } from '../platform/errors.ts'
import { bindFiles } from '../attachments/store/attachment-store.ts'
import type { Tx } from '../database/database.ts'

/** In the message's transaction. Throws invalid-input when one is not a waiting file of the writer on this ticket. */
export async function sendFiles(
  tx: Tx,
  message: { ticketId: string; eventId: string; ids: readonly string[]; owner: string; visibility: 'public' | 'internal' },
): Promise<void> {
  const ids = [...new Set(message.ids)]
  if (ids.length === 0) return
  const { ticketId, eventId, visibility, owner } = message
  const bound = await bindFiles(tx, { ticketId, eventId, visibility, waitsFor: owner, ids })
  if (bound !== ids.length)
    throw invalidInput([{ path: 'body/attachments', message: 'each must be a file of yours that waits for a message of this ticket' }])
}
