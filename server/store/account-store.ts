/** People, their sessions, and bearer tokens. Secrets are stored as hashes only. */
import type { Database, Tx } from './database.ts'
import type { ApiTokenRow, AuditRow, SessionRow, UserRow } from './schema.ts'

export async function countUsers(db: Database | Tx): Promise<number> {
  const row = await db
    .selectFrom('users')
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export async function insertUser(tx: Tx, user: UserRow): Promise<void> {
  await tx.insertInto('users').values(user).execute()
}

/** User by e-mail address (compared in lower case), or null. */
export async function findUserByEmail(db: Database, email: string): Promise<UserRow | null> {
  return (await db.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst()) ?? null
}

export async function insertSession(db: Database, session: SessionRow): Promise<void> {
  await db.insertInto('sessions').values(session).execute()
}

/** The user of a session that has not ended, or null. */
export async function findSessionUser(db: Database, idSha256: string, nowMs: number): Promise<UserRow | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('users')
    .where('sessions.id_sha256', '=', idSha256)
    .where('sessions.expires_at', '>', nowMs)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
  return row ?? null
}

export async function deleteSession(db: Database, idSha256: string): Promise<void> {
  await db.deleteFrom('sessions').where('id_sha256', '=', idSha256).execute()
}

export async function deleteEndedSessions(db: Database, nowMs: number): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at', '<=', nowMs).execute()
}

export async function insertApiToken(tx: Tx, token: ApiTokenRow): Promise<void> {
  await tx.insertInto('api_tokens').values(token).execute()
}

/** A token that is not revoked, or null. */
export async function findApiToken(db: Database, tokenSha256: string): Promise<ApiTokenRow | null> {
  return (
    (await db
      .selectFrom('api_tokens')
      .selectAll()
      .where('token_sha256', '=', tokenSha256)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()) ?? null
  )
}

export async function insertAudit(tx: Tx, row: AuditRow): Promise<void> {
  await tx.insertInto('audit').values(row).execute()
}
