/** Defects: faults of supported software that tickets are linked to. For staff; customers hear of them on their tickets alone. */
import { Type, type Static } from 'typebox'
import { eachLanguage } from '../../languages.ts'
import { Closed, Instant, Level, OneOf, Text } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { ProductId } from '../plans/product-api.ts'
import { TiedTicket } from '../tickets/relation-api.ts'
import { LocalDate } from '../sla/sla-api.ts'

export const DEFECT_CLASSES = ['crash', 'block', 'other'] as const
export const DEFECT_STATUSES = ['open', 'confirmed', 'in-progress', 'fixed', 'not-fixed'] as const
const DefectClass = OneOf(DEFECT_CLASSES)
const DefectStatus = OneOf(DEFECT_STATUSES)
const NullableDate = Type.Union([LocalDate, Type.Null()], { description: 'day on which the fix is expected' })
const FixedIn = Closed({ productId: ProductId, version: Text(60) }, { description: 'a release of a product of the catalogue' })

export const DefectInput = Closed({
  class: DefectClass,
  title: Text(200),
  impact: Text(4_000),
  severity: Type.Optional(Level),
  ticketId: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'a ticket it was found on: id or reference' })),
})
export type DefectInput = Static<typeof DefectInput>

/** With `version` it is refused (409 conflict) when it has changed since it was read. `severity` is for managers and administrators. */
export const DefectPatch = Closed({
  class: Type.Optional(DefectClass),
  title: Type.Optional(Text(200)),
  impact: Type.Optional(Text(4_000)),
  severity: Type.Optional(Level),
  status: Type.Optional(DefectStatus),
  estimateOn: Type.Optional(NullableDate),
  fixedIn: Type.Optional(Type.Union([FixedIn, Type.Null()])),
  version: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type DefectPatch = Static<typeof DefectPatch>
export const DefectComment = Closed({ text: Text(10_000) })
export const DefectTicketInput = Closed({ ticketId: Type.String({ minLength: 1, maxLength: 64, description: 'id or reference' }) })

export const Defect = Closed({
  id: Type.String(),
  reference: Type.String(),
  class: DefectClass,
  title: Type.String(),
  impact: Type.String(),
  severity: Type.Union([Level, Type.Null()], { description: 'null until a manager has set it' }),
  status: DefectStatus,
  estimateOn: NullableDate,
  fixedIn: Type.Union([FixedIn, Type.Null()]),
  version: Type.Integer(),
  tickets: Type.Integer({ description: 'how many tickets are linked that the caller may see' }),
  createdBy: Type.String(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Defect = Static<typeof Defect>

/** `told`: what its customer heard last, `estimate:2026-12-01` or `fix:monitor:8.1.0`; null = nothing. */
const DefectTicket = Closed({ ticket: TiedTicket, told: Type.Union([Type.String(), Type.Null()]) })
const DefectEvent = Closed({ id: Type.String(), at: Instant, kind: Type.String(), by: Type.String(), text: Type.String() })
export const DefectDetail = Closed({ ...Defect.properties, linked: Type.Array(DefectTicket), history: Type.Array(DefectEvent) })
export type DefectDetail = Static<typeof DefectDetail>

export const DefectQuery = ListQuery({
  status: Type.Optional(DefectStatus),
  class: Type.Optional(DefectClass),
  ticketId: Type.Optional(Text(64)),
  q: Type.Optional(Type.String({ maxLength: 200 })),
})
export type DefectQuery = Static<typeof DefectQuery>

const LetterKind = OneOf(['estimate', 'fix'])
export type DefectLetterKind = Static<typeof LetterKind>
const LetterText = Text(10_000)
export const DefectLetterQuery = Closed({ what: LetterKind })
/** The drafted words by language, and who would hear them. */
export const DefectLetter = Closed({
  what: LetterKind,
  texts: Closed(eachLanguage(() => LetterText)),
  recipients: Type.Array(
    Closed({
      ticket: TiedTicket,
      customerName: Type.String(),
      language: Type.String(),
      isTold: Type.Boolean({ description: 'heard this already' }),
    }),
  ),
})
export type DefectLetter = Static<typeof DefectLetter>
/** A person sends it: the words as they were changed, to every linked ticket that has not heard this. */
export const DefectLetterInput = Closed({
  what: LetterKind,
  texts: Type.Optional(Closed(eachLanguage(() => Type.Optional(LetterText)))),
})
export type DefectLetterInput = Static<typeof DefectLetterInput>
export const DefectLetterAnswer = Closed({
  told: Type.Array(Type.String(), { description: 'ids of the tickets it was written on' }),
  skipped: Type.Array(Closed({ ticketId: Type.String(), why: Type.String() })),
})
export type DefectLetterAnswer = Static<typeof DefectLetterAnswer>
