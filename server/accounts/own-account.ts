/** One's own account: name, password, sessions. How somebody logs in is changed only with the password of now. */
import type { Account } from '../../shared/api/accounts/account-api.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { forbidden, type Caller, type Role } from '../platform/caller.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import { endSessions, findUser, listSessions, updateUser } from './store/account-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { forgetOneTime } from './store/one-time-store.ts'
import { listPasskeys } from './store/passkey-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { makeTries } from './login-attempts.ts'
import { iso } from '../../shared/instants.ts'

const WINDOW_MS = 15 * 60_000
const MOST_FAILURES = 10

/** Makes the service. */
export function makeOwnAccount(deps: { db: Database; now: () => number; hasMail: boolean; hasPasskeys(): boolean }) {
  const { db, now } = deps
  const failures = makeTries({ most: MOST_FAILURES, windowMs: WINDOW_MS, now })

  /** The account behind a session. Throws forbidden for a token, which is nobody's account. */
  const userOf = async (caller: Caller): Promise<UserRow> => {
    const user = caller.kind === 'user' ? await findUser(db, caller.id) : null
    if (!user) throw forbidden('A token has no account; log in as a person.')
    return user
  }
  const note = (user: UserRow, action: string, address: string): Promise<void> =>
    noteAccount(db, { nowMs: now(), action, actorId: user.id, accountId: user.id, address })

  /** The account, once its password was told again; who has none yet needs none. Throws password-wrong, too-many-requests. */
  const proveUser = async (caller: Caller, password: string | undefined, address: string): Promise<UserRow> => {
    const user = await userOf(caller)
    if (user.password_hash === '') return user
    failures.mustBeFree(user.id)
    if (await isPassword(password ?? '', user.password_hash)) {
      failures.worked(user.id)
      return user
    }
    failures.failed(user.id)
    await note(user, 'account.password-wrong', address)
    throw new DomainError('forbidden', 'password-wrong', 'That is not your password.')
  }

  return {
    userOf,
    proveUser,

    /** The account as its owner sees it; `session` is the cookie of now. */
    async read(caller: Caller, session: string | undefined): Promise<Account> {
      const user = await userOf(caller)
      const here = session === undefined ? null : sha256Hex(session)
      return {
        id: user.id,
        name: user.name,
        email: user.email,
        role: user.role as Role,
        hasPassword: user.password_hash !== '',
        hasSso: user.sso_subject != null,
        secondFactor: user.second_factor,
        recoveryCodesLeft: (JSON.parse(user.recovery_codes) as string[]).length,
        mayUse: { mail: deps.hasMail, passkeys: deps.hasPasskeys() },
        passkeys: (await listPasskeys(db, user.id)).map(key => ({
          id: key.id,
          name: key.name,
          createdAt: iso(key.created_at),
          lastUsedAt: key.last_used_at === null ? null : iso(key.last_used_at),
        })),
        sessions: (await listSessions(db, user.id, now())).map(row => ({
          id: row.id_sha256,
          isThis: row.id_sha256 === here,
          address: row.address,
          browser: row.browser ?? null,
          way: row.way ?? null,
          createdAt: iso(row.created_at),
          expiresAt: iso(row.expires_at),
        })),
      }
    },

    async rename(caller: Caller, name: string, address: string): Promise<void> {
      const user = await userOf(caller)
      await updateUser(db, user.id, { name })
      await note(user, 'account.name', address)
    },

    /** Sets another password; every other session ends. Throws password-wrong. */
    async changePassword(
      caller: Caller,
      input: { current?: string | undefined; password: string; session: string | undefined; address: string },
    ): Promise<void> {
      const user = await proveUser(caller, input.current, input.address)
      const passwordHash = await hashPassword(input.password)
      await inTransaction(db, async tx => {
        await updateUser(tx, user.id, { password_hash: passwordHash })
        await endSessions(tx, user.id, { except: input.session === undefined ? null : sha256Hex(input.session) })
        await forgetOneTime(tx, user.id, ['invite', 'reset', 'login-code'])
        await noteAccount(tx, { nowMs: now(), action: 'account.password', actorId: user.id, accountId: user.id, address: input.address })
      })
    },

    /** Ends one session, or every other one. Throws not-found. */
    async endSessions(caller: Caller, which: { only: string } | { session: string | undefined }, address: string): Promise<number> {
      const user = await userOf(caller)
      const chosen = 'only' in which ? { only: which.only } : { except: which.session === undefined ? null : sha256Hex(which.session) }
      const ended = await endSessions(db, user.id, chosen)
      if ('only' in which && ended === 0) throw notFound('session')
      await note(user, 'account.sessions-ended', address)
      return ended
    },
  }
}
export type OwnAccount = ReturnType<typeof makeOwnAccount>
