/** What a client's desk does to tickets, in the transaction that takes its news. */
import type { TicketInput, TicketStatus } from '../../shared/api/tickets/ticket-api.ts'
import { notFound } from '../platform/errors.ts'
import type { Tx } from '../database/database.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { note } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { registerTicket } from '../tickets/register-ticket.ts'
import { addMessage } from '../tickets/write-message.ts'
import { moveTicket } from '../tickets/move-ticket.ts'

/** Makes the part of ticketing that links to clients' desks use. */
export function makeSyncDesk(desk: Desk) {
  return {
    register: (tx: Tx, input: TicketInput, author: Author, changes: Change[]): Promise<string> =>
      registerTicket(tx, desk, input, author, changes),

    /** A word of the customer: public, and their clocks and status take it as such. Gives its line of the history. */
    write: (tx: Tx, ticketId: string, body: string, author: Author, changes: Change[]): Promise<string> =>
      addMessage({ tx, desk, changes, author }, ticketId, { visibility: 'public', body }),

    /** To another status. Throws transition-not-allowed. */
    move: (tx: Tx, ticketId: string, to: TicketStatus, author: Author, changes: Change[]): Promise<void> =>
      moveTicket({ tx, desk, changes, author }, ticketId, { to }),

    /** A line for the desk alone. */
    async note(tx: Tx, ticketId: string, text: string): Promise<string> {
      const row = await findTicket(tx, ticketId)
      if (!row) throw notFound('ticket')
      return note(tx, desk, row, { atMs: desk.now(), nowMs: desk.now(), kind: 'servicedesk', text })
    },
  }
}
export type SyncDesk = ReturnType<typeof makeSyncDesk>
