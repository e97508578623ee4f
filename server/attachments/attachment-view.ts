/** Kept files as tickets show them. */
import type { Attachment } from '../../shared/api/mail/intake-api.ts'
import type { AttachmentRow } from '../database/tables/mail-rows.ts'
import { iso } from '../../shared/instants.ts'

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
