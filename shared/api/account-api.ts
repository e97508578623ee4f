/** First administrator, login, tokens. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, OneOf, Text } from '../schema.ts'

const Password = Type.String({ minLength: 12, maxLength: 200, description: 'at least 12 characters' })
export const SetupInput = Closed({ secret: Text(200), email: Email, name: Text(200), password: Password })
export type SetupInput = Static<typeof SetupInput>
export const LoginInput = Closed({
  email: Type.String({ minLength: 1, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
})
export const Me = Closed({
  id: Type.String(),
  name: Type.String(),
  role: Type.String(),
  customerIds: Type.Union([Type.Array(Type.String()), Type.Null()]),
})
export type Me = Static<typeof Me>
export const Session = Closed({
  user: Closed({ id: Type.String(), name: Type.String(), email: Type.String(), role: Type.String() }),
  expiresAt: Instant,
})
export const TokenInput = Closed({
  name: Text(200),
  role: OneOf(['admin', 'manager', 'desk', 'viewer', 'customer', 'partner']),
  customerId: Type.Optional(Text(64)),
  partnerId: Type.Optional(Text(64)),
})
export const CreatedToken = Closed({ id: Type.String(), token: Type.String({ description: 'shown once' }) })
