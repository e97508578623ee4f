/** People, their sessions, and bearer tokens. Secrets are stored as hashes only. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import { likePattern } from '../../database/paging.ts'
import { rowLock } from '../../database/row-lock.ts'
import type { ApiTokenRow, AuditRow, SessionRow, UserRow } from '../../database/tables/schema.ts'

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
export async function findUserByEmail(db: Database | Tx, email: string): Promise<UserRow | null> {
  return (await db.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst()) ?? null
}

export async function findUser(db: Database | Tx, id: string): Promise<UserRow | null> {
  return (await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** A user, locked until the transaction ends. */
export async function lockUser(tx: Tx, id: string): Promise<UserRow | null> {
  return (await tx.selectFrom('users').selectAll().where('id', '=', id).modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}

/** User that a single sign-on was linked to (`issuer|subject`), or null. */
export async function findUserBySso(db: Database | Tx, subject: string): Promise<UserRow | null> {
  return (await db.selectFrom('users').selectAll().where('sso_subject', '=', subject).executeTakeFirst()) ?? null
}

export async function updateUser(db: Database | Tx, id: string, change: Partial<UserRow>): Promise<void> {
  await db.updateTable('users').set(change).where('id', '=', id).execute()
}

/** Takes a time step of a user's authenticator: false when it, or a later one, was taken before. */
export async function takeTotpStep(db: Database | Tx, userId: string, step: number): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ totp_last_step: step })
    .where('id', '=', userId)
    .where(e => e.or([e('totp_last_step', 'is', null), e('totp_last_step', '<', step)]))
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Puts other recovery codes in place of those that were read: false when somebody else was faster. */
export async function replaceRecoveryCodes(db: Database | Tx, userId: string, before: string, after: string): Promise<boolean> {
  const change = db.updateTable('users').set({ recovery_codes: after }).where('id', '=', userId)
  return Number((await change.where('recovery_codes', '=', before).executeTakeFirst()).numUpdatedRows) === 1
}

/** How many administrators can log in; they are locked, so that two at once cannot both take the last but one away. */
export async function countAdmins(tx: Tx): Promise<number> {
  const query = tx.selectFrom('users').select('id').where('role', '=', 'admin').where('disabled_at', 'is', null).orderBy('id')
  return (await query.modifyEnd(rowLock(tx)).execute()).length
}

/** People of a role whose name or address holds a text, by name. */
export async function listUsers(db: Database, query: { q?: string | undefined; role?: string | undefined }): Promise<UserRow[]> {
  let matching = db.selectFrom('users').selectAll()
  if (query.role !== undefined) matching = matching.where('role', '=', query.role)
  if (query.q !== undefined) {
    const pattern = likePattern(query.q)
    matching = matching.where(
      e => sql<boolean>`(lower(${e.ref('name')}) like ${pattern} escape '!' or lower(${e.ref('email')}) like ${pattern} escape '!')`,
    )
  }
  return matching.orderBy('name').orderBy('id').execute()
}

export async function insertSession(db: Database | Tx, session: SessionRow): Promise<void> {
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

/** Sessions of a user that have not ended, newest first. */
export async function listSessions(db: Database, userId: string, nowMs: number): Promise<SessionRow[]> {
  const query = db.selectFrom('sessions').selectAll().where('user_id', '=', userId).where('expires_at', '>', nowMs)
  return query.orderBy('created_at', 'desc').execute()
}

/** Ends sessions of a user: `only` this one, or all but `except`. How many. */
export async function endSessions(
  db: Database | Tx,
  userId: string,
  which: { only?: string; except?: string | null } = {},
): Promise<number> {
  let ended = db.deleteFrom('sessions').where('user_id', '=', userId)
  if (which.only !== undefined) ended = ended.where('id_sha256', '=', which.only)
  if (which.except != null) ended = ended.where('id_sha256', '<>', which.except)
  return Number((await ended.executeTakeFirst()).numDeletedRows)
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

export async function insertAudit(tx: Database | Tx, row: AuditRow): Promise<void> {
  await tx.insertInto('audit').values(row).execute()
}
