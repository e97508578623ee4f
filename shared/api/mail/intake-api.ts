/** Mails that wait for the desk, and files on tickets. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

const IntakeState = OneOf(['open', 'ignored', 'assigned', 'dismissed'])

/** A mail that became neither a ticket nor a message; `why` says it in words. */
export const IntakeItem = Closed({
  id: Type.String(),
  mailId: Type.String(),
  state: IntakeState,
  reason: Type.String(),
  why: Type.String(),
  from: Type.String(),
  subject: Type.String(),
  bytes: Type.Integer(),
  ticketId: NullableText,
  decidedBy: NullableText,
  decidedAt: NullableInstant,
  createdAt: Instant,
})
export type IntakeItem = Static<typeof IntakeItem>
export const IntakeQuery = ListQuery({ state: Type.Optional(IntakeState) })
export type IntakeQuery = Static<typeof IntakeQuery>
export const AssignInput = Closed({ customerId: Text(64) })
export const AttachInput = Closed({ ticketId: Text(64) })
/** What a mail says that waits; nothing of it is markup. `text` empty: it cannot be read, only saved. */
export const IntakePreview = Closed({
  from: Closed({ name: Type.String(), address: Type.String() }),
  subject: Type.String(),
  text: Type.String(),
  files: Type.Array(Closed({ name: Type.String(), contentType: Type.String(), bytes: Type.Integer() })),
  leftOut: Type.Array(Type.String()),
  /** Customers it may be of, by the domain of the sender's address. */
  likelyCustomers: Type.Array(Closed({ id: Type.String(), name: Type.String() })),
  /** A ticket it names, whosever it is. */
  namedTicket: Type.Union([Closed({ id: Type.String(), reference: Type.String(), subject: Type.String() }), Type.Null()]),
})
export type IntakePreview = Static<typeof IntakePreview>
export const AssignAnswer = Closed({ ticketId: Type.String() })
/** What became of a mail that was handed over. */
export const MailAnswer = Closed({
  mailId: Type.String(),
  outcome: OneOf(['sent', 'ticket', 'message', 'waiting', 'ignored', 'quarantined', 'duplicate']),
  ticketId: NullableText,
  why: Type.String(),
})

export const Attachment = Closed({
  id: Type.String(),
  name: Type.String(),
  contentType: Type.String(),
  bytes: Type.Integer(),
  visibility: OneOf(['public', 'internal']),
  messageId: Type.Union([Type.String(), Type.Null()], { description: 'line of the history it came with' }),
  visitId: Type.Union([Type.String(), Type.Null()], { description: 'visit it is a photo of' }),
  createdAt: Instant,
  url: Type.String(),
})
export type Attachment = Static<typeof Attachment>
