/** Logins: password, then a code where the person has set that up; and the ways that need neither. Each is in the audit log. */
import { newToken } from '../../shared/ids.ts'
import { DomainError } from '../platform/errors.ts'
import { CODE_TRIES, MAIL_CODE_MINUTES, maskAddress } from './rules/one-time-code.ts'
import { findUser, findUserByEmail, findUserBySso, updateUser } from './store/account-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { countTry, findOneTime, keepOneTime, useOneTime } from './store/one-time-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import { isPassword } from './passwords.ts'
import { newMailCode, takeCode } from './second-factors.ts'
import { startSession, type From, type NewSession } from './sessions.ts'
import { makeTries } from './login-attempts.ts'
import { MINUTE_MS } from '../../shared/units.ts'

const CODE_MS = MAIL_CODE_MINUTES * MINUTE_MS
const WINDOW_MS = 15 * MINUTE_MS
const MOST_FAILURES = 10
const MOST_MAILS = 5

/** What a code is asked for: it answers the challenge once, within ten minutes. */
export type Challenge = { id: string; kind: 'totp' | 'mail'; sentTo: string | null; expiresAtMs: number }
export type LoginAnswer = { session: NewSession } | { challenge: Challenge }
type CodeFacts = { mailed: string | null }
/** Who a single sign-on says somebody is; `subject` is `issuer|subject`. */
export type SsoPerson = { subject: string; email: string | null; isVerified: boolean }

const refused = (): DomainError => new DomainError('unauthenticated', 'login-failed', 'E-mail address or password is wrong.')
const codeRefused = (): DomainError =>
  new DomainError('unauthenticated', 'login-code-refused', 'The code is wrong, was used before, or has expired. Take the newest one.')

/** Makes the service. Failures are counted by name, so that an account that is not there is slowed like one that is. */
export function makeLogins({ db, now }: { db: Database; now: () => number }) {
  const failures = makeTries({ most: MOST_FAILURES, windowMs: WINDOW_MS, now })
  const mails = makeTries({ most: MOST_MAILS, windowMs: WINDOW_MS, now })

  const enter = (user: UserRow, from: From, way: string): Promise<NewSession> =>
    inTransaction(db, async tx => {
      await noteAccount(tx, {
        nowMs: now(),
        action: 'session.login',
        actorId: user.id,
        accountId: user.id,
        address: from.address,
        detail: { way },
      })
      return startSession(tx, { user, from, way, nowMs: now() })
    })
  const noteRefusal = (user: UserRow | null, from: From, detail: Record<string, unknown>): Promise<void> =>
    noteAccount(db, { nowMs: now(), action: 'session.refused', actorId: null, accountId: user?.id ?? null, address: from.address, detail })

  const mailCode = (tx: Tx, user: UserRow, code: string, challenge: string): Promise<boolean> =>
    addNotice(tx, {
      channel: 'email',
      dedupKey: `login-code:v1:${challenge.slice(-16)}`,
      address: user.email,
      subject: 'Your code to log in to Kioskeeper',
      body: `Your code to log in\n\n${code}\n\nIt works once, for ${MAIL_CODE_MINUTES} minutes. If you did not just type your password, somebody else did: change it.\n`,
      nowMs: now(),
    })

  /** A session, or the challenge that stands before it. */
  const afterPassword = async (user: UserRow, from: From, way: string): Promise<LoginAnswer> => {
    if (user.second_factor === 'none') return { session: await enter(user, from, way) }
    const kind = user.second_factor
    const id = newToken('kot')
    const expiresAtMs = now() + CODE_MS
    const mailed = kind === 'mail' ? newMailCode(id) : null
    if (mailed) {
      mails.mustBeFree(user.id)
      mails.failed(user.id)
    }
    await inTransaction(db, async tx => {
      const data = JSON.stringify({ mailed: mailed?.hash ?? null } satisfies CodeFacts)
      await keepOneTime(tx, id, { kind: 'login-code', user_id: user.id, data, created_at: now(), expires_at: expiresAtMs })
      if (mailed) await mailCode(tx, user, mailed.code, id)
    })
    return { challenge: { id, kind, sentTo: kind === 'mail' ? maskAddress(user.email) : null, expiresAtMs } }
  }

  return {
    enter,
    afterPassword,

    /** Takes a password; one answer for unknown account, wrong password and disabled account. Throws too-many-requests. */
    async logIn(input: { email: string; password: string; from: From }): Promise<LoginAnswer> {
      const name = input.email.toLowerCase()
      failures.mustBeFree(name)
      const user = await findUserByEmail(db, name)
      const isRight = await isPassword(input.password, user?.password_hash)
      if (!user || !isRight || user.disabled_at !== null) {
        failures.failed(name)
        const why = !user ? 'unknown' : isRight ? 'disabled' : 'password'
        await noteRefusal(user, input.from, { email: name, why })
        throw refused()
      }
      failures.worked(name)
      return afterPassword(user, input.from, 'password')
    },

    /** Takes the code that answers a challenge. Throws login-code-refused, one answer for every reason, and too-many-requests. */
    async answerCode(input: { challenge: string; code: string; from: From }): Promise<NewSession> {
      const row = await findOneTime(db, input.challenge, ['login-code'], now())
      const user = row?.user_id ? await findUser(db, row.user_id) : null
      if (!row || !user || user.disabled_at !== null) throw codeRefused()
      failures.mustBeFree(user.id)
      const { mailed } = JSON.parse(row.data) as CodeFacts
      const mayTry = await countTry(db, row, CODE_TRIES)
      const way = mayTry ? await takeCode(db, user, input.code, { token: input.challenge, mailed, nowMs: now() }) : null
      if (way === null || !(await useOneTime(db, row))) {
        failures.failed(user.id)
        await noteRefusal(user, input.from, { why: mayTry ? 'code' : 'too many codes' })
        throw codeRefused()
      }
      failures.worked(user.id)
      return enter(user, input.from, `password and ${way}`)
    },

    /**
     * Takes somebody from the single sign-on: whoever was linked, else the invited person with that verified address, who is
     * linked now. Nobody is made. Throws sso-refused with a reason in words.
     */
    async logInBySso(person: SsoPerson, from: From): Promise<NewSession> {
      const refuse = async (why: string, detail: string, user: UserRow | null): Promise<never> => {
        await noteRefusal(user, from, { way: 'sso', email: person.email, why })
        throw new DomainError('unauthenticated', 'sso-refused', detail, { extra: { why } })
      }
      const linked = await findUserBySso(db, person.subject)
      if (linked) {
        if (linked.disabled_at !== null) return refuse('no-account', 'There is no account for you here.', linked)
        return enter(linked, from, 'sso')
      }
      if (person.email === null || !person.isVerified)
        return refuse('not-verified', 'The single sign-on does not say that your e-mail address is verified.', null)
      const user = await findUserByEmail(db, person.email)
      if (!user || user.disabled_at !== null) return refuse('no-account', 'There is no account for you here.', user)
      if (user.sso_subject != null)
        return refuse('linked-elsewhere', 'The account is linked to another person of the single sign-on.', user)
      await inTransaction(db, async tx => {
        await updateUser(tx, user.id, { sso_subject: person.subject })
        await noteAccount(tx, { nowMs: now(), action: 'account.sso-linked', actorId: user.id, accountId: user.id, address: from.address })
      })
      return enter(user, from, 'sso')
    },
  }
}
export type Logins = ReturnType<typeof makeLogins>
