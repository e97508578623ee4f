/** The outbox as people see it: what was told to whom, and what was not. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

export const NOTICE_STATES = ['pending', 'sending', 'sent', 'given-up'] as const

/** One notice, without its text: a letter may hold a link that is a key. */
export const Notice = Closed({
  id: Type.String(),
  channel: OneOf(['email', 'webhook', 'device']),
  address: Type.String({ description: 'e-mail address, or address of a webhook without its query' }),
  subject: Type.String(),
  state: OneOf(NOTICE_STATES),
  attempts: Type.Integer(),
  nextAttemptAt: NullableInstant,
  sentAt: NullableInstant,
  lastError: NullableText,
  ticketId: NullableText,
  deviceId: NullableText,
  customerId: NullableText,
  createdAt: Instant,
})
export type Notice = Static<typeof Notice>

export const OutboxQuery = ListQuery({
  state: Type.Optional(OneOf(NOTICE_STATES)),
  ticketId: Type.Optional(Text(64)),
  customerId: Type.Optional(Text(64)),
})
export type OutboxQuery = Static<typeof OutboxQuery>
