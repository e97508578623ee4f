/** Knowledge articles: what is known about a fault, for the desk or for whoever stands in front of the kiosk. */
import { Type, type Static } from 'typebox'
import { LANGUAGES } from '../../languages.ts'
import { Closed, Instant, OneOf, Text } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

/** Languages that letters, articles and macros are written in. */
export const LanguageWord = OneOf(LANGUAGES)
const Id = Text(64)
const Signal = Type.String({ pattern: '^[a-z]+(\\.[a-z-]+)+$', maxLength: 64, description: 'without component' })
const Visibility = Type.Enum(['internal', 'public'], { description: 'internal: for staff alone' })

const fields = {
  title: Text(200),
  body: Type.String({ minLength: 1, maxLength: 20_000, description: 'Markdown' }),
  signals: Type.Array(Signal, { maxItems: 50 }),
  products: Type.Optional(Type.Array(Id, { maxItems: 50 })),
  visibility: Visibility,
  language: LanguageWord,
  customers: Type.Optional(Type.Array(Id, { maxItems: 200, description: 'whom it is for; none = everybody' })),
  family: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      description: 'the same in other languages: one is offered, in the language of the reader',
    }),
  ),
}
export const ArticleInput = Closed(fields)
export type ArticleInput = Static<typeof ArticleInput>
export const ArticlePatch = Type.Partial(ArticleInput)
export type ArticlePatch = Static<typeof ArticlePatch>

export const Article = Closed({
  ...fields,
  id: Type.String(),
  family: Type.String(),
  products: Type.Array(Type.String()),
  customers: Type.Array(Type.String()),
  helped: Type.Integer({ minimum: 0, description: 'tickets and readers it helped' }),
  origin: OneOf(['shipped', 'person']),
  changedBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Article = Static<typeof Article>

/**
 * What is looked for. With `ticketId` or `deviceId` its signal, product and language are meant; customers find public articles
 * of theirs alone.
 */
export const ArticleQuery = ListQuery({
  signal: Type.Optional(Type.String({ maxLength: 130 })),
  deviceId: Type.Optional(Id),
  ticketId: Type.Optional(Id),
  language: Type.Optional(LanguageWord),
  visibility: Type.Optional(Visibility),
  q: Type.Optional(Type.String({ maxLength: 200 })),
})
export type ArticleQuery = Static<typeof ArticleQuery>

/** Whom it helped: the ticket it was used for, else the caller. */
export const ArticleHelped = Closed({ ticketId: Type.Optional(Id) })
