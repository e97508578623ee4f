/** Nobody overwrites what they have not seen: a change may name the version it was decided on. */
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import type { Tx } from '../database/database.ts'
import { listEventsSince } from './store/ticket-change-store.ts'
import { lockTicket } from './store/ticket-store.ts'

const MAX_CHANGES = 20
const MAX_TEXT = 300

/** Version a caller decided on. `byHeader`: named with If-Match, whose refusal is a 412. */
export type Expected = { version: number; byHeader: boolean }

/** What a request expects: its If-Match header before the `version` of its body; null = nothing. Throws invalid-input. */
export function readExpected(header: string | undefined, version: number | undefined): Expected | null {
  if (header === undefined || header.trim() === '*') return version === undefined ? null : { version, byHeader: false }
  const found = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1]
  if (found === undefined) throw invalidInput([{ path: 'headers/if-match', message: 'must be one ETag of the ticket, such as "7"' }])
  return { version: Number(found), byHeader: true }
}

/** Locks the ticket; throws ticket-changed with what happened since when it is another version by now. */
export async function mustBeVersion(tx: Tx, ticketId: string, expected: Expected | null): Promise<void> {
  if (expected === null) return
  const row = await lockTicket(tx, ticketId)
  if (!row) throw notFound('ticket')
  const version = row.version ?? 1
  if (version === expected.version) return
  const events = await listEventsSince(tx, ticketId, expected.version, MAX_CHANGES)
  const changes = events.map(event => ({
    at: new Date(event.at).toISOString(),
    kind: event.kind,
    author: { kind: event.author_kind, name: event.author_name },
    text: event.text.slice(0, MAX_TEXT),
  }))
  const last = changes[0]
  const who = last === undefined ? '' : ` Last: ${last.author.name ?? last.author.kind}: ${last.text}`
  throw new DomainError('conflict', 'ticket-changed', `${row.reference} has changed since you read it; nothing was overwritten.${who}`, {
    extra: { ...(expected.byHeader ? { status: 412 } : {}), version, changes },
  })
}
