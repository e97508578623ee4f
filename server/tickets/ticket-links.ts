/** Ties between tickets and who watches them: made and undone, each with a line in the history of both. */
import type { LinkInput, ResolvePartsInput } from '../../shared/api/tickets/relation-api.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { relationRefused, whyNotPart } from './rules/ticket-graph.ts'
import { isOpenStatus } from './rules/ticket.ts'
import { listContacts } from '../customers/store/customer-store.ts'
import { lockCustomer, type Tx } from '../database/database.ts'
import {
  deleteLink,
  deleteWatcher,
  insertLink,
  insertWatcher,
  listLinks,
  listStaffFor,
  readParents,
  readTickets,
} from './store/ticket-relation-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findTicket } from './store/ticket-store.ts'
import { toTied } from './ticket-merging.ts'
import { note } from './loaded-ticket.ts'
import type { Act } from './ticket-context.ts'
import { addMessage } from './write-message.ts'
import { moveTicket } from './move-ticket.ts'
import { newRowId } from '../database/row-id.ts'

const both = (tickets: readonly TicketRow[], changes: Act['changes']): void =>
  void changes.push(...tickets.map(row => ({ kind: 'ticket' as const, id: row.id, customerId: row.customer_id })))

async function mustFind(tx: Tx, id: string): Promise<TicketRow> {
  const row = await findTicket(tx, id)
  if (!row) throw notFound('ticket')
  return row
}

const WORDS = { related: 'Related to', child: 'Is a part of', parent: 'Has as a part:' } as const
const BACK = { related: 'related', child: 'parent', parent: 'child' } as const

/** Ties two tickets; tied so already is done too. Throws relation-refused with the rule. */
export async function linkTickets({ tx, desk, changes, author }: Act, ticketId: string, input: LinkInput): Promise<void> {
  const nowMs = desk.now()
  const [one, other] = [await mustFind(tx, ticketId), await mustFind(tx, input.ticketId)]
  if (one.id === other.id) throw relationRefused(`${one.reference} cannot be tied to itself.`)
  let [from, to] = [one, other].toSorted((a, b) => (a.id < b.id ? -1 : 1)) as [TicketRow, TicketRow]
  if (input.kind !== 'related') {
    ;[from, to] = input.kind === 'child' ? [one, other] : [other, one]
    // All ties of a customer's tickets are made one at a time: no two of them can close a circle together.
    await lockCustomer(tx, from.customer_id)
    const parents = await readParents(tx, from.customer_id)
    if (parents.get(from.id) === to.id) return
    const refusal = whyNotPart(toTied(from), toTied(to), id => parents.get(id) ?? null)
    if (refusal !== null) throw relationRefused(refusal)
  }
  const kind = input.kind === 'related' ? ('related' as const) : ('child' as const)
  const isNew = await insertLink(tx, { kind, from_id: from.id, to_id: to.id, by_name: author.author_name ?? 'the desk', at: nowMs })
  if (!isNew) return
  await note(tx, desk, one, { atMs: nowMs, nowMs, kind: 'tied', text: `${WORDS[input.kind]} ${other.reference}.`, author })
  await note(tx, desk, other, { atMs: nowMs, nowMs, kind: 'tied', text: `${WORDS[BACK[input.kind]]} ${one.reference}.`, author })
  both([one, other], changes)
}

/** Unties two tickets. Throws not-found when the tie is not one of this ticket. */
export async function unlinkTickets({ tx, desk, changes, author }: Act, ticketId: string, linkId: string): Promise<void> {
  const link = (await listLinks(tx, ticketId)).find(known => known.id === linkId)
  if (!link) throw notFound('tie')
  const [one, other] = [await mustFind(tx, link.from_id), await mustFind(tx, link.to_id)]
  const nowMs = desk.now()
  await deleteLink(tx, linkId)
  await note(tx, desk, one, { atMs: nowMs, nowMs, kind: 'tied', text: `No longer tied to ${other.reference}.`, author })
  await note(tx, desk, other, { atMs: nowMs, nowMs, kind: 'tied', text: `No longer tied to ${one.reference}.`, author })
  both([one, other], changes)
}

/** Parts of a ticket that are open, each told in its own ticket and resolved. Gives their ids. */
export async function resolveParts(act: Act, ticketId: string, { message }: ResolvePartsInput): Promise<string[]> {
  const { tx } = act
  const parent = await mustFind(tx, ticketId)
  const links = (await listLinks(tx, ticketId)).filter(link => link.kind === 'child' && link.to_id === ticketId)
  const parts = [
    ...(
      await readTickets(
        tx,
        links.map(link => link.from_id),
      )
    ).values(),
  ]
  const open = parts.filter(row => isOpenStatus(row.status)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (open.length === 0) throw relationRefused(`${parent.reference} has no open parts.`)
  for (const row of open) {
    if (message !== undefined) await addMessage(act, row.id, { visibility: 'public', body: message })
    await moveTicket(act, row.id, { to: 'resolved', reason: `Together with ${parent.reference}.` })
  }
  return open.map(row => row.id)
}

/** Adds somebody of the staff or a named contact of the customer; who watches already goes on watching. Throws invalid-input. */
export async function watchTicket(
  { tx, desk, changes, author }: Act,
  ticketId: string,
  who: { userId: string } | { contactId: string },
): Promise<void> {
  const row = await mustFind(tx, ticketId)
  const isStaff = 'userId' in who
  const refId = isStaff ? who.userId : who.contactId
  const known = isStaff ? await listStaffFor(tx, row.customer_id) : await listContacts(tx, row.customer_id)
  const person = known.find(one => one.id === refId)
  if (!person) {
    if (isStaff) throw invalidInput([{ path: 'body/userId', message: 'is nobody of the staff who may see this customer' }])
    throw invalidInput([{ path: 'body/contactId', message: 'is not a contact of this customer' }])
  }
  const nowMs = desk.now()
  const isNew = await insertWatcher(tx, {
    id: newRowId(),
    ticket_id: ticketId,
    kind: isStaff ? 'staff' : 'contact',
    ref_id: refId,
    email: person.email.toLowerCase(),
    name: person.name,
    by_name: author.author_name ?? 'the desk',
    at: nowMs,
  })
  if (!isNew) return
  await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'watching', text: `${person.name} watches this ticket.`, author })
  both([row], changes)
}

/** Takes somebody off again. Throws not-found. */
export async function unwatchTicket({ tx, changes }: Act, ticketId: string, watcherId: string): Promise<void> {
  const row = await mustFind(tx, ticketId)
  if (!(await deleteWatcher(tx, ticketId, watcherId))) throw notFound('watcher')
  both([row], changes)
}

/** The fault of a refusal as a list tells it; what is no refusal is thrown on. */
export function toRefusal(ticketId: string, error: unknown): { ticketId: string; slug: string; detail: string } {
  if (!(error instanceof DomainError)) throw error
  return { ticketId, slug: error.slug, detail: error.message }
}
