/** Rows of what ties tickets together: merges, links, watchers, defects, major incidents and offers. */

/** A ticket that goes on in another; kept when it was undone. `status_before` is what it goes back to. */
export type TicketMergeRow = {
  id: string
  ticket_id: string
  into_id: string
  status_before: string
  by_name: string
  at: number
  reason: string | null
  undone_at: number | null
}
/** `child`: `from_id` is a part of `to_id`. `related`: the smaller id is `from_id`. */
export type TicketLinkRow = { id: string; kind: 'related' | 'child'; from_id: string; to_id: string; by_name: string; at: number }
/** Who hears of a ticket besides its people. `ref_id`: user or contact; empty for the reporter of a ticket that was merged into it. */
export type TicketWatcherRow = {
  id: string
  ticket_id: string
  kind: 'staff' | 'contact' | 'reporter'
  ref_id: string
  email: string
  name: string
  by_name: string
  at: number
}
/** A fault of supported software; internal, whatever happens. `estimate_on` is a local date. */
export type DefectRow = {
  id: string
  reference: string
  class: 'crash' | 'block' | 'other'
  title: string
  /** Null until somebody who may has set it. */
  severity: number | null
  impact: string
  status: 'open' | 'confirmed' | 'in-progress' | 'fixed' | 'not-fixed'
  estimate_on: string | null
  product_id: string | null
  fixed_version: string | null
  version: number
  by_name: string
  created_at: number
  updated_at: number
}
export type DefectEventRow = { id: string; defect_id: string; kind: string; by_name: string; text: string; at: number }
/** `told`: what its customer heard last of the defect, `estimate:2026-12-01` or `fix:monitor:8.1`; null = nothing yet. */
export type DefectTicketRow = { id: string; defect_id: string; ticket_id: string; by_name: string; at: number; told: string | null }
export type MajorRow = {
  id: string
  reference: string
  title: string
  state: 'open' | 'ended'
  incident_id: string | null
  by_name: string
  started_at: number
  ended_at: number | null
}
export type MajorTicketRow = { id: string; major_id: string; ticket_id: string; by_name: string; at: number }
export type MajorEventRow = {
  id: string
  major_id: string
  kind: 'began' | 'tickets' | 'message' | 'note' | 'ended'
  by_name: string
  text: string
  tickets_told: number | null
  at: number
}
/** What is offered for a ticket the plan does not cover. */
export type TicketOfferRow = {
  id: string
  ticket_id: string
  kind: 'billable' | 'partner' | 'declined'
  reason: string
  estimate: string | null
  state: 'open' | 'accepted' | 'declined' | 'withdrawn'
  by_name: string
  at: number
  decided_by: string | null
  decided_at: number | null
  note: string | null
}
