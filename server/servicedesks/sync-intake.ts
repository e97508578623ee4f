/**
 * Whose ticket their ticket is: a pair we know, one of ours whose answer was lost, or a new one made over there, which becomes
 * ours by the decided rule: channel `api`, the level the link names (3 without), reported by who reported it there.
 */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { Tx } from '../database/database.ts'
import { findTicketByReference } from '../notifications/store/mail-store.ts'
import { findPair, findPairByExternal, insertPair, updatePair } from './store/sync-pair-store.ts'
import { withdrawOut } from './store/sync-queue-store.ts'
import type { SyncPairRow } from '../database/tables/sync-rows.ts'
import type { Change } from '../platform/change-bus.ts'
import type { Author } from '../tickets/ticket-context.ts'
import type { SyncDesk } from './sync-to-ticket.ts'
import type { Snapshot } from './desk-adapter.ts'
import type { OpenLink } from './open-link.ts'

/** Level of a ticket made over there until the desk ranks it. */
const NEW_LEVEL: LevelNumber = 3
const DESK_NAME = 'Client servicedesk'

/** Who speaks when the client's desk does. */
export function clientAuthor(name: string | null): Author {
  return { author_kind: 'customer', author_name: (name ?? DESK_NAME).slice(0, 200) }
}

const place = (snapshot: Snapshot): Partial<SyncPairRow> => ({
  external_id: snapshot.externalId,
  external_key: snapshot.key,
  external_url: snapshot.url,
})

/** One of ours whose making was not answered. A reference alone proves nothing: only who waits for it, or our own user, is believed. */
async function adopt(tx: Tx, link: OpenLink, snapshot: Snapshot, nowMs: number): Promise<SyncPairRow | null> {
  const ticket = snapshot.reference === null ? null : await findTicketByReference(tx, snapshot.reference)
  if (ticket?.customer_id !== link.row.customer_id) return null
  const pair = await findPair(tx, link.row.id, ticket.id)
  if (pair ? pair.external_id !== null : !snapshot.isOurs) return null
  if (pair === null)
    await insertPair(tx, { link_id: link.row.id, ticket_id: ticket.id, made_by: 'us', created_at: nowMs, ...place(snapshot) })
  else await updatePair(tx, pair.id, place(snapshot))
  return findPair(tx, link.row.id, ticket.id)
}

async function takeNew(
  tx: Tx,
  bySync: SyncDesk,
  link: OpenLink,
  snapshot: Snapshot,
  context: { nowMs: number; changes: Change[] },
): Promise<SyncPairRow | null> {
  const { row, settings } = link
  const words = snapshot.description.trim() || snapshot.subject.trim() || 'No description.'
  const reporter = snapshot.reporter
  const email = reporter?.email !== null && /^[^\s@<>"]{1,64}@[^\s@<>"]{1,190}$/.test(reporter?.email ?? '') ? reporter?.email : undefined
  const ticketId = await bySync.register(
    tx,
    {
      customerId: row.customer_id,
      level: settings.newTicketLevel ?? NEW_LEVEL,
      subject: (snapshot.subject.trim() || `Ticket ${snapshot.key}`).slice(0, 200),
      description: words.slice(0, 20_000),
      channel: 'api',
      reporter: { name: (reporter?.name ?? DESK_NAME).slice(0, 200), ...(email === undefined ? {} : { email }) },
    },
    clientAuthor(reporter?.name ?? null),
    context.changes,
  )
  await insertPair(tx, { link_id: row.id, ticket_id: ticketId, made_by: 'them', created_at: context.nowMs })
  const pair = await findPair(tx, row.id, ticketId)
  if (pair === null) return null
  await updatePair(tx, pair.id, { made_by: 'them', ...place(snapshot) })
  // It is there already: what registering it here has queued is not news to them.
  await withdrawOut(tx, { linkId: row.id, ticketId, kinds: ['create', 'comment', 'state', 'level'] })
  await bySync.note(
    tx,
    ticketId,
    `Made at the client’s desk as ${snapshot.key} (${row.name}); level ${settings.newTicketLevel ?? NEW_LEVEL} by the link’s rule.`,
  )
  return findPair(tx, row.id, ticketId)
}

/** The pair a ticket of theirs belongs to; null = it is none of our business. */
export async function pairFor(
  tx: Tx,
  bySync: SyncDesk,
  link: OpenLink,
  snapshot: Snapshot,
  context: { nowMs: number; changes: Change[] },
): Promise<SyncPairRow | null> {
  const known = await findPairByExternal(tx, link.row.id, snapshot.externalId)
  if (known) return known
  const adopted = await adopt(tx, link, snapshot, context.nowMs)
  if (adopted) return adopted
  if (snapshot.isOurs || !snapshot.isInScope || link.settings.takeNew === false) return null
  return takeNew(tx, bySync, link, snapshot, context)
}
