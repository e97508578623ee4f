/** Rows of evidence devices sent as files, of uploads under way, and of commands to devices. */

/** A finished file; its bytes lie on disk under its device and `sha256`. */
export type EvidenceFileRow = {
  id: string
  customer_id: string
  device_id: string
  bundle_id: string
  part: string
  /** The opened incident whose episode covers `at_ms`; null until there is one. */
  incident_id: string | null
  /** '' for a picture without a fault. */
  signal: string
  component: string
  kind: 'screenshot' | 'log' | 'metrics' | 'state'
  /** When it was taken, device time, corrected. */
  at_ms: number
  bytes: number
  sha256: string
  /** `application/octet-stream` when the bytes are not what their kind says: kept, never shown. */
  content_type: string
  created_at: number
}
/** A bundle a device may send: one-time address, kept as a hash. `parts` is JSON of the announced parts. */
export type EvidenceUploadRow = {
  id: string
  device_id: string
  bundle_id: string
  token_sha256: string
  signal: string
  component: string
  at_ms: number
  parts: string
  /** Of all parts; 0 once everything arrived. */
  bytes: number
  /** JSON list of the names of finished parts. */
  finished: string
  created_at: number
  expires_at: number
}
export type DeviceCommandRow = {
  id: string
  device_id: string
  kind: 'upload-evidence' | 'take-picture' | 'run-remedy'
  /** JSON; secrets are added when it is sent. */
  payload: string
  state: 'queued' | 'sent' | 'done' | 'failed' | 'expired'
  created_by: string | null
  created_at: number
  sent_at: number | null
  expires_at: number
  answered_at: number | null
  /** The device's word: `done`, `failed`, `refused`, ... and what it says about it. */
  result: string | null
  result_text: string | null
}
