/** Offers for what a plan does not cover, in words. */
import type { TicketOffer } from '../../../shared/api/tickets/scope-api.ts'
import type { Tone } from '../components/tags.tsx'

export const OFFERS: Record<TicketOffer['kind'], { label: string; means: string }> = {
  billable: { label: 'Billable work', means: 'The ticket waits for the customer to accept or decline' },
  partner: { label: 'A partner', means: 'A visit is offered to the partner who covers the place' },
  declined: { label: 'Nothing', means: 'The customer is told that it cannot be taken on' },
}
export const OFFER_STATES: Record<TicketOffer['state'], { word: string; tone: Tone }> = {
  open: { word: 'Waits for an answer', tone: 'warn' },
  accepted: { word: 'Accepted', tone: 'good' },
  declined: { word: 'Declined', tone: 'bad' },
  withdrawn: { word: 'Withdrawn', tone: 'plain' },
}
