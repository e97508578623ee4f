/** Rows of links to clients' desks: the link, its pairs of tickets, what goes out, what came in, and comments known on both sides. */
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

export type DeskKind = 'jira' | 'servicenow' | 'zammad' | 'glpi' | 'generic'
export type SyncLinkRow = {
  id: string
  customer_id: string
  kind: DeskKind
  name: string
  base_url: string
  /** JSON (see shared/api/servicedesks/servicedesk-api). */
  settings: string
  /** JSON of the secrets, encrypted; the address and secret of their webhook are among them. */
  secrets: string
  /** JSON `{theirs, ours}`. */
  state_map: string
  is_enabled: number
  /** The customer while enabled, else null: a customer has one link that runs. */
  enabled_key: string | null
  /** Our user at their desk, as their interface names it. */
  sync_user: string | null
  /** JSON list of sentences for people. */
  warnings: string
  failing_since: number | null
  last_error: string | null
  last_out_at: number | null
  last_in_at: number | null
  clock_skew_ms: number | null
  /** Changes at their desk up to here were looked at. */
  reconciled_at: number | null
  /** Files on tickets up to here were looked at. */
  files_seen_at: number
  /** Whose turn it is: one worker per link. */
  leased_until: number | null
  alarmed_at: number | null
  created_at: number
  updated_at: number
}
export type SyncPairRow = {
  id: string
  link_id: string
  ticket_id: string
  /** Null until it was made there. */
  external_id: string | null
  external_key: string | null
  external_url: string | null
  made_by: 'us' | 'them'
  /** What both had when they last agreed. */
  agreed_ours: TicketStatus | null
  agreed_theirs: string | null
  /** JSON of what is theirs (see servicedesks/rules/sync-ownership). */
  facts: string
  /** Number of the last change queued on it. */
  last_seq: number
  /** JSON list of instants of mirrored changes in the last ten minutes. */
  recent: string
  stopped_at: number | null
  created_at: number
}
export type SyncOutboxRow = {
  id: string
  link_id: string
  ticket_id: string
  /** Order within its ticket. */
  seq: number
  kind: 'create' | 'comment' | 'state' | 'level' | 'file'
  /** JSON by kind. */
  body: string
  state: 'pending' | 'parked' | 'done' | 'dropped'
  attempts: number
  next_attempt_at: number
  last_error: string | null
  /** Same key = same change. */
  dedup_key: string
  created_at: number
  done_at: number | null
}
export type SyncInboxRow = {
  id: string
  link_id: string
  /** Same on every repeat of a delivery. */
  delivery_id: string
  /** Ticket at their desk. */
  external_id: string
  /** JSON of what it says where nothing can be fetched, else null. */
  snapshot: string | null
  state: 'pending' | 'parked' | 'done' | 'dropped'
  attempts: number
  next_attempt_at: number
  last_error: string | null
  received_at: number
  done_at: number | null
}
export type SyncCommentRow = {
  id: string
  link_id: string
  ticket_id: string
  /** Their id of it; null = they gave none. */
  external_id: string | null
  hash: string
  /** Line of our history; null = it stayed at their side. */
  event_id: string | null
  direction: 'out' | 'in'
  at: number
}
