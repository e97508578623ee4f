/** Where words and work belong when a ticket was merged into another. */
import { notFound } from '../platform/errors.ts'
import { endOfMerges, ticketMerged } from './rules/ticket-graph.ts'
import type { Tx } from '../database/database.ts'
import type { TicketEventRow, TicketRow } from '../database/tables/schema.ts'
import { findTicket } from './store/ticket-store.ts'

/** The ticket that another goes on in: the end of its merges. Throws not-found. */
export async function findEnd(tx: Tx, ticketId: string): Promise<TicketRow> {
  const known = new Map<string, TicketRow>()
  for (let id: string | null = ticketId; id !== null && !known.has(id);) {
    const row = await findTicket(tx, id)
    if (!row) break
    known.set(id, row)
    id = row.merged_into_id ?? null
  }
  const end = known.get(endOfMerges(ticketId, id => known.get(id)?.merged_into_id ?? null))
  if (!end) throw notFound('ticket')
  return end
}

/** Where a word that is written on a ticket belongs. A partner who was not given the other ticket stays where it is. */
export async function placeOfWords(tx: Tx, ticketId: string, author: Pick<TicketEventRow, 'author_kind'>): Promise<string> {
  const row = await findTicket(tx, ticketId)
  if (!row?.merged_into_id) return ticketId
  const end = await findEnd(tx, ticketId)
  return author.author_kind === 'partner' && end.partner_id !== row.partner_id ? ticketId : end.id
}

/** Throws ticket-merged, naming the ticket it goes on in. */
export function mustNotBeMerged(row: TicketRow): void {
  if (row.merged_into_id) throw ticketMerged(row.reference, row.merged_into_id)
}
