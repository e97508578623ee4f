/** Rows of mails in and out, of mails that wait for the desk, and of files on tickets. */

export type MailRow = {
  id: string
  /** With its angle brackets; of a mail that has none, or another's, its digest. Of ours the part before the `@`: the domain is a setting. */
  message_id: string
  direction: 'in' | 'out'
  ticket_id: string | null
  customer_id: string | null
  /** Lower case: the sender of one that came, the receiver of one that went. */
  address: string
  subject: string
  at: number
  bytes: number
  /** Name of the whole mail on disk; null for ours. */
  sha256: string | null
  outcome: 'sent' | 'ticket' | 'message' | 'waiting' | 'ignored' | 'quarantined'
  why: string
}
/** A mail that became neither a ticket nor a message. */
export type IntakeItemRow = {
  id: string
  mail_id: string
  state: 'open' | 'ignored' | 'assigned' | 'dismissed'
  reason: string
  ticket_id: string | null
  decided_by: string | null
  decided_at: number | null
  created_at: number
}
export type AttachmentRow = {
  id: string
  ticket_id: string
  mail_id: string | null
  name: string
  /** By its bytes; `application/octet-stream` for everything a browser might run. */
  content_type: string
  bytes: number
  sha256: string
  visibility: 'public' | 'internal'
  /** The message it belongs to. */
  event_id?: string | null | undefined
  /** The visit it is a photo of. */
  visit_id?: string | null | undefined
  /** Who gave it, while it waits for their message: nobody else sees it. */
  waits_for?: string | null | undefined
  created_at: number
}
