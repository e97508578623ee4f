/** The one bulk update both databases know is an upsert, and an upsert has to name every column a row cannot be without. */
import { sql } from 'kysely'

/** Columns to spread below the written ones. They never reach the store: the row is there since the device was enrolled. */
export function neverInserted() {
  return {
    connection: sql.lit('never' as const),
    connection_since: sql.lit(0),
    verdict: sql.lit('unknown' as const),
    verdict_since: sql.lit(0),
    reasons: sql.lit('[]'),
    config_wanted: sql.lit(0),
    config_applied: sql.lit(0),
    config_status: sql.lit('pending'),
  }
}
