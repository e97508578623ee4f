/** Files of people on tickets: given first, then sent with a message, whose visibility they take. Their type is what their bytes say. */
import type { Attachment } from '../../shared/api/mail/intake-api.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import {
  MAX_FILE_BYTES,
  MAX_FILES_A_TICKET,
  MAX_PHOTOS_A_VISIT,
  MAX_WAITING,
  WAITING_MS,
  isPicture,
  safeFileName,
} from '../attachments/rules/file-rules.ts'
import {
  areBytesNeeded,
  countFiles,
  dropWaiting,
  listWaitingBefore,
  readMessageFiles,
  readPhotos,
  insertAttachments,
} from '../attachments/store/attachment-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import type { AttachmentRow } from '../database/tables/mail-rows.ts'
import { lockTicket } from './store/ticket-store.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import type { ChangeBus } from '../platform/change-bus.ts'
import { toAttachment } from '../attachments/attachment-view.ts'
import { sniffType } from '../attachments/rules/file-type.ts'
import { newRowId } from '../database/row-id.ts'

const full = (detail: string): DomainError => new DomainError('conflict', 'conflict', detail)
/** Files of one mail together: what most servers take. */
const MAX_MAILED_BYTES = 15 * 1024 * 1024

/** Makes the keeper. */
export function makeTicketFiles(deps: { db: Database; now: () => number; bus: ChangeBus; disk: MailDisk }) {
  const { db, now, bus, disk } = deps
  const mustHold = (bytes: Uint8Array): void => {
    if (bytes.length === 0) throw invalidInput([{ path: 'body', message: 'the file is empty' }])
    if (bytes.length > MAX_FILE_BYTES)
      throw invalidInput([{ path: 'body', message: `a file has at most ${MAX_FILE_BYTES / 1024 / 1024} MB` }])
  }
  const dropBytes = async (row: AttachmentRow): Promise<void> => {
    if (!(await areBytesNeeded(db, row.sha256))) disk.drop(row.sha256)
  }

  return {
    /** Takes a file that waits for a message of `owner`. Throws invalid-input, and conflict when there are too many. */
    async give(ticketId: string, owner: string, file: { name: string; bytes: Uint8Array }): Promise<Attachment> {
      mustHold(file.bytes)
      const sha256 = await disk.keep(file.bytes)
      const row: AttachmentRow = {
        id: newRowId(),
        ticket_id: ticketId,
        mail_id: null,
        name: safeFileName(file.name, 'file'),
        content_type: sniffType(file.bytes),
        bytes: file.bytes.length,
        sha256,
        visibility: 'internal',
        waits_for: owner,
        created_at: now(),
      }
      await inTransaction(db, async tx => {
        if (!(await lockTicket(tx, ticketId))) throw notFound('ticket')
        if ((await countFiles(tx, ticketId, owner)) >= MAX_WAITING)
          throw full(`${MAX_WAITING} files wait for a message already. Send it first.`)
        if ((await countFiles(tx, ticketId, null)) >= MAX_FILES_A_TICKET) throw full(`The ticket has ${MAX_FILES_A_TICKET} files already.`)
        await insertAttachments(tx, [row])
      })
      return toAttachment(row)
    },

    /** Takes a waiting file back. Throws not-found for one that was sent or is of somebody else. */
    async takeBack(id: string, owner: string): Promise<void> {
      const row = await inTransaction(db, tx => dropWaiting(tx, id, owner))
      if (!row) throw notFound('file')
      await dropBytes(row)
    },

    /** A photo of a visit; the same bytes again are the same photo. Throws invalid-input for what is no picture. */
    async addPhoto(visit: VisitRow, bytes: Uint8Array): Promise<{ photo: AttachmentRow; isNew: boolean }> {
      mustHold(bytes)
      const type = sniffType(bytes)
      if (!isPicture(type)) throw invalidInput([{ path: 'body', message: 'is not a JPEG, PNG, WebP or GIF picture' }])
      const sha256 = await disk.keep(bytes)
      const answer = await inTransaction(db, async tx => {
        await lockTicket(tx, visit.ticket_id)
        const there = await readPhotos(tx, [visit.id])
        const same = there.find(photo => photo.sha256 === sha256)
        if (same) return { photo: same, isNew: false }
        if (there.length >= MAX_PHOTOS_A_VISIT) throw full(`The visit has ${MAX_PHOTOS_A_VISIT} photos already.`)
        const row: AttachmentRow = {
          id: newRowId(),
          ticket_id: visit.ticket_id,
          mail_id: null,
          name: `photo-${there.length + 1}.${type.slice('image/'.length).replace('jpeg', 'jpg')}`,
          content_type: type,
          bytes: bytes.length,
          sha256,
          visibility: 'public',
          visit_id: visit.id,
          created_at: now(),
        }
        await insertAttachments(tx, [row])
        return { photo: row, isNew: true }
      })
      if (answer.isNew)
        bus.publish([
          { kind: 'visit', id: visit.id, customerId: visit.customer_id },
          { kind: 'ticket', id: visit.ticket_id, customerId: visit.customer_id },
        ])
      return answer
    },

    photos: (visitIds: readonly string[]): Promise<AttachmentRow[]> => readPhotos(db, visitIds),
    bytesOf: (row: AttachmentRow): Promise<Uint8Array | null> => disk.read(row.sha256),

    /** Files that go out with the mail of a message; those that are too large together stay on the ticket. */
    async mailed(eventId: string): Promise<{ name: string; contentType: string; bytes: Uint8Array }[]> {
      const files: { name: string; contentType: string; bytes: Uint8Array }[] = []
      let total = 0
      for (const row of await readMessageFiles(db, eventId)) {
        total += row.bytes
        const bytes = total > MAX_MAILED_BYTES ? null : await disk.read(row.sha256)
        if (bytes) files.push({ name: row.name, contentType: row.content_type, bytes })
      }
      return files
    },

    /** Lets go of what nobody sent within a day; call about once an hour. */
    async forgetWaiting(): Promise<void> {
      for (;;) {
        const old = await listWaitingBefore(db, now() - WAITING_MS)
        if (old.length === 0) return
        for (const row of old) {
          const dropped = await inTransaction(db, tx => dropWaiting(tx, row.id, row.waits_for ?? ''))
          if (dropped) await dropBytes(dropped)
        }
      }
    },
  }
}
export type TicketFiles = ReturnType<typeof makeTicketFiles>
