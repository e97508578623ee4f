/** Sessions of people: begun by a login, kept in the store, listed and ended by their owner. */
import { newToken, sha256Hex } from '../../shared/ids.ts'
import type { Role } from '../platform/caller.ts'
import { deleteEndedSessions, insertSession, updateUser } from './store/account-store.ts'
import type { Database, Tx } from '../database/database.ts'
import type { UserRow } from '../database/tables/schema.ts'

const SESSION_MS = 12 * 3_600_000
const BROWSER_LENGTH = 200

/** Where a call comes from. */
export type From = { address: string; browser: string | null }
export type NewSession = { cookie: string; expiresAtMs: number; user: { id: string; name: string; email: string; role: Role } }

/** Begins a session: the cookie is told once, its hash is kept. `way` is how the person proved who they are. */
export async function startSession(
  db: Database | Tx,
  { user, from, way, nowMs }: { user: UserRow; from: From; way: string; nowMs: number },
): Promise<NewSession> {
  const cookie = newToken('kst')
  const expiresAtMs = nowMs + SESSION_MS
  await deleteEndedSessions(db, nowMs)
  await insertSession(db, {
    id_sha256: sha256Hex(cookie),
    user_id: user.id,
    created_at: nowMs,
    expires_at: expiresAtMs,
    address: from.address,
    browser: from.browser?.slice(0, BROWSER_LENGTH) ?? null,
    way,
  })
  await updateUser(db, user.id, { last_login_at: nowMs })
  return { cookie, expiresAtMs, user: { id: user.id, name: user.name, email: user.email, role: user.role as Role } }
}
