/** Rows of visits and of what happened to them. */
import type { VisitState } from '../../../shared/api/visits/visit-api.ts'

export type VisitRow = {
  id: string
  ticket_id: string
  customer_id: string
  partner_id: string
  device_id: string | null
  site_id: string | null
  state: VisitState
  /** The ticket while the visit is open, else null: the unique index allows one open visit a ticket. */
  open_key: string | null
  offered_at: number
  /** Deadline: an answer, then a time, is due. */
  deadline_at: number | null
  accepted_at: number | null
  scheduled_at: number | null
  on_site_at: number | null
  done_at: number | null
  cancelled_at: number | null
  /** Why it was declined, given back or called off. */
  declined_reason: string | null
  link_sha256: string
  link_expires_at: number
  /** JSON list `{name, quantity?, serial?}`. */
  parts: string
  minutes: number | null
  note: string | null
  /** Grows with every change of the appointment. */
  calendar_sequence: number
}
/** Append-only. */
export type VisitEventRow = { id: string; visit_id: string; at: number; state: VisitState; who: string; text: string }
