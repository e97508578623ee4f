/** Rows of who is on call, of the calls they got, and of what customers thought of a ticket. */

/** `body`: JSON of the rota as it was given. */
export type RotaRow = { id: string; name: string; body: string; changed_by: string | null; created_at: number; updated_at: number }
export type OnCallAlertRow = {
  id: string
  ticket_id: string
  customer_id: string
  rota_id: string | null
  /** `nobody`: everybody was asked and nobody answered; `over`: it was answered or ended otherwise. */
  state: 'calling' | 'acknowledged' | 'nobody' | 'over'
  /** JSON list `{at, name, email}` of who was asked, oldest first. */
  calls: string
  /** Deadline: when the next in line is asked. */
  next_at: number | null
  acknowledged_at: number | null
  acknowledged_by: string | null
  created_at: number
}
export type OnCallLinkRow = { token_sha256: string; alert_id: string; name: string; expires_at: number }
/** One question a ticket; `score` 1 good, 0 bad, null not answered. */
export type SatisfactionRow = {
  ticket_id: string
  customer_id: string
  token_sha256: string
  asked_at: number
  expires_at: number
  score: number | null
  comment: string | null
  answered_at: number | null
}
