/** Calls: who it may be, and what it may be about. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, Level, Text } from '../../schema-pieces.ts'
import { TicketStatusWord } from './ticket-api.ts'

/** What the desk types while the phone rings: a number, an address, a name. */
export const CallerQuery = Closed({ q: Type.String({ minLength: 2, maxLength: 200 }) })
/** A named contact with the customer they speak for. */
export const FoundCaller = Closed({
  contactId: Type.String(),
  name: Type.String(),
  email: Type.String(),
  phone: Type.Union([Type.String(), Type.Null()]),
  customerId: Type.String(),
  customer: Type.String(),
  openTickets: Type.Integer({ minimum: 0 }),
})
export type FoundCaller = Static<typeof FoundCaller>

export const SimilarQuery = Closed({
  customerId: Text(64),
  deviceId: Type.Optional(Text(64)),
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  description: Type.Optional(Type.String({ maxLength: 2_000 })),
  email: Type.Optional(Email),
})
export type SimilarQuery = Static<typeof SimilarQuery>
/** An open ticket it may be about already. */
export const SimilarTicket = Closed({
  id: Type.String(),
  reference: Type.String(),
  subject: Type.String(),
  status: TicketStatusWord,
  level: Level,
  createdAt: Instant,
})
export type SimilarTicket = Static<typeof SimilarTicket>
