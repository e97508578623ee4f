/** Chat of visitors: the door of a customer, and one conversation by its secret. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, OneOf, Text } from '../../schema-pieces.ts'

const Origin = Type.String({ pattern: '^https?://[A-Za-z0-9.-]{1,200}(:\\d{1,5})?$', description: 'https://shop.example' })
export const ChatWidgetInput = Closed({ origins: Type.Array(Origin, { maxItems: 20, description: 'sites that may show it' }) })
export type ChatWidgetInput = Static<typeof ChatWidgetInput>
/** `key` null: chat is not switched on. `isInPlan`: whether the plan answers by chat at all. */
export const ChatWidget = Closed({
  key: Type.Union([Type.String(), Type.Null()]),
  origins: Type.Array(Type.String()),
  isInPlan: Type.Boolean(),
})
export type ChatWidget = Static<typeof ChatWidget>

/** What a visitor is told before they write. */
export const ChatDoor = Closed({
  customer: Type.String(),
  isInPlan: Type.Boolean(),
  isOpen: Type.Boolean(),
  words: Type.String({ description: 'whether somebody answers now, else when, or how to reach the desk instead' }),
})
export type ChatDoor = Static<typeof ChatDoor>

export const ChatOpening = Closed({ name: Text(120), email: Type.Optional(Email), text: Text(4_000) })
export type ChatOpening = Static<typeof ChatOpening>
export const ChatWriting = Closed({ text: Text(4_000) })

export const Conversation = Closed({
  reference: Type.String(),
  isOver: Type.Boolean(),
  words: Type.String(),
  messages: Type.Array(
    Closed({ id: Type.String(), at: Instant, from: OneOf(['you', 'support']), name: Type.String(), text: Type.String() }),
  ),
  expiresAt: Instant,
})
export type Conversation = Static<typeof Conversation>
/** The secret is shown here alone. */
export const OpenedConversation = Closed({ token: Type.String(), conversation: Conversation })
