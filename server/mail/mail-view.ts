/** Kept mails and files for people: the desk's intake, whole mails, attachments of tickets. */
import type { Attachment, IntakeItem, IntakePreview, IntakeQuery } from '../../shared/api/mail/intake-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { notFound } from '../platform/errors.ts'
import { customersOfDomain, referenceIn, shownWords } from './rules/mail-decision.ts'
import type { Database } from '../database/database.ts'
import { findIntakeItem, listIntakeItems } from './store/mail-intake-store.ts'
import { findAttachment, listAttachments } from '../attachments/store/attachment-store.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import type { AttachmentRow, MailRow } from '../database/tables/mail-rows.ts'
import { findMail, findTicketByReference } from '../notifications/store/mail-store.ts'
import { readCallers } from '../tickets/store/caller-lookup-store.ts'
import { toPage } from '../database/paging.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import { readMail } from './mail-reading.ts'
import { sniffType } from '../attachments/rules/file-type.ts'
import { toAttachment } from '../attachments/attachment-view.ts'
import { iso } from '../../shared/instants.ts'

/** Words of a mail a page shows; the whole mail can be saved. */
const MAX_SHOWN = 20_000

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

    /** What a mail says that waits, and whose it may be. Throws not-found. */
    async preview(itemId: string): Promise<IntakePreview> {
      const item = await findIntakeItem(db, itemId)
      const row = item ? await findMail(db, item.mail_id) : null
      if (!item || !row) throw notFound('intake item')
      const raw = row.sha256 === null ? null : await disk.read(row.sha256)
      const read = raw === null ? null : await readMail(raw, false)
      const isRead = read?.kind === 'read'
      const reference = referenceIn(row.subject)
      const named = reference === null ? null : await findTicketByReference(db, reference)
      const ticket = named ? await findTicket(db, named.id) : null
      return {
        from: { name: read?.mail?.from?.name ?? '', address: row.address },
        subject: row.subject,
        text: read?.mail ? shownWords(read.mail).slice(0, MAX_SHOWN) : '',
        files: isRead ? read.files.map(file => ({ name: file.name, contentType: sniffType(file.bytes), bytes: file.bytes.length })) : [],
        leftOut: isRead ? read.leftOut : [],
        likelyCustomers: customersOfDomain(await readCallers(db, null), row.address),
        namedTicket: ticket && { id: ticket.id, reference: ticket.reference, subject: ticket.subject },
      }
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
