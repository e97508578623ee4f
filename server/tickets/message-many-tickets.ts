/** One word on many tickets, as a public message on each: what was merged is told once, where it goes on. */
import type { TicketRow } from '../database/tables/schema.ts'
import { findEnd } from './merged-ticket.ts'
import type { Act } from './ticket-context.ts'
import { addMessage } from './write-message.ts'

/** `body` null: not told, `why` says so. */
export type ToTell = { ticket: TicketRow; body: string | null; why: string }
export type ToldMany = { told: string[]; skipped: { ticketId: string; why: string }[] }

/** Writes it, in the order of the ids, which everybody keeps who locks many tickets. */
export async function tellMany(act: Act, items: readonly ToTell[]): Promise<ToldMany> {
  const answer: ToldMany = { told: [], skipped: [] }
  for (const { ticket, body, why } of items.toSorted((one, other) => (one.ticket.id < other.ticket.id ? -1 : 1))) {
    if (body === null) {
      answer.skipped.push({ ticketId: ticket.id, why })
      continue
    }
    const end = await findEnd(act.tx, ticket.id)
    if (answer.told.includes(end.id)) answer.skipped.push({ ticketId: ticket.id, why: `Goes on in ${end.reference}, which hears it.` })
    else {
      await addMessage(act, end.id, { visibility: 'public', body })
      answer.told.push(end.id)
    }
  }
  return answer
}
