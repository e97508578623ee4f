/** The second thing a person proves at a login: a code of an authenticator, a code by mail, or a recovery code. Each works once. */
import { randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { newRecoveryCode, sha256Hex } from '../../shared/ids.ts'
import { DomainError, invalidInput } from '../platform/errors.ts'
import { readCode, showRecoveryCode, TOTP_STEP_SECONDS, TOTP_WINDOW, totpStep } from './rules/one-time-code.ts'
import { lockUser, replaceRecoveryCodes, takeTotpStep, updateUser } from './store/account-store.ts'
import type { SecondFactor } from '../database/tables/account-rows.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findOneTime, forgetOneTime, keepOneTime } from './store/one-time-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'

const ISSUER = 'Kioskeeper'
const SETUP_MS = 15 * 60_000
const RECOVERY_CODES = 10
const SECRET_BYTES = 20

const setupName = (userId: string): string => `totp-setup:${userId}`

function authenticator(user: Pick<UserRow, 'email'>, secret: string): TOTP {
  return new TOTP({ issuer: ISSUER, label: user.email, secret: Secret.fromBase32(secret), period: TOTP_STEP_SECONDS, digits: 6 })
}

/** Time step of a code that is right about now, or null. */
function stepOf(user: Pick<UserRow, 'email'>, secret: string, code: string, nowMs: number): number | null {
  const delta = authenticator(user, secret).validate({ token: code, timestamp: nowMs, window: TOTP_WINDOW })
  return delta === null ? null : totpStep(nowMs) + delta
}

function newRecoveryCodes(): { shown: string[]; stored: string } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newRecoveryCode())
  return { shown: codes.map(showRecoveryCode), stored: JSON.stringify(codes.map(sha256Hex)) }
}

/** Six digits for a mail, and what is kept of them: bound to the challenge they answer. */
export function newMailCode(challenge: string): { code: string; hash: string } {
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  return { code, hash: sha256Hex(`${challenge}:${code}`) }
}

/** Which of a user's codes this is; null = none of them, or one that was used. `mailed` is the hash that was kept of a mailed one. */
export async function takeCode(
  db: Database | Tx,
  user: UserRow,
  typed: string,
  challenge: { token: string; mailed: string | null; nowMs: number },
): Promise<'totp' | 'mail' | 'recovery' | null> {
  const read = readCode(typed)
  if (read === null) return null
  if (read.kind === 'recovery') {
    const left = JSON.parse(user.recovery_codes) as string[]
    const hash = sha256Hex(read.code)
    if (!left.includes(hash)) return null
    const after = JSON.stringify(left.filter(other => other !== hash))
    return (await replaceRecoveryCodes(db, user.id, user.recovery_codes, after)) ? 'recovery' : null
  }
  if (user.second_factor === 'mail') return challenge.mailed === sha256Hex(`${challenge.token}:${read.code}`) ? 'mail' : null
  const step = user.totp_secret == null ? null : stepOf(user, user.totp_secret, read.code, challenge.nowMs)
  return step !== null && (await takeTotpStep(db, user.id, step)) ? 'totp' : null
}

/** Makes the service for people who set their second factor up. Every change ends challenges that wait. */
export function makeSecondFactors(deps: { db: Database; now: () => number; hasMail: boolean }) {
  const { db, now } = deps

  const change = (userId: string, address: string, action: string, fields: Partial<UserRow>, detail?: unknown): Promise<void> =>
    inTransaction(db, async tx => {
      await lockUser(tx, userId)
      await updateUser(tx, userId, fields)
      await forgetOneTime(tx, userId, ['login-code', 'totp-setup'])
      await noteAccount(tx, { nowMs: now(), action, actorId: userId, accountId: userId, address, detail })
    })

  return {
    /** A new secret for an authenticator; it counts only when a code has proved that it arrived. */
    async beginTotp(user: UserRow): Promise<{ secret: string; uri: string }> {
      const secret = new Secret({ size: SECRET_BYTES }).base32
      await inTransaction(db, async tx => {
        await forgetOneTime(tx, user.id, ['totp-setup'])
        const times = { created_at: now(), expires_at: now() + SETUP_MS }
        await keepOneTime(tx, setupName(user.id), { kind: 'totp-setup', user_id: user.id, data: JSON.stringify({ secret }), ...times })
      })
      return { secret, uri: authenticator(user, secret).toString() }
    },

    /** Takes the authenticator into use. Gives the recovery codes, shown once. Throws invalid-input for a wrong code. */
    async confirmTotp(user: UserRow, typed: string, address: string): Promise<string[]> {
      const row = await findOneTime(db, setupName(user.id), ['totp-setup'], now())
      if (!row) throw invalidInput([{ path: 'body/code', message: 'begin again: the QR code has expired' }])
      const { secret } = JSON.parse(row.data) as { secret: string }
      const read = readCode(typed)
      const step = read?.kind === 'digits' ? stepOf(user, secret, read.code, now()) : null
      if (step === null)
        throw invalidInput([{ path: 'body/code', message: 'is not the code the authenticator shows now; check the clock of the phone' }])
      const codes = newRecoveryCodes()
      const fields = { second_factor: 'totp' as const, totp_secret: secret, totp_last_step: step, recovery_codes: codes.stored }
      await change(user.id, address, 'account.second-factor', fields, { to: 'totp' })
      return codes.shown
    },

    /** Codes by mail, or no second factor. Gives the recovery codes that come with mail. */
    async setTo(user: UserRow, to: Exclude<SecondFactor, 'totp'>, address: string): Promise<string[]> {
      if (to === 'mail' && !deps.hasMail)
        throw new DomainError('conflict', 'mail-not-set-up', 'This server sends no mail (KIOSKEEPER_SMTP_URL). Use an authenticator.')
      const codes = newRecoveryCodes()
      const fields = { second_factor: to, totp_secret: null, totp_last_step: null, recovery_codes: to === 'mail' ? codes.stored : '[]' }
      await change(user.id, address, 'account.second-factor', fields, { to })
      return to === 'mail' ? codes.shown : []
    },

    /** New recovery codes in place of the old ones. */
    async renewRecoveryCodes(user: UserRow, address: string): Promise<string[]> {
      if (user.second_factor === 'none')
        throw new DomainError('conflict', 'conflict', 'Recovery codes belong to a second factor. Set one up first.')
      const codes = newRecoveryCodes()
      await change(user.id, address, 'account.recovery-codes', { recovery_codes: codes.stored })
      return codes.shown
    },
  }
}
export type SecondFactors = ReturnType<typeof makeSecondFactors>
