/** Kept mails and files for people: the desk's intake, whole mails, attachments of tickets. */
import type { Attachment, IntakeItem, IntakeQuery } from '../../shared/api/intake-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { notFound } from '../domain/errors.ts'
import type { Database } from '../store/database.ts'
import { findAttachment, listAttachments, listIntakeItems } from '../store/intake-store.ts'
import type { MailDisk } from '../store/mail-disk.ts'
import type { AttachmentRow, MailRow } from '../store/mail-rows.ts'
import { findMail } from '../store/mail-store.ts'
import { toPage } from '../store/paging.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** A file as tickets show it. */
export const toAttachment = (row: AttachmentRow): Attachment => ({
  id: row.id,
  name: row.name,
  contentType: row.content_type,
  bytes: row.bytes,
  visibility: row.visibility,
  messageId: row.event_id ?? null,
  visitId: row.visit_id ?? null,
  createdAt: iso(row.created_at),
  url: `/api/v1/attachments/${row.id}`,
})

/** Makes the reader. */
export function makeMailView({ db, disk }: { db: Database; disk: MailDisk }) {
  const bytesOf = async (sha256: string | null, what: string): Promise<Uint8Array> => {
    const bytes = sha256 === null ? null : await disk.read(sha256)
    if (!bytes) throw notFound(what)
    return bytes
  }
  return {
    /** Newest first; those that wait unless another state is asked for. */
    async list(query: IntakeQuery): Promise<Page<IntakeItem>> {
      const limit = query.limit ?? 50
      const { rows, total } = await listIntakeItems(db, { state: query.state ?? 'open', limit, cursor: query.cursor })
      return toPage(
        rows,
        limit,
        total,
        (row): IntakeItem => ({
          id: row.id,
          mailId: row.mail_id,
          state: row.state,
          reason: row.reason,
          why: row.why,
          from: row.address,
          subject: row.subject,
          bytes: row.bytes,
          ticketId: row.ticket_id,
          decidedBy: row.decided_by,
          decidedAt: row.decided_at === null ? null : iso(row.decided_at),
          createdAt: iso(row.created_at),
        }),
        row => [row.created_at, row.id] as const,
      )
    },

    /** A mail as it is known; throws not-found. For tenant checks. */
    async mail(id: string): Promise<MailRow> {
      const row = await findMail(db, id)
      if (!row) throw notFound('mail')
      return row
    },
    wholeMail: (row: MailRow): Promise<Uint8Array> => bytesOf(row.sha256, 'mail'),

    async attachments(ticketId: string, isPublicOnly: boolean): Promise<Attachment[]> {
      return (await listAttachments(db, ticketId, isPublicOnly)).map(toAttachment)
    },
    /** A file as it is known; throws not-found. For tenant checks. */
    async attachment(id: string): Promise<AttachmentRow> {
      const row = await findAttachment(db, id)
      if (!row) throw notFound('attachment')
      return row
    },
    fileBytes: (row: AttachmentRow): Promise<Uint8Array> => bytesOf(row.sha256, 'attachment'),
  }
}
export type MailView = ReturnType<typeof makeMailView>
