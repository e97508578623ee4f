/** Limits that were reached, by customer, limit and period. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import type { LimitLevelRow } from '../../database/tables/usage-rows.ts'

/** Every level of a customer that was judged; ended periods too. */
export async function listLimitLevels(db: Database | Tx, customerId: string): Promise<LimitLevelRow[]> {
  return db.selectFrom('limit_levels').selectAll().where('customer_id', '=', customerId).execute()
}

/** Writes what was judged now. */
export async function saveLimitLevel(tx: Tx, row: LimitLevelRow): Promise<void> {
  await tx
    .insertInto('limit_levels')
    .values(row)
    .onConflict(conflict =>
      conflict.columns(['customer_id', 'limit_key', 'period']).doUpdateSet({
        included: sql`excluded.included`,
        percent: sql`excluded.percent`,
        told_percent: sql`excluded.told_percent`,
        since_at: sql`excluded.since_at`,
      }),
    )
    .execute()
}
