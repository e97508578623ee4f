/** Rows read to be changed: locked until the transaction ends. SQLite has one writer and needs no word for it. */
import { PostgresAdapter, sql, type RawBuilder } from 'kysely'
import type { Tx } from './database.ts'

/** `for update` on PostgreSQL, nothing on SQLite: `query.modifyEnd(rowLock(tx))`. */
export function rowLock(tx: Tx): RawBuilder<unknown> {
  return tx.getExecutor().adapter instanceof PostgresAdapter ? sql`for update` : sql``
}

/** As `rowLock`, but rows that another transaction holds are left out instead of waited for. */
export function rowLockFree(tx: Tx): RawBuilder<unknown> {
  return tx.getExecutor().adapter instanceof PostgresAdapter ? sql`for update skip locked` : sql``
}

/** Runs `work` on pieces small enough for one statement. */
export async function inChunks<Item>(items: readonly Item[], work: (chunk: readonly Item[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += 500) await work(items.slice(start, start + 500))
}
