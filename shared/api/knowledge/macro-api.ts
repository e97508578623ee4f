/** Macros: a text and changes of a ticket in one click; and updates drafted from what the device says. */
import { Type, type Static } from 'typebox'
import { eachLanguage } from '../../languages.ts'
import { Closed, Instant, Level, OneOf, Text } from '../../schema-pieces.ts'
import { LanguageWord } from './article-api.ts'
import { Ticket, TicketStatusWord } from '../tickets/ticket-api.ts'

const LiquidText = Type.String({ minLength: 1, maxLength: 8_000, description: 'Liquid; GET /macros/variables names what it may say' })
const Visibility = OneOf(['public', 'internal'])

export const MacroChanges = Closed({
  status: Type.Optional(TicketStatusWord),
  level: Type.Optional(Level),
  line: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  assignee: Type.Optional(Type.Union([Text(200), Type.Null()], { description: '`me`: whoever runs it; null: nobody' })),
  asks: Type.Optional(Type.Boolean({ description: 'the customer is asked something: the ticket waits for the answer' })),
})
export type MacroChanges = Static<typeof MacroChanges>

export const MacroInput = Closed({
  name: Text(120),
  texts: Type.Object(
    eachLanguage(() => Type.Optional(LiquidText)),
    { additionalProperties: false, description: 'none at all: a macro that says nothing' },
  ),
  visibility: Visibility,
  changes: MacroChanges,
})
export type MacroInput = Static<typeof MacroInput>

export const Macro = Closed({
  ...MacroInput.properties,
  id: Type.String(),
  changedBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Macro = Static<typeof Macro>

export const MacroVariable = Closed({ name: Type.String(), means: Type.String() })
export type MacroVariable = Static<typeof MacroVariable>

/** What a macro would do on a ticket. `text` null: it says nothing. */
export const MacroPreview = Closed({
  language: LanguageWord,
  visibility: Visibility,
  text: Type.Union([Type.String(), Type.Null()]),
  changes: Type.Array(Type.String(), { description: 'each change in words' }),
  faults: Type.Array(Type.String(), { description: 'why it cannot run as it is' }),
})
export type MacroPreview = Static<typeof MacroPreview>

/** `text`: the words as a person has changed them; without, those of the preview. */
export const MacroRun = Closed({ text: Type.Optional(Text(20_000)) })
export const MacroAnswer = Closed({ ticket: Ticket, messageId: Type.Union([Type.String(), Type.Null()]) })
export type MacroAnswer = Static<typeof MacroAnswer>

/** A suggested update: a person reads, changes and sends it. */
export const UpdateDraft = Closed({
  language: LanguageWord,
  text: Type.String(),
  used: Type.Array(Type.String(), { description: 'what it was written from' }),
})
export type UpdateDraft = Static<typeof UpdateDraft>
