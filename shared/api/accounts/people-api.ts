/** People who log in: invited, listed, changed. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

const Id = Type.String({ minLength: 1, maxLength: 64 })
const RoleWord = OneOf(['admin', 'manager', 'desk', 'viewer', 'customer', 'partner'])

const binding = {
  customerIds: Type.Optional(
    Type.Array(Id, {
      maxItems: 1000,
      uniqueItems: true,
      description: 'role customer: theirs; staff: limited to these, none = every customer',
    }),
  ),
  partnerId: Type.Optional(Type.Union([Id, Type.Null()], { description: 'role partner: the partner they belong to' })),
  contactId: Type.Optional(Type.Union([Id, Type.Null()], { description: 'role customer: the named contact they are' })),
}
export const PersonInput = Closed({ email: Email, name: Text(200), role: RoleWord, ...binding })
export type PersonInput = Static<typeof PersonInput>
export const PersonPatch = Closed({
  name: Type.Optional(Text(200)),
  role: Type.Optional(RoleWord),
  ...binding,
  isDisabled: Type.Optional(Type.Boolean({ description: 'true: cannot log in, and every session ends' })),
})
export type PersonPatch = Static<typeof PersonPatch>

export const Person = Closed({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  role: RoleWord,
  customerIds: Type.Array(Type.String()),
  partnerId: NullableText,
  contactId: NullableText,
  state: OneOf(['invited', 'active', 'disabled']),
  secondFactor: OneOf(['none', 'totp', 'mail']),
  hasPasskey: Type.Boolean(),
  hasSso: Type.Boolean(),
  lastLoginAt: NullableInstant,
  createdAt: Instant,
})
export type Person = Static<typeof Person>
/** `link` is there once: for a server that sends no mail, or a person at the next desk. */
export const InvitedPerson = Closed({ ...Person.properties, link: Type.String() })
export type InvitedPerson = Static<typeof InvitedPerson>
export const PersonQuery = ListQuery({ q: Type.Optional(Type.String({ maxLength: 200 })), role: Type.Optional(RoleWord) })
export type PersonQuery = Static<typeof PersonQuery>
export const EndedSessions = Closed({ ended: Type.Integer() })
