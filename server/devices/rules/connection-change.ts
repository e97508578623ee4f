/** A connection of a device that is not in the store yet. */
import type { Connection } from '../../../shared/api/devices/device-api.ts'

export type NewConnection = { connection: Connection; sinceMs: number; expectedBackAtMs: number | null; overdueAtMs: number | null }
