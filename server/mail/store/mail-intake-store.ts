/** Mails that wait for the desk. */
import type { Database, Tx } from '../../database/database.ts'
import type { IntakeItemRow, MailRow } from '../../database/tables/mail-rows.ts'
import { readCursor } from '../../database/paging.ts'

export type IntakeListRow = IntakeItemRow & Pick<MailRow, 'address' | 'subject' | 'bytes' | 'why'>

export async function insertIntakeItem(tx: Tx, row: IntakeItemRow): Promise<void> {
  await tx.insertInto('intake_items').values(row).execute()
}

const joined = (db: Database | Tx) => db.selectFrom('intake_items').innerJoin('mail_messages', 'mail_messages.id', 'intake_items.mail_id')

const COLUMNS = ['mail_messages.address', 'mail_messages.subject', 'mail_messages.bytes', 'mail_messages.why'] as const

export async function findIntakeItem(db: Database | Tx, id: string): Promise<IntakeListRow | null> {
  const row = await joined(db).selectAll('intake_items').select(COLUMNS).where('intake_items.id', '=', id).executeTakeFirst()
  return row ?? null
}

/** Decides an item that nobody has assigned or dismissed before; false when somebody has. */
export async function decideIntakeItem(
  tx: Tx,
  id: string,
  change: Pick<IntakeItemRow, 'state' | 'ticket_id' | 'decided_by' | 'decided_at'>,
): Promise<boolean> {
  const result = await tx
    .updateTable('intake_items')
    .set(change)
    .where('id', '=', id)
    .where('state', 'in', ['open', 'ignored'])
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Newest first. One row more than the limit says that there is a next page. */
export async function listIntakeItems(
  db: Database,
  query: { state: IntakeItemRow['state']; limit: number; cursor?: string | undefined },
): Promise<{ rows: IntakeListRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  let page = joined(db)
    .selectAll('intake_items')
    .select(COLUMNS)
    .where('state', '=', query.state)
    .orderBy('intake_items.created_at', 'desc')
    .orderBy('intake_items.id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([
        e('intake_items.created_at', '<', Number(cursor[0])),
        e.and([e('intake_items.created_at', '=', Number(cursor[0])), e('intake_items.id', '<', cursor[1])]),
      ]),
    )
  const { n } = await db
    .selectFrom('intake_items')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('state', '=', query.state)
    .executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(n) }
}
