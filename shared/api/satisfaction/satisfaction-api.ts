/** What customers thought: one question a ticket, answered by a link without a login. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'

const Score = OneOf(['good', 'bad'])
const answer = { score: Type.Union([Score, Type.Null()]), comment: NullableText, answeredAt: NullableInstant }

/** What the holder of the link is asked about. */
export const Question = Closed({ reference: Type.String(), subject: Type.String(), language: Type.String(), ...answer })
export type Question = Static<typeof Question>
/** The first score counts; a comment may follow it. */
export const AnswerInput = Closed({ score: Score, comment: Type.Optional(Text(2_000)) })
export type AnswerInput = Static<typeof AnswerInput>
/** Of a ticket; `askedAt` null: nobody was asked. */
export const TicketSatisfaction = Closed({ askedAt: NullableInstant, ...answer })
export type TicketSatisfaction = Static<typeof TicketSatisfaction>
/** A month in the customer's zone, by when was asked. */
export const SatisfactionMonth = Closed({
  month: Type.String(),
  asked: Type.Integer(),
  answered: Type.Integer(),
  good: Type.Integer(),
  goodPercent: Type.Union([Type.Number(), Type.Null()]),
  comments: Type.Array(Closed({ ticketId: Type.String(), reference: Type.String(), score: Score, comment: Type.String(), at: Instant })),
})
export type SatisfactionMonth = Static<typeof SatisfactionMonth>
