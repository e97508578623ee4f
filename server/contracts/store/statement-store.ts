/** Statements as they were issued, and what one is made of. */
import type { Database, Tx } from '../../database/database.ts'
import type { TicketRow } from '../../database/tables/schema.ts'
import type { StatementRow } from '../../database/tables/usage-rows.ts'

/** Puts an issued statement away; nothing happens when the month has one already. */
export async function insertStatement(tx: Tx, row: StatementRow): Promise<void> {
  await tx
    .insertInto('statements')
    .values(row)
    .onConflict(conflict => conflict.columns(['customer_id', 'month']).doNothing())
    .execute()
}

export async function findStatement(db: Database | Tx, customerId: string, month: string): Promise<StatementRow | null> {
  const row = await db
    .selectFrom('statements')
    .selectAll()
    .where('customer_id', '=', customerId)
    .where('month', '=', month)
    .executeTakeFirst()
  return row ?? null
}

/** What was issued, newest first, without the bodies. */
export async function listStatements(db: Database | Tx, customerId: string): Promise<Omit<StatementRow, 'body'>[]> {
  return db
    .selectFrom('statements')
    .select(['customer_id', 'month', 'to_at', 'issued_at'])
    .where('customer_id', '=', customerId)
    .orderBy('month', 'desc')
    .execute()
}

/** The newest statement, or null. */
export async function findLastStatement(db: Database | Tx, customerId: string): Promise<{ month: string; toMs: number } | null> {
  const row = await db
    .selectFrom('statements')
    .select(['month', 'to_at as toMs'])
    .where('customer_id', '=', customerId)
    .orderBy('month', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Customers whose last statement ended before an instant, or who have none: when they were made and what they had last. */
export async function listStatementCandidates(
  db: Database,
  beforeMs: number,
): Promise<{ customerId: string; sinceMs: number; lastMonth: string | null }[]> {
  return db
    .selectFrom('customers')
    .select(e => [
      'customers.id as customerId',
      'customers.created_at as sinceMs',
      e
        .selectFrom('statements')
        .select(f => f.fn.max('statements.month').as('month'))
        .whereRef('statements.customer_id', '=', 'customers.id')
        .as('lastMonth'),
    ])
    .where(e =>
      e.not(
        e.exists(
          e
            .selectFrom('statements')
            .select('statements.month')
            .whereRef('statements.customer_id', '=', 'customers.id')
            .where('statements.to_at', '>=', beforeMs),
        ),
      ),
    )
    .orderBy('customers.id')
    .execute()
}

/** Cases beyond the plan that people registered, or that were approved, in [fromMs, toMs), in order. */
export async function listCasesBeyond(
  db: Database | Tx,
  query: { customerId: string; fromMs: number; toMs: number },
): Promise<TicketRow[]> {
  return db
    .selectFrom('tickets')
    .selectAll()
    .where('customer_id', '=', query.customerId)
    .where('source', '=', 'contact')
    .where(e => {
      const within = (column: 'created_at' | 'approved_at') => e.and([e(column, '>=', query.fromMs), e(column, '<', query.toMs)])
      return e.or([within('created_at'), within('approved_at')])
    })
    .where(e => e.or([e('flags', 'like', '%"case-quota-exceeded"%'), e('flags', 'like', '%"pay-per-incident"%')]))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}
