/** Rows of the verdict's history. */
import type { VerdictWord } from '../../../shared/api/devices/device-api.ts'

/** The verdict of a device from `from_at` on, until the next row. `cause`: signal key of the first reason then. */
export type VerdictMarkRow = { device_id: string; from_at: number; verdict: VerdictWord; cause: string | null }
