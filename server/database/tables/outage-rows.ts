/** Rows of outages that are not over. */
export type OutageRow = {
  /** Its incident, of kind `site` or `platform`. */
  incident_id: string
  kind: 'site' | 'platform'
  /** Null for the platform. */
  site_id: string | null
  customer_id: string | null
  state: 'pending' | 'open' | 'recovering'
  /** First loss. */
  began_at: number
  /** When the hold is over. */
  opens_at: number
  /** When contact returned. */
  recovered_at: number | null
}
