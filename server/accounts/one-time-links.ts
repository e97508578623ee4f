/** Links that set a password once: an invitation, or a password somebody forgot. They come by mail and end with their first use. */
import { newToken, sha256Hex } from '../../shared/ids.ts'
import { DomainError } from '../platform/errors.ts'
import { endSessions, findUser, findUserByEmail, updateUser } from './store/account-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findOneTime, forgetOneTime, keepOneTime, useOneTime } from './store/one-time-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import type { LoginAnswer, Logins } from './logins.ts'
import { hashPassword } from './passwords.ts'
import type { From } from './sessions.ts'
import { makeTries } from './login-attempts.ts'
import { HOUR_MS } from '../../shared/units.ts'

const INVITE_DAYS = 7
const LIVES_MS = { invite: INVITE_DAYS * 24 * HOUR_MS, reset: HOUR_MS } as const
const MOST_RESETS = 3
const RESET_WINDOW_MS = HOUR_MS / 4
type LinkKind = keyof typeof LIVES_MS

const invalidLink = (): DomainError =>
  new DomainError('unauthenticated', 'one-time-link-invalid', 'The link was used, has expired, or is not whole. Ask for a new one.')

/** Keeps a new link of a user, in place of older ones; gives its path, which holds the secret after the `#`. */
async function newLink(tx: Tx, userId: string, kind: LinkKind, nowMs: number): Promise<string> {
  const secret = newToken('kot')
  await forgetOneTime(tx, userId, ['invite', 'reset'])
  await keepOneTime(tx, secret, { kind, user_id: userId, data: '{}', created_at: nowMs, expires_at: nowMs + LIVES_MS[kind] })
  return `welcome#${secret}`
}

/** Invites a person: a mail with the link. Gives the path of the link, for a server that sends no mail. */
export async function sendInvitation(tx: Tx, user: UserRow, by: string, nowMs: number): Promise<string> {
  const path = await newLink(tx, user.id, 'invite', nowMs)
  await addNotice(tx, {
    channel: 'email',
    dedupKey: `invite:v1:${sha256Hex(path)}`,
    address: user.email,
    subject: 'Your account at Kioskeeper',
    body: `Welcome to Kioskeeper\n\n${by} has made an account for ${user.name}. Open the link and choose a password.\n\nThe link works once, for ${INVITE_DAYS} days.\n`,
    linkPath: path,
    nowMs,
  })
  return path
}

/** Makes the service. */
export function makeOneTimeLinks(deps: { db: Database; now: () => number; logins: Pick<Logins, 'afterPassword'> }) {
  const { db, now, logins } = deps
  const asked = makeTries({ most: MOST_RESETS, windowMs: RESET_WINDOW_MS, now })
  const open = async (secret: string) => {
    const row = await findOneTime(db, secret, ['invite', 'reset'], now())
    const user = row?.user_id ? await findUser(db, row.user_id) : null
    if (!row || !user || user.disabled_at !== null) throw invalidLink()
    return { row, user }
  }

  return {
    /** Whom a link is for. Throws one-time-link-invalid. */
    async look(secret: string): Promise<{ kind: 'invite' | 'reset'; name: string; email: string }> {
      const { row, user } = await open(secret)
      return { kind: row.kind === 'invite' ? 'invite' : 'reset', name: user.name, email: user.email }
    },

    /** Sets the password; every session of the person ends. A second factor is still asked for. Throws one-time-link-invalid. */
    async setPassword(input: { secret: string; password: string; from: From }): Promise<LoginAnswer> {
      const { row, user } = await open(input.secret)
      const passwordHash = await hashPassword(input.password)
      await inTransaction(db, async tx => {
        if (!(await useOneTime(tx, row))) throw invalidLink()
        await updateUser(tx, user.id, { password_hash: passwordHash })
        await endSessions(tx, user.id)
        await forgetOneTime(tx, user.id, ['login-code'])
        const line = { actorId: user.id, accountId: user.id, address: input.from.address, detail: { by: row.kind } }
        await noteAccount(tx, { nowMs: now(), action: 'account.password', ...line })
      })
      return logins.afterPassword(user, input.from, row.kind)
    },

    /** Mails a link to set a new password, if there is such a person. Answers the same, after the same work, if there is none. */
    async forgot(email: string, from: From): Promise<void> {
      const name = email.toLowerCase()
      try {
        asked.mustBeFree(name)
      } catch {
        // Told or not, the answer is the same: whoever asks often enough has the mail already.
        return
      }
      asked.failed(name)
      const user = await findUserByEmail(db, name)
      const nowMs = now()
      await inTransaction(db, async tx => {
        const isThere = user !== null && user.disabled_at === null
        await noteAccount(tx, { nowMs, action: 'account.forgot', actorId: null, accountId: user?.id ?? null, address: from.address })
        if (!isThere) {
          await keepOneTime(tx, newToken('kot'), { kind: 'reset', user_id: null, data: '{}', created_at: nowMs, expires_at: nowMs })
          return
        }
        const path = await newLink(tx, user.id, 'reset', nowMs)
        await addNotice(tx, {
          channel: 'email',
          dedupKey: `reset:v1:${sha256Hex(path)}`,
          address: user.email,
          subject: 'A new password for Kioskeeper',
          body: 'Choose a new password\n\nSomebody, probably you, asked for it. The link works once, for an hour. If it was not you, do nothing: your password stays.\n',
          linkPath: path,
          nowMs,
        })
      })
    },
  }
}
export type OneTimeLinks = ReturnType<typeof makeOneTimeLinks>
