/** Opens the store: embedded SQLite or PostgreSQL, migrated to the newest version. */
import { chmodSync } from 'node:fs'
import { Kysely, PostgresDialect, sql, type Dialect, type Transaction } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import pg from 'pg'
import { foundation } from './migrations/001-foundation.ts'
import { clockEvents } from './migrations/002-clock-events.ts'
import { usage } from './migrations/003-usage.ts'
import { uptime } from './migrations/004-uptime.ts'
import { products } from './migrations/005-products.ts'
import { evidence } from './migrations/006-evidence.ts'
import { verdictMarks } from './migrations/007-verdict-marks.ts'
import { maintenance } from './migrations/008-maintenance.ts'
import { grouping } from './migrations/010-grouping.ts'
import { visits } from './migrations/012-visits.ts'
import { mail } from './migrations/013-mail.ts'
import { queue } from './migrations/018-queue.ts'
import { relations } from './migrations/016-relations.ts'
import { people } from './migrations/015-people.ts'
import { remedies } from './migrations/009-remedies.ts'
import { levelRises } from './migrations/011-level-rises.ts'
import { servicedeskSync } from './migrations/014-servicedesk-sync.ts'
import { knowhow } from './migrations/017-knowhow.ts'
import type { Schema } from './tables/schema.ts'
import { openSqliteDialect } from './sqlite-database.ts'

export type Database = Kysely<Schema>
/** What stores take: the database outside, the transaction inside one. */
export type Tx = Transaction<Schema>
export type Store = { db: Database; kind: 'sqlite' | 'postgres'; close(): Promise<void> }

// bigint and numeric come back as text from PostgreSQL; every integer we keep is below 2^53.
pg.types.setTypeParser(20, Number)
pg.types.setTypeParser(1700, Number)

function migrations(isPostgres: boolean): Record<string, Migration> {
  return {
    '001-foundation': { up: db => foundation(db, isPostgres) },
    '002-clock-events': { up: clockEvents },
    '003-usage': { up: usage },
    '004-uptime': { up: uptime },
    '005-products': { up: products },
    '006-evidence': { up: evidence },
    '007-verdict-marks': { up: verdictMarks },
    '008-maintenance': { up: maintenance },
    '009-remedies': { up: remedies },
    '010-grouping': { up: grouping },
    '011-level-rises': { up: levelRises },
    '012-visits': { up: visits },
    '013-mail': { up: mail },
    '014-servicedesk-sync': { up: servicedeskSync },
    '015-people': { up: people },
    '016-relations': { up: relations },
    '017-knowhow': { up: knowhow },
    '018-queue': { up: queue },
  }
}

async function migrate(db: Database, isPostgres: boolean): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations(isPostgres)) } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error instanceof Error ? error : new Error('The migration failed', { cause: error })
}

/**
 * Opens a store. `location` is a file path (SQLite) or a `postgres://` address.
 * Throws when it cannot be opened or migrated: the server must not start on a half-made database.
 */
export async function openStore(location: string): Promise<Store> {
  const isPostgres = /^postgres(ql)?:\/\//.test(location)
  let dialect: Dialect
  if (isPostgres) {
    const pool = new pg.Pool({ connectionString: location, max: 8 })
    // An idle connection that the database closes emits here; without a listener the process would die.
    pool.on('error', () => undefined)
    dialect = new PostgresDialect({ pool })
  } else {
    dialect = openSqliteDialect(location)
    if (location !== ':memory:') chmodSync(location, 0o600)
  }
  const db = new Kysely<Schema>({ dialect })
  await migrate(db, isPostgres)
  return { db, kind: isPostgres ? 'postgres' : 'sqlite', close: () => db.destroy() }
}

/** One transaction around a use case. Inside, only `tx` may be used: on SQLite the database itself would wait for ever. */
export function inTransaction<Result>(db: Database, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return db.transaction().execute(work)
}

/**
 * Locks a customer's row until the transaction ends, on both databases: everything that counts against the plan
 * (devices, contacts, cases) happens one at a time per customer. False when there is no such customer.
 */
export async function lockCustomer(tx: Tx, customerId: string): Promise<boolean> {
  const result = await tx
    .updateTable('customers')
    .set({ lock_version: sql`lock_version + 1` })
    .where('id', '=', customerId)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}
