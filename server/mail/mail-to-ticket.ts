/** What a mail does to tickets, in the transaction that takes the mail. */
import type { TicketInput, TicketPatch } from '../../shared/api/tickets/ticket-api.ts'
import { notFound } from '../platform/errors.ts'
import type { ReportFacts } from '../customers/rules/report-fields.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { flagsOf, loadCase, note, tellAbout } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { missingInReport, registerTicket } from '../tickets/register-ticket.ts'
import { patchTicket } from '../tickets/edit-ticket.ts'
import { addMessage } from '../tickets/write-message.ts'

/** Makes the part of ticketing that the mail intake uses. */
export function makeMailDesk(desk: Desk) {
  /** Some facts came and some did not: the rest is asked for. */
  const askAgain = async (tx: Tx, ticketId: string): Promise<void> => {
    const one = await loadCase(tx, desk, ticketId)
    if (one.row.status !== 'waiting-information') return
    const customer = await findCustomer(tx, one.row.customer_id)
    const missing = missingInReport(one.plan, one.row, customer?.name ?? '')
    const text = `Missing in the report: ${missing.join(', ')}.`
    const nowMs = desk.now()
    await tellAbout(tx, desk, one, { kind: 'information-missing', to: ['customer'], text, once: missing.join(','), nowMs, missing })
  }

  return {
    register: (tx: Tx, input: TicketInput, author: Author, changes: Change[]): Promise<string> =>
      registerTicket(tx, desk, input, author, changes),

    /** A public message of the customer. */
    write: (tx: Tx, ticketId: string, body: string, author: Author, changes: Change[]): Promise<string> =>
      addMessage({ tx, desk, changes, author }, ticketId, { visibility: 'public', body }),

    /** Fills in what the report was missing; with the last required fact the clocks run. Other tickets take no facts from mails. */
    async complete(tx: Tx, ticketId: string, facts: ReportFacts, author: Author, changes: Change[]): Promise<void> {
      const row = await findTicket(tx, ticketId)
      if (!row) throw notFound('ticket')
      const { phone, organisation, ...rest } = facts
      const isReporter = phone !== undefined || organisation !== undefined
      if (!flagsOf(row).includes('missing-information') || Object.keys(facts).length === 0) return
      const reporter = row.reporter === null ? null : (JSON.parse(row.reporter) as NonNullable<TicketPatch['reporter']>)
      const patch: TicketPatch = {
        ...rest,
        ...(reporter && isReporter
          ? { reporter: { ...reporter, ...(phone ? { phone } : {}), ...(organisation ? { organisation } : {}) } }
          : {}),
      }
      await patchTicket({ tx, desk, changes, author }, ticketId, patch)
      await askAgain(tx, ticketId)
    },

    /** A line for the desk alone. */
    async note(tx: Tx, ticketId: string, text: string, data: Record<string, unknown>): Promise<void> {
      const row = await findTicket(tx, ticketId)
      if (!row) throw notFound('ticket')
      await note(tx, desk, row, { atMs: desk.now(), nowMs: desk.now(), kind: 'mail', text, data })
    },
  }
}
