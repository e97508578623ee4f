/** First administrator, logins, one's own account, tokens. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'

const Password = Type.String({ minLength: 12, maxLength: 200, description: 'at least 12 characters' })
/** The password of now: proves that it is still the same person. */
const PasswordOfNow = Type.Optional(Type.String({ maxLength: 200 }))
/** A secret out of a link or a login. */
const Secret = Type.String({ minLength: 1, maxLength: 200 })
const RoleWord = OneOf(['admin', 'manager', 'desk', 'viewer', 'customer', 'partner'])

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
  partnerId: NullableText,
  email: NullableText,
  contactId: Type.Union([Type.String(), Type.Null()], { description: 'the named contact they are' }),
})
export type Me = Static<typeof Me>
export const Session = Closed({
  user: Closed({ id: Type.String(), name: Type.String(), email: Type.String(), role: Type.String() }),
  expiresAt: Instant,
})
export type Session = Static<typeof Session>
/** The password was right, and a code is asked for: `POST /session/code` answers it. */
export const LoginChallenge = Closed({
  challenge: Type.String(),
  kind: OneOf(['totp', 'mail']),
  sentTo: NullableText,
  expiresAt: Instant,
})
export type LoginChallenge = Static<typeof LoginChallenge>
export const CodeInput = Closed({ challenge: Secret, code: Type.String({ minLength: 1, maxLength: 40 }) })
/** What a browser answers for a passkey; its parts are checked by what verifies them. */
export const PasskeyAnswer = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 1400 }), response: Type.Record(Type.String(), Type.Unknown(), { maxProperties: 20 }) },
  { additionalProperties: true, maxProperties: 20 },
)
/** Options for the browser, as WebAuthn names them. */
export const PasskeyOptions = Type.Record(Type.String(), Type.Unknown())
export const PasskeyInput = Closed({ name: Text(60), response: PasskeyAnswer })
/** How one can log in here. */
export const LoginWays = Closed({ passkeys: Type.Boolean(), sso: Type.Union([Closed({ name: Type.String() }), Type.Null()]) })
export type LoginWays = Static<typeof LoginWays>

export const ForgottenInput = Closed({ email: Type.String({ minLength: 1, maxLength: 254 }) })
export const LinkLook = Closed({ secret: Secret })
export const LinkFacts = Closed({ kind: OneOf(['invite', 'reset']), name: Type.String(), email: Type.String() })
export type LinkFacts = Static<typeof LinkFacts>
export const LinkPassword = Closed({ secret: Secret, password: Password })

export const Account = Closed({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role: RoleWord,
  hasPassword: Type.Boolean(),
  hasSso: Type.Boolean(),
  secondFactor: OneOf(['none', 'totp', 'mail']),
  recoveryCodesLeft: Type.Integer(),
  mayUse: Closed({ mail: Type.Boolean(), passkeys: Type.Boolean() }),
  passkeys: Type.Array(Closed({ id: Type.String(), name: Type.String(), createdAt: Instant, lastUsedAt: NullableInstant })),
  sessions: Type.Array(
    Closed({
      id: Type.String(),
      isThis: Type.Boolean(),
      address: Type.String(),
      browser: NullableText,
      way: NullableText,
      createdAt: Instant,
      expiresAt: Instant,
    }),
  ),
})
export type Account = Static<typeof Account>
export const AccountPatch = Closed({ name: Text(200) })
export const PasswordChange = Closed({ current: PasswordOfNow, password: Password })
export const PasswordProof = Closed({ password: PasswordOfNow })
export const TotpSetup = Closed({ secret: Type.String(), uri: Type.String({ description: 'otpauth address, to be shown as a QR code' }) })
export type TotpSetup = Static<typeof TotpSetup>
export const TotpConfirm = Closed({ code: Type.String({ minLength: 1, maxLength: 40 }), password: PasswordOfNow })
export const FactorChange = Closed({ to: OneOf(['mail', 'none']), password: PasswordOfNow })
export const RecoveryCodes = Closed({ recoveryCodes: Type.Array(Type.String(), { description: 'shown once; each works once' }) })
export type RecoveryCodes = Static<typeof RecoveryCodes>

export const TokenInput = Closed({
  name: Text(200),
  role: RoleWord,
  customerId: Type.Optional(Text(64)),
  partnerId: Type.Optional(Text(64)),
})
export const CreatedToken = Closed({ id: Type.String(), token: Type.String({ description: 'shown once' }) })
