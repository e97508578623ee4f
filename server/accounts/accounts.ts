/** First administrator, who calls, bearer tokens, and the audit log that names them. */
import { timingSafeEqual } from 'node:crypto'
import type { Me } from '../../shared/api/accounts/account-api.ts'
import { newToken, sha256Hex } from '../../shared/ids.ts'
import type { Caller, Role } from '../platform/caller.ts'
import { DomainError } from '../platform/errors.ts'
import {
  countUsers,
  deleteSession,
  findApiToken,
  findSessionUser,
  findUser,
  insertApiToken,
  insertAudit,
  insertUser,
} from './store/account-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import { hashPassword } from './passwords.ts'
import { startSession, type From, type NewSession } from './sessions.ts'
import { newRowId } from '../database/row-id.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'

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
      // Without a list staff see every customer; somebody of a customer sees none.
      customerIds: customerIds.length > 0 || user.role === 'customer' ? customerIds : null,
      partnerId: user.role === 'partner' ? (user.partner_id ?? '') : null,
    }
  }

  const audit: AuditNote = (caller, action, subject, detail) =>
    inTransaction(db, tx =>
      insertAudit(tx, {
        id: newRowId(),
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
    async setUp(input: { secret: string; email: string; name: string; password: string; from: From }): Promise<NewSession> {
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
        id: newRowId(),
        email: input.email.toLowerCase(),
        name: input.name,
        role: 'admin',
        customer_ids: '[]',
        password_hash: await hashPassword(input.password),
        disabled_at: null,
        created_at: now(),
        second_factor: 'none',
        recovery_codes: '[]',
      }
      await inTransaction(db, async tx => {
        // Two that follow the link at once: only the first finds no user.
        if ((await countUsers(tx)) > 0)
          throw new DomainError('conflict', 'setup-done', 'The first administrator exists already. Log in instead.')
        await insertUser(tx, user)
      })
      setupSecret = null
      await noteAccount(db, {
        nowMs: now(),
        action: 'session.login',
        actorId: user.id,
        accountId: user.id,
        address: input.from.address,
        detail: { way: 'setup' },
      })
      return startSession(db, { user, from: input.from, way: 'setup', nowMs: now() })
    },

    /** Who calls, in full. */
    async me(caller: Caller): Promise<Me> {
      const user = caller.kind === 'user' ? await findUser(db, caller.id) : null
      const { id, name, role, customerIds, partnerId } = caller
      const shown = { id, name, role, customerIds: customerIds === null ? null : [...customerIds], partnerId }
      return { ...shown, email: user?.email ?? null, contactId: user?.contact_id ?? null }
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
      const id = newRowId()
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
