/** What a client's desk does to tickets, in the transaction that takes its news. */
import type { TicketInput } from '../../shared/api/ticket-api.ts'
import type { TicketStatus } from '../domain/ticket.ts'
import { notFound } from '../domain/errors.ts'
import type { Tx } from '../store/database.ts'
import { findTicket } from '../store/ticket-store.ts'
import type { Change } from './changes.ts'
import { note, type Author, type Desk } from './ticketing-core.ts'
import { registerTicket } from './ticketing-intake.ts'
import { addMessage, moveTicket } from './ticketing-people.ts'

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
      return note(tx, row, { atMs: desk.now(), nowMs: desk.now(), kind: 'servicedesk', text })
    },
  }
}
export type SyncDesk = ReturnType<typeof makeSyncDesk>
