/** First administrator, login, sessions, bearer tokens, and the audit log that names them. */
import { argon2, randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { newToken, sha256Hex } from '../../shared/ids.ts'
import type { Caller, Role } from '../domain/caller.ts'
import { DomainError } from '../domain/errors.ts'
import {
  countUsers,
  deleteEndedSessions,
  deleteSession,
  findApiToken,
  findSessionUser,
  findUserByEmail,
  insertApiToken,
  insertAudit,
  insertSession,
  insertUser,
} from '../store/account-store.ts'
import { inTransaction, type Database } from '../store/database.ts'
import type { UserRow } from '../store/schema.ts'

const SESSION_MS = 12 * 3_600_000
const argon2id = promisify(argon2)
/** OWASP's second choice for argon2id: 19 MiB, 2 passes, 1 lane. */
const PASSWORD_COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const

async function derive(password: string, nonce: Buffer): Promise<Buffer> {
  return argon2id('argon2id', { message: Buffer.from(password.normalize('NFKC')), nonce, ...PASSWORD_COST })
}

/** `argon2id$nonce$tag` in base64url. */
async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  return `argon2id$${nonce.toString('base64url')}$${(await derive(password, nonce)).toString('base64url')}`
}

async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, nonce, tag] = stored.split('$')
  if (!nonce || !tag) return false
  return timingSafeEqual(await derive(password, Buffer.from(nonce, 'base64url')), Buffer.from(tag, 'base64url'))
}

/** Compared when the account does not exist, so that time tells nothing. */
const NOBODY_HASH = `argon2id$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`

/** Writes down who did what to which thing, with what they sent. */
export type AuditNote = (caller: Caller, action: string, subject: { kind: string; id: string }, detail?: unknown) => Promise<void>

export type NewSession = { cookie: string; expiresAtMs: number; user: { id: string; name: string; email: string; role: Role } }

/** Makes the accounts service. `adminToken` is the bootstrap bearer token of the settings, or null. */
export function makeAccounts(deps: { db: Database; now: () => number; adminToken: string | null }) {
  const { db, now } = deps
  const adminTokenHash = deps.adminToken === null ? null : sha256Hex(deps.adminToken)
  let setupSecret: string | null = null

  const callerOfUser = (user: UserRow): Caller => {
    const customerIds = JSON.parse(user.customer_ids) as string[]
    return {
      kind: 'user',
      id: user.id,
      name: user.name,
      role: user.role as Role,
      customerIds: customerIds.length > 0 ? customerIds : null,
      partnerId: null,
    }
  }

  const startSession = async (user: UserRow, address: string): Promise<NewSession> => {
    const cookie = newToken('kst')
    const expiresAtMs = now() + SESSION_MS
    await deleteEndedSessions(db, now())
    await insertSession(db, { id_sha256: sha256Hex(cookie), user_id: user.id, created_at: now(), expires_at: expiresAtMs, address })
    return { cookie, expiresAtMs, user: { id: user.id, name: user.name, email: user.email, role: user.role as Role } }
  }

  const audit: AuditNote = (caller, action, subject, detail) =>
    inTransaction(db, tx =>
      insertAudit(tx, {
        id: randomUUIDv7(),
        at: now(),
        actor_kind: caller.kind,
        actor_id: caller.id,
        action,
        subject_kind: subject.kind,
        subject_id: subject.id,
        address: null,
        detail: detail === undefined ? null : JSON.stringify(detail),
      }),
    )

  return {
    audit,

    /** The one-time secret of the set-up link, or null once there is a user. A new one at each start. */
    async setupSecret(): Promise<string | null> {
      if ((await countUsers(db)) > 0) return null
      setupSecret ??= newToken('kst')
      return setupSecret
    },

    /** Makes the first administrator. Throws setup-link-invalid, or setup-done when there is one. */
    async setUp(input: { secret: string; email: string; name: string; password: string; address: string }): Promise<NewSession> {
      const expected = setupSecret
      if ((await countUsers(db)) > 0)
        throw new DomainError('conflict', 'setup-done', 'The first administrator exists already. Log in instead.')
      if (!expected || !timingSafeEqual(Buffer.from(sha256Hex(input.secret)), Buffer.from(sha256Hex(expected)))) {
        throw new DomainError(
          'unauthenticated',
          'setup-link-invalid',
          'The one-time link is wrong or was replaced at the last start. Take the newest one from the server log.',
        )
      }
      const user: UserRow = {
        id: randomUUIDv7(),
        email: input.email.toLowerCase(),
        name: input.name,
        role: 'admin',
        customer_ids: '[]',
        password_hash: await hashPassword(input.password),
        disabled_at: null,
        created_at: now(),
      }
      await inTransaction(db, async tx => {
        // Two that follow the link at once: only the first finds no user.
        if ((await countUsers(tx)) > 0)
          throw new DomainError('conflict', 'setup-done', 'The first administrator exists already. Log in instead.')
        await insertUser(tx, user)
      })
      setupSecret = null
      return startSession(user, input.address)
    },

    /** Logs a person in; one answer for unknown account and wrong password. */
    async logIn(input: { email: string; password: string; address: string }): Promise<NewSession> {
      const user = await findUserByEmail(db, input.email)
      const right = await isPassword(input.password, user?.password_hash ?? NOBODY_HASH)
      if (!user || !right || user.disabled_at !== null)
        throw new DomainError('unauthenticated', 'login-failed', 'E-mail address or password is wrong.')
      return startSession(user, input.address)
    },

    logOut: (cookie: string): Promise<void> => deleteSession(db, sha256Hex(cookie)),

    /** Who calls, from a bearer token or a session cookie; null when neither is valid. */
    async authenticate(credentials: { bearer: string | null; session: string | null }): Promise<Caller | null> {
      if (credentials.bearer !== null) {
        const hash = sha256Hex(credentials.bearer)
        if (adminTokenHash !== null && timingSafeEqual(Buffer.from(hash), Buffer.from(adminTokenHash))) {
          return { kind: 'bootstrap', id: 'bootstrap', name: 'Bootstrap token', role: 'admin', customerIds: null, partnerId: null }
        }
        const token = await findApiToken(db, hash)
        if (!token) return null
        return {
          kind: 'token',
          id: token.id,
          name: token.name,
          role: token.role as Role,
          customerIds: token.customer_id === null ? null : [token.customer_id],
          partnerId: token.partner_id,
        }
      }
      if (credentials.session === null) return null
      const user = await findSessionUser(db, sha256Hex(credentials.session), now())
      return user ? callerOfUser(user) : null
    },

    /** Makes a bearer token; it is shown once. */
    async createToken(input: {
      name: string
      role: Role
      customerId: string | null
      partnerId: string | null
      createdBy: string | null
    }): Promise<{ id: string; token: string }> {
      if (input.role === 'customer' && !input.customerId)
        throw new DomainError('invalid', 'invalid-input', 'A token with role customer needs the customer it speaks for.')
      if (input.role === 'partner' && !input.partnerId)
        throw new DomainError('invalid', 'invalid-input', 'A token with role partner needs the partner it speaks for.')
      const token = newToken('kat')
      const id = randomUUIDv7()
      await inTransaction(db, tx =>
        insertApiToken(tx, {
          id,
          name: input.name,
          role: input.role,
          customer_id: input.customerId,
          partner_id: input.partnerId,
          token_sha256: sha256Hex(token),
          created_by: input.createdBy,
          created_at: now(),
          revoked_at: null,
          last_used_at: null,
        }),
      )
      return { id, token }
    },
  }
}
export type Accounts = ReturnType<typeof makeAccounts>
