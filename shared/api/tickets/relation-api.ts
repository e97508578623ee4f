/** What ties a ticket to others: merges, parts, related ones, likely duplicates, and who watches it. For staff. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, Level, NullableInstant, OneOf, Text } from '../../schema-pieces.ts'
import { TicketStatusWord } from './ticket-api.ts'

export const MergeInput = Closed({
  intoTicketId: Type.String({ minLength: 1, maxLength: 64, description: 'id or reference of a ticket of the same customer' }),
  reason: Type.Optional(Text(2_000)),
})
export type MergeInput = Static<typeof MergeInput>

/** `child`: this ticket is a part of the other; `parent`: the other is a part of this one. */
export const LinkInput = Closed({
  kind: OneOf(['related', 'child', 'parent']),
  ticketId: Type.String({ minLength: 1, maxLength: 64, description: 'id or reference' }),
})
export type LinkInput = Static<typeof LinkInput>

/** Exactly one of the two; neither = the caller watches. */
export const WatchInput = Closed({ userId: Type.Optional(Text(64)), contactId: Type.Optional(Text(64)) })
export type WatchInput = Static<typeof WatchInput>

export const ResolvePartsInput = Closed({
  message: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000, description: 'told in each ticket before it is resolved' })),
})
export type ResolvePartsInput = Static<typeof ResolvePartsInput>

export const TiedTicket = Closed({
  id: Type.String(),
  reference: Type.String(),
  subject: Type.String(),
  status: TicketStatusWord,
  level: Level,
  customerId: Type.String(),
  createdAt: Instant,
})
export type TiedTicket = Static<typeof TiedTicket>
const LinkedTicket = Closed({ linkId: Type.String(), ticket: TiedTicket })

/** A ticket that may be about the same, and why one may think so. */
export const LikelyDuplicate = Closed({ ticket: TiedTicket, why: Type.String() })
export type LikelyDuplicate = Static<typeof LikelyDuplicate>
export const DuplicateQuery = Closed({
  customerId: Text(64),
  subject: Type.String({ minLength: 1, maxLength: 200 }),
  deviceId: Type.Optional(Text(64)),
})
export const DuplicatesAnswer = Closed({ items: Type.Array(LikelyDuplicate) })
export type DuplicatesAnswer = Static<typeof DuplicatesAnswer>

export const Watcher = Closed({
  id: Type.String(),
  kind: OneOf(['staff', 'contact', 'reporter']),
  name: Type.String(),
  email: Type.String(),
})
export type Watcher = Static<typeof Watcher>

export const Relations = Closed({
  mergedInto: Type.Union([TiedTicket, Type.Null()]),
  /** Until when the merge can be undone. */
  undoUntil: NullableInstant,
  merged: Type.Array(TiedTicket),
  parent: Type.Union([LinkedTicket, Type.Null()]),
  children: Type.Array(LinkedTicket),
  related: Type.Array(LinkedTicket),
  duplicates: Type.Array(LikelyDuplicate),
  watchers: Type.Array(Watcher),
  /** Whether the caller watches. */
  isWatching: Type.Boolean(),
})
export type Relations = Static<typeof Relations>

/** One line of who had a ticket: a line or a person, since when, by whom, and the reason where one was given. */
export const HandOver = Closed({
  at: Instant,
  kind: OneOf(['line', 'assignee']),
  text: Type.String(),
  by: Type.String(),
  why: Type.Union([Type.String(), Type.Null()]),
})
export const HandOversAnswer = Closed({ items: Type.Array(HandOver) })
export type HandOver = Static<typeof HandOver>

/** One change of many tickets at once; what one refuses hinders no other. */
export const BulkInput = Closed({
  ticketIds: Type.Array(Text(64), { minItems: 1, maxItems: 200, uniqueItems: true }),
  assignee: Type.Optional(Type.Union([Text(200), Type.Null()])),
  level: Type.Optional(Level),
  to: Type.Optional(TicketStatusWord),
  reason: Type.Optional(Text(2_000)),
})
export type BulkInput = Static<typeof BulkInput>
export const BulkAnswer = Closed({
  done: Type.Array(Type.String()),
  refused: Type.Array(Closed({ ticketId: Type.String(), slug: Type.String(), detail: Type.String() })),
})
export type BulkAnswer = Static<typeof BulkAnswer>
