/** Major incidents: what concerns many at once, told in one message on the ticket of each. For staff. */
import { Type, type Static } from 'typebox'
import { eachLanguage } from '../../languages.ts'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { TiedTicket } from '../tickets/relation-api.ts'

const TicketNames = Type.Array(Type.String({ minLength: 1, maxLength: 64, description: 'id or reference' }), {
  minItems: 1,
  maxItems: 500,
  uniqueItems: true,
})

/** Raised from tickets, or from an incident of a site or the platform, whose ticket belongs to it. */
export const MajorInput = Closed({
  title: Text(200),
  ticketIds: Type.Optional(TicketNames),
  incidentId: Type.Optional(Text(64)),
})
export type MajorInput = Static<typeof MajorInput>
export const MajorTicketsInput = Closed({ ticketIds: TicketNames })

const Words = Text(10_000)
/** One message to all concerned. `translations` are for customers of that language; the others read `body`. */
export const MajorMessageInput = Closed({
  body: Words,
  translations: Type.Optional(Closed(eachLanguage(() => Type.Optional(Words)))),
})
export type MajorMessageInput = Static<typeof MajorMessageInput>
/** A ticket for each customer concerned that has none here and whose plan has the term. */
export const MajorTicketsToOpen = Closed({ subject: Text(200), ...MajorMessageInput.properties })
export type MajorTicketsToOpen = Static<typeof MajorTicketsToOpen>
export const MajorTicketsOpened = Closed({
  opened: Type.Array(Type.String(), { description: 'ids of the new tickets' }),
  skipped: Type.Array(Closed({ customerId: Type.String(), why: Type.String() })),
})
export type MajorTicketsOpened = Static<typeof MajorTicketsOpened>
export const MajorNoteInput = Closed({ text: Words })

export const MajorAnswer = Closed({
  told: Type.Array(Type.String(), { description: 'ids of the tickets it was written on' }),
  skipped: Type.Array(Closed({ ticketId: Type.String(), why: Type.String() })),
})
export type MajorAnswer = Static<typeof MajorAnswer>

export const Major = Closed({
  id: Type.String(),
  reference: Type.String(),
  title: Type.String(),
  state: OneOf(['open', 'ended']),
  incidentId: NullableText,
  startedAt: Instant,
  startedBy: Type.String(),
  endedAt: NullableInstant,
  tickets: Type.Integer({ description: 'how many of it the caller may see' }),
})
export type Major = Static<typeof Major>

/** `updateDueAt`: when the plan owes the customer the next word. `hears`: whether one message goes to it too, and why not. */
const MajorTicket = Closed({
  ticket: TiedTicket,
  customerName: Type.String(),
  language: Type.String(),
  updateDueAt: NullableInstant,
  hears: Type.Boolean(),
  why: Type.String(),
})
const Named = Closed({ id: Type.String(), name: Type.String() })
const MajorEvent = Closed({
  id: Type.String(),
  at: Instant,
  kind: OneOf(['began', 'tickets', 'message', 'note', 'ended']),
  by: Type.String(),
  text: Type.String(),
  ticketsTold: Type.Union([Type.Integer(), Type.Null()]),
})
export const MajorDetail = Closed({
  ...Major.properties,
  nextUpdateDueAt: NullableInstant,
  escalationPhone: Type.Union([Type.String(), Type.Null()], { description: 'told to customers whose plan has one' }),
  members: Type.Array(MajorTicket),
  affected: Closed({ customers: Type.Array(Named), sites: Type.Array(Named), devices: Type.Array(Named) }),
  history: Type.Array(MajorEvent),
})
export type MajorDetail = Static<typeof MajorDetail>

export const MajorQuery = ListQuery({
  state: Type.Optional(OneOf(['open', 'ended'])),
  ticketId: Type.Optional(Text(64)),
})
export type MajorQuery = Static<typeof MajorQuery>
