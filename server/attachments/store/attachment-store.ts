/** Files of tickets: those that people give to messages, those that mails brought, and photos of visits. */
import type { Database, Tx } from '../../database/database.ts'
import type { AttachmentRow } from '../../database/tables/mail-rows.ts'

/** How many files a ticket has, photos of its visits left out; of one person alone those that wait for their message. */
export async function countFiles(tx: Tx, ticketId: string, waitsFor: string | null): Promise<number> {
  let query = tx
    .selectFrom('ticket_attachments')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('ticket_id', '=', ticketId)
    .where('visit_id', 'is', null)
  if (waitsFor !== null) query = query.where('waits_for', '=', waitsFor)
  return Number((await query.executeTakeFirstOrThrow()).n)
}

/** Gives waiting files of a person to their message; answers how many there were. */
export async function bindFiles(
  tx: Tx,
  binding: { ticketId: string; waitsFor: string; ids: readonly string[]; eventId: string; visibility: AttachmentRow['visibility'] },
): Promise<number> {
  const result = await tx
    .updateTable('ticket_attachments')
    .set({ event_id: binding.eventId, visibility: binding.visibility, waits_for: null })
    .where('id', 'in', binding.ids)
    .where('ticket_id', '=', binding.ticketId)
    .where('waits_for', '=', binding.waitsFor)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** Takes a waiting file back; null when it is not one of theirs. */
export async function dropWaiting(tx: Tx, id: string, waitsFor: string): Promise<AttachmentRow | null> {
  const query = tx.selectFrom('ticket_attachments').selectAll().where('id', '=', id).where('waits_for', '=', waitsFor)
  const row = await query.executeTakeFirst()
  if (!row) return null
  await tx.deleteFrom('ticket_attachments').where('id', '=', id).where('waits_for', '=', waitsFor).execute()
  return row
}

/** Files that have waited since before an instant. */
export async function listWaitingBefore(db: Database, beforeMs: number): Promise<AttachmentRow[]> {
  return db
    .selectFrom('ticket_attachments')
    .selectAll()
    .where('waits_for', 'is not', null)
    .where('created_at', '<', beforeMs)
    .limit(500)
    .execute()
}

/** Whether a ticket or a mail still needs these bytes. */
export async function areBytesNeeded(db: Database, sha256: string): Promise<boolean> {
  const file = await db.selectFrom('ticket_attachments').select('id').where('sha256', '=', sha256).limit(1).executeTakeFirst()
  if (file) return true
  return (await db.selectFrom('mail_messages').select('id').where('sha256', '=', sha256).limit(1).executeTakeFirst()) !== undefined
}

/** Public files of a message, for the mail that tells of it. */
export async function readMessageFiles(db: Database, eventId: string): Promise<AttachmentRow[]> {
  const query = db.selectFrom('ticket_attachments').selectAll().where('event_id', '=', eventId).where('visibility', '=', 'public')
  return query.orderBy('created_at').orderBy('id').execute()
}

/** Photos of visits, oldest first. */
export async function readPhotos(db: Database | Tx, visitIds: readonly string[]): Promise<AttachmentRow[]> {
  if (visitIds.length === 0) return []
  const query = db.selectFrom('ticket_attachments').selectAll().where('visit_id', 'in', visitIds)
  return query.orderBy('created_at').orderBy('id').execute()
}

export async function insertAttachments(tx: Tx, rows: readonly AttachmentRow[]): Promise<void> {
  if (rows.length > 0) await tx.insertInto('ticket_attachments').values(rows).execute()
}

export async function findAttachment(db: Database | Tx, id: string): Promise<AttachmentRow | null> {
  return (await db.selectFrom('ticket_attachments').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Files of a ticket that were sent, oldest first; only those everybody sees when asked so. */
export async function listAttachments(db: Database, ticketId: string, isPublicOnly: boolean): Promise<AttachmentRow[]> {
  let query = db.selectFrom('ticket_attachments').selectAll().where('ticket_id', '=', ticketId).where('waits_for', 'is', null)
  if (isPublicOnly) query = query.where('visibility', '=', 'public')
  return query.orderBy('created_at').orderBy('id').execute()
}
