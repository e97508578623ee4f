/** Visits follow tickets: offered with a fault that somebody must mend on site, called off when nobody is needed any more. */
import type { VisitUnderWay } from '../incidents/incident-ticket.ts'
import type { TicketFollower } from '../tickets/ticket-followers.ts'
import { followTicket } from './end-visit.ts'
import { backToDesk, offerRouted } from './offer-visit.ts'
import { lockOpenVisit } from './store/visit-store.ts'

export const visitFollower: TicketFollower = {
  raised: offerRouted,
  async saved(tx, saved, context) {
    for (const { before, after } of saved) await followTicket(tx, before, after, context)
  },
}

/** What incidents ask about the visit of a fault's ticket. */
export const visitUnderWay: VisitUnderWay = {
  isUnderWay: async (tx, ticketId) => (await lockOpenVisit(tx, ticketId)) !== null,
  backToDesk,
}
