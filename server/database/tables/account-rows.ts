/** Rows of how people log in: columns of users and sessions, secrets that work once, passkeys. */
import type { Generated } from 'kysely'

export type SecondFactor = 'none' | 'totp' | 'mail'
/** How somebody logs in, besides the password of the user. */
export type LoginColumns = {
  partner_id?: string | null | undefined
  /** The named contact this person is. */
  contact_id?: string | null | undefined
  second_factor: SecondFactor
  /** Base32; there once a code has proved that the person has it. */
  totp_secret?: string | null | undefined
  /** Time step of the last code taken: that code and older ones are refused. */
  totp_last_step?: number | null | undefined
  /** JSON list of SHA-256 of the codes that are left. */
  recovery_codes: string
  /** `issuer|subject` of the single sign-on that is linked. */
  sso_subject?: string | null | undefined
  last_login_at?: number | null | undefined
}
/** Of a table row: what has a default may be left out. */
export type LoginTable = Omit<LoginColumns, 'second_factor' | 'recovery_codes'> & {
  second_factor: Generated<SecondFactor>
  recovery_codes: Generated<string>
}
export type SessionColumns = { browser?: string | null | undefined; way?: string | null | undefined }

export type OneTimeKind = 'invite' | 'reset' | 'login-code' | 'totp-setup' | 'passkey-setup' | 'passkey-login' | 'sso'
/** Works once, until it expires; `tries` counts wrong answers. */
export type OneTimeRow = {
  id_sha256: string
  kind: OneTimeKind
  /** Null for nobody: a decoy, or somebody who is not known yet. */
  user_id: string | null
  /** JSON. */
  data: string
  tries: number
  created_at: number
  expires_at: number
}
export type PasskeyRow = {
  /** Credential id, base64url. */
  id: string
  user_id: string
  /** COSE key, base64url. */
  public_key: string
  counter: number
  /** JSON list. */
  transports: string
  name: string
  created_at: number
  last_used_at: number | null
}
