/** A connection of a device that is not in the store yet. */
import type { Connection } from '../../database/tables/connection.ts'

export type NewConnection = { connection: Connection; sinceMs: number; expectedBackAtMs: number | null; overdueAtMs: number | null }
