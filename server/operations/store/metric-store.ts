/** What is counted for the metrics. */
import type { Database } from '../../database/database.ts'

/** Open tickets by level; a level without any is left out. */
export async function countOpenByLevel(db: Database): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom('tickets')
    .select(['level', e => e.fn.countAll<number>().as('n')])
    .where('status', 'not in', ['resolved', 'closed'])
    .groupBy('level')
    .execute()
  return new Map(rows.map(row => [row.level, Number(row.n)]))
}

/** Clocks that were breached, ever. */
export async function countBreached(db: Database): Promise<number> {
  const { n } = await db
    .selectFrom('clocks')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('breached_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(n)
}
