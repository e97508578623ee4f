/** Rows of the platform's own availability: its heartbeat log, what outside probes saw, and announced maintenance. */

/** One unbroken run of the server; `last_at` is its newest beat. `ended` says how it ended once another has begun. */
export type UptimeBeatRow = { id: string; started_at: number; last_at: number; ended: string | null }
/** One span of an outside probe, as it sent it. */
export type UptimeProbeRow = { probe: string; from_at: number; to_at: number; is_up: number; reason: string | null; received_at: number }
export type PlatformMaintenanceRow = {
  id: string
  from_at: number
  to_at: number
  reason: string
  announced_at: number
  cancelled_at: number | null
}
