/** What happens to a ticket here is queued for the client's desk in the same transaction: nothing public is lost, nothing internal is read. */
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { SaidMessage, SavedTicket } from '../tickets/ticket-context.ts'
import type { TicketFollower } from '../tickets/ticket-followers.ts'
import { findRunningLinks } from './store/sync-link-store.ts'
import { insertPair, readPublicMessages } from './store/sync-pair-store.ts'
import { enqueueOut, hasWaitingOut } from './store/sync-queue-store.ts'

export type CommentBody = { eventId: string; text: string }

/** Same message on the same link = same change. */
export function commentKey(linkId: string, eventId: string): string {
  return `comment:${linkId}:${eventId}`
}

/** What is written over there; the word of others says whose it is. */
function bodyOf({ id, text, author_kind, author_name }: SaidMessage): CommentBody {
  const isOurs = author_kind === 'person' || author_kind === 'system'
  return { eventId: id, text: isOurs ? text : `${author_name ?? (author_kind === 'partner' ? 'Partner' : 'Customer')}:\n${text}` }
}

/** Queues a public message of a mirrored ticket. */
async function captureMessage(tx: Tx, ticket: TicketRow, message: SaidMessage, nowMs: number): Promise<void> {
  const linkId = (await findRunningLinks(tx, [ticket.customer_id])).get(ticket.customer_id)
  if (linkId !== undefined) await queueMessage(tx, { linkId, ticketId: ticket.id, message, nowMs })
}

async function queueMessage(tx: Tx, what: { linkId: string; ticketId: string; message: SaidMessage; nowMs: number }): Promise<void> {
  const { linkId, ticketId, message, nowMs } = what
  await enqueueOut(tx, {
    link_id: linkId,
    ticket_id: ticketId,
    kind: 'comment',
    body: bodyOf(message),
    dedup_key: commentKey(linkId, message.id),
    nowMs,
  })
}

/** Mirrors a ticket from now on, with its public messages so far. Nothing happens when it is mirrored already: false. */
export async function mirrorTicket(tx: Tx, linkId: string, ticketId: string, nowMs: number): Promise<boolean> {
  if (!(await insertPair(tx, { link_id: linkId, ticket_id: ticketId, made_by: 'us', created_at: nowMs }))) return false
  await enqueueOut(tx, { link_id: linkId, ticket_id: ticketId, kind: 'create', body: {}, dedup_key: `create:${linkId}:${ticketId}`, nowMs })
  for (const message of await readPublicMessages(tx, ticketId)) await queueMessage(tx, { linkId, ticketId, message, nowMs })
  return true
}

/** Queues that the status or the level is to be set over there, as it is then. */
export async function queueChange(tx: Tx, linkId: string, ticketId: string, kind: 'state' | 'level', nowMs: number): Promise<void> {
  // One that waits already says what there is to say: what goes out is the ticket as it is then.
  if (await hasWaitingOut(tx, linkId, ticketId, kind)) return
  const dedupKey = `${kind}:${linkId}:${ticketId}:${crypto.randomUUID()}`
  await enqueueOut(tx, { link_id: linkId, ticket_id: ticketId, kind, body: {}, dedup_key: dedupKey, nowMs })
}

/** Queues what changed of saved tickets whose plan has the integration. */
async function captureSaved(tx: Tx, saved: readonly SavedTicket[], nowMs: number): Promise<void> {
  const links = await findRunningLinks(tx, [...new Set(saved.filter(one => one.plan.deskIntegration).map(one => one.after.customer_id))])
  if (links.size === 0) return
  for (const { before, after } of saved) {
    const linkId = links.get(after.customer_id)
    if (linkId === undefined) continue
    const isAlive = isOpenStatus(before.status) || isOpenStatus(after.status)
    if (isAlive && (await mirrorTicket(tx, linkId, after.id, nowMs))) continue
    if (before.status !== after.status) await queueChange(tx, linkId, after.id, 'state', nowMs)
    if (before.level !== after.level) await queueChange(tx, linkId, after.id, 'level', nowMs)
  }
}

/** Clients' desks follow tickets: what is said in public and what becomes of a ticket waits to be sent. */
export const servicedeskFollower: TicketFollower = {
  said: captureMessage,
  saved: (tx, saved, { nowMs }) => captureSaved(tx, saved, nowMs),
}
