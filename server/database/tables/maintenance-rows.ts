/** Rows of maintenance windows. */

/** Kept when it is over or called off: history says what was muted, and by whom. `ends_at`: last instant any time of it can end; null = never. */
export type MaintenanceRow = {
  id: string
  customer_id: string | null
  site_id: string | null
  profile_id: string | null
  device_id: string | null
  signal: string | null
  from_at: number
  to_at: number
  ends_at: number | null
  recurrence: string | null
  time_zone: string
  reason: string
  created_by: string
  created_at: number
  cancelled_at: number | null
}
