/** Evidence files, their uploads, commands to devices, and when a planned absence is over. */
import { sql, type Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

const FILE_TEXTS = ['customer_id', 'device_id', 'bundle_id', 'part', 'signal', 'component', 'kind', 'sha256', 'content_type']
const UPLOAD_TEXTS = ['device_id', 'bundle_id', 'token_sha256', 'signal', 'component', 'parts', 'finished']

/** Makes the tables. */
export async function evidence(db: Kysely<unknown>): Promise<void> {
  const create = (name: string, columns: (table: Table) => Table): Promise<void> => columns(db.schema.createTable(name)).execute()
  const index = (name: string, table: string, columns: string[]) => db.schema.createIndex(name).on(table).columns(columns)

  await create('evidence_files', table => {
    const texts = may(need(withId(table), 'text', ...FILE_TEXTS), 'text', 'incident_id')
    return need(need(texts, 'bigint', 'at_ms', 'created_at'), 'integer', 'bytes')
  })
  await index('evidence_files_part', 'evidence_files', ['device_id', 'bundle_id', 'part']).unique().execute()
  await index('evidence_files_device', 'evidence_files', ['device_id', 'at_ms']).execute()
  await index('evidence_files_created', 'evidence_files', ['created_at']).execute()
  await index('evidence_files_incident', 'evidence_files', ['incident_id']).where(sql.ref('incident_id'), 'is not', sql.lit(null)).execute()
  await index('evidence_files_loose', 'evidence_files', ['created_at']).where(sql.ref('incident_id'), 'is', sql.lit(null)).execute()

  await create('evidence_uploads', table =>
    need(need(need(withId(table), 'text', ...UPLOAD_TEXTS), 'bigint', 'at_ms', 'created_at', 'expires_at'), 'integer', 'bytes'),
  )
  await index('evidence_uploads_bundle', 'evidence_uploads', ['device_id', 'bundle_id']).unique().execute()
  await index('evidence_uploads_token', 'evidence_uploads', ['token_sha256']).unique().execute()
  await index('evidence_uploads_expires', 'evidence_uploads', ['expires_at']).execute()

  await create('device_commands', table => {
    const told = need(need(withId(table), 'text', 'device_id', 'kind', 'payload', 'state'), 'bigint', 'created_at', 'expires_at')
    return may(may(told, 'bigint', 'sent_at', 'answered_at'), 'text', 'created_by', 'result', 'result_text')
  })
  await index('device_commands_device', 'device_commands', ['device_id', 'created_at']).execute()
  await index('device_commands_open', 'device_commands', ['state', 'expires_at']).execute()

  await db.schema.alterTable('device_states').addColumn('overdue_at', 'bigint').execute()
}
