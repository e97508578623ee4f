/** How tickets may be tied: merged into one another, and one a part of another. Never in a circle, whatever is asked in whatever order. */
import { DomainError } from '../../platform/errors.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

export type TiedTicket = { id: string; reference: string; customerId: string; status: TicketStatus; mergedIntoId: string | null }

/** How long a merge can be undone. */
export const MERGE_UNDO_MS = 3_600_000

/** Where a ticket goes on: the end of its merges, itself when it was never merged. Gives the last one known if a link is missing. */
export function endOfMerges(id: string, mergedIntoId: (id: string) => string | null): string {
  const seen = new Set([id])
  let end = id
  for (let next = mergedIntoId(end); next !== null && !seen.has(next); next = mergedIntoId(end)) {
    seen.add(next)
    end = next
  }
  return end
}

/** Why one ticket cannot go on in another, in a sentence; null when it can. `into` is the end of its merges. */
export function whyNotMerge(ticket: TiedTicket, into: TiedTicket): string | null {
  if (ticket.mergedIntoId !== null) return `${ticket.reference} was merged already: undo that first.`
  if (ticket.id === into.id) return `${ticket.reference} cannot be merged into itself, nor into what was merged into it.`
  if (ticket.customerId !== into.customerId)
    return `${into.reference} belongs to another customer; tie the two as related, or raise a major incident.`
  if (into.mergedIntoId !== null) return `${into.reference} goes on in another ticket: merge into that one.`
  if (into.status === 'closed') return `${into.reference} is closed: words that come later would be read by nobody. Open it again first.`
  return null
}

/** Why one ticket cannot become a part of another; null when it can. `parentOf` gives the ticket another is a part of. */
export function whyNotPart(child: TiedTicket, parent: TiedTicket, parentOf: (id: string) => string | null): string | null {
  if (child.id === parent.id) return `${child.reference} cannot be a part of itself.`
  if (child.customerId !== parent.customerId)
    return `${parent.reference} belongs to another customer; what concerns several is a major incident.`
  for (const { reference, mergedIntoId } of [child, parent])
    if (mergedIntoId !== null) return `${reference} goes on in another ticket: tie that one.`
  if (parentOf(child.id) !== null) return `${child.reference} is a part of another ticket already: untie it first.`
  const seen = new Set<string>()
  for (let above: string | null = parent.id; above !== null && !seen.has(above); above = parentOf(above)) {
    if (above === child.id) return `${parent.reference} is itself a part of ${child.reference}: that would be a circle.`
    seen.add(above)
  }
  return null
}

/** Until when a merge can be undone; throws relation-refused when that is over. */
export function mustUndo(merge: { atMs: number; undoneAtMs: number | null } | null, reference: string, nowMs: number): void {
  if (merge === null || merge.undoneAtMs !== null) throw relationRefused(`${reference} is not merged.`)
  if (nowMs > merge.atMs + MERGE_UNDO_MS)
    throw relationRefused(
      `${reference} was merged more than an hour ago: that is not undone any more. Register what is open as a new ticket.`,
    )
}

/** A tie that breaks a rule. */
export function relationRefused(detail: string): DomainError {
  return new DomainError('conflict', 'relation-refused', detail)
}

/** Work on a ticket that goes on in another. */
export function ticketMerged(reference: string, intoTicketId: string): DomainError {
  return new DomainError('conflict', 'ticket-merged', `${reference} was merged: go on in the ticket it was merged into.`, {
    extra: { intoTicketId },
  })
}
