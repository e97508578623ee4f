/** People with second factors, passkeys and single sign-on; where their sessions come from; secrets that work once. */
import type { Kysely } from 'kysely'
import { may, need, withId } from './columns.ts'

/** Adds the columns and creates the tables. */
export async function people(db: Kysely<unknown>): Promise<void> {
  for (const column of ['partner_id', 'contact_id', 'totp_secret', 'sso_subject'])
    await db.schema.alterTable('users').addColumn(column, 'text').execute()
  await db.schema
    .alterTable('users')
    .addColumn('second_factor', 'text', column => column.notNull().defaultTo('none'))
    .execute()
  await db.schema
    .alterTable('users')
    .addColumn('recovery_codes', 'text', column => column.notNull().defaultTo('[]'))
    .execute()
  for (const column of ['totp_last_step', 'last_login_at']) await db.schema.alterTable('users').addColumn(column, 'bigint').execute()
  await db.schema.createIndex('users_sso').on('users').column('sso_subject').unique().execute()

  for (const column of ['browser', 'way']) await db.schema.alterTable('sessions').addColumn(column, 'text').execute()
  await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute()

  const secrets = need(
    db.schema.createTable('one_time_secrets').addColumn('id_sha256', 'text', column => column.primaryKey()),
    'text',
    'kind',
    'data',
  )
  await may(need(need(secrets, 'bigint', 'created_at', 'expires_at'), 'integer', 'tries'), 'text', 'user_id').execute()
  await db.schema.createIndex('one_time_secrets_user').on('one_time_secrets').columns(['user_id', 'kind']).execute()

  const passkeys = need(withId(db.schema.createTable('passkeys')), 'text', 'user_id', 'public_key', 'transports', 'name')
  await may(need(passkeys, 'bigint', 'counter', 'created_at'), 'bigint', 'last_used_at').execute()
  await db.schema.createIndex('passkeys_user').on('passkeys').column('user_id').execute()
}
