/** What a plan does not cover: the reason from its list, what is offered instead, and what the customer says to it. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'

const OfferKind = OneOf(['billable', 'partner', 'declined'])

export const OutOfScopeInput = Closed({
  reason: Type.String({ minLength: 1, maxLength: 200, description: 'one of the categories or subjects that the plan lists' }),
  offer: Type.Optional(OfferKind),
  estimate: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'time and price of billable work, in words' })),
  message: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000, description: 'what the customer reads; left out = drafted' })),
  partnerId: Type.Optional(Text(64)),
})
export type OutOfScopeInput = Static<typeof OutOfScopeInput>

export const OfferDecision = Closed({ accepted: Type.Boolean(), note: Type.Optional(Text(2_000)) })
export type OfferDecision = Static<typeof OfferDecision>

export const TicketOffer = Closed({
  id: Type.String(),
  kind: OfferKind,
  reason: Type.String(),
  estimate: NullableText,
  state: OneOf(['open', 'accepted', 'declined', 'withdrawn']),
  offeredAt: Instant,
  decidedBy: NullableText,
  decidedAt: NullableInstant,
  note: NullableText,
})
export type TicketOffer = Static<typeof TicketOffer>

/** `choices`: what the plan lists; `offer`: what it offers instead. `offers`: newest first. */
export const TicketScope = Closed({
  reason: Type.Union([Type.String(), Type.Null()], { description: 'why a person marked it as out of scope; null = it was not' }),
  choices: Type.Array(Type.String()),
  offer: OfferKind,
  offers: Type.Array(TicketOffer),
  /** Why no partner was asked, when one was to be. */
  partnerWhy: NullableText,
})
export type TicketScope = Static<typeof TicketScope>
