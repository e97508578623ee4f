/** The history of verdicts, from which serving time is counted. */
import { sql, type Kysely } from 'kysely'
import { may, need } from './columns.ts'

/** Creates the table; what devices are now is its first row. */
export async function verdictMarks(db: Kysely<unknown>): Promise<void> {
  const base = need(need(db.schema.createTable('verdict_marks'), 'text', 'device_id', 'verdict'), 'bigint', 'from_at')
  await may(base, 'text', 'cause')
    .addPrimaryKeyConstraint('verdict_marks_pk', ['device_id', 'from_at'] as never)
    .execute()
  await sql`
    insert into verdict_marks (device_id, from_at, verdict)
    select device_id, verdict_since, verdict from device_states where connection <> 'never'`.execute(db)
}
