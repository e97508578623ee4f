/** node:sqlite behind Kysely's SQLite dialect: the server's only import of node:sqlite. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { SqliteAdapter, SqliteDialect, type SqliteDatabase } from 'kysely'

const MAX_CACHED_STATEMENTS = 500

/** DDL rolls back on SQLite; Kysely assumes it does not, and would leave a failed migration half applied. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}

/**
 * node:sqlite takes an object as first parameter for a bag of named ones and binds undefined as NULL, both silently:
 * refuse everything but primitives and bytes.
 */
function checkParameters(parameters: readonly unknown[]): SQLInputValue[] {
  for (const value of parameters) {
    const kind = typeof value
    if (kind === 'string' || kind === 'number' || kind === 'bigint' || value === null || value instanceof Uint8Array) continue
    throw new TypeError(`SQL parameter of type ${kind}: only text, numbers, null and bytes are stored`)
  }
  return parameters as SQLInputValue[]
}

type Prepared = { statement: StatementSync; columns: string[] }

/** A row from its values: node:sqlite makes rows as dictionaries, which take twice as long to make and to read. */
function toRow(columns: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = values[index]
  return row
}

/** Opens (or makes) a database file with write-ahead log and full durability: a commit that returned survives a power cut. */
export function openSqliteDialect(file: string): SqliteDialect {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 5000 })
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000',
  )
  const statements = new Map<string, Prepared>()
  const prepared = (text: string): Prepared => {
    const known = statements.get(text)
    if (known) return known
    if (statements.size >= MAX_CACHED_STATEMENTS) statements.delete(statements.keys().next().value as string)
    const statement = database.prepare(text)
    statement.setReturnArrays(true)
    const entry = { statement, columns: statement.columns().map(column => column.name) }
    statements.set(text, entry)
    return entry
  }
  const adapted: SqliteDatabase = {
    close: () => database.close(),
    prepare: text => {
      // A deferred begin dies with "database is locked" when another process wrote in between; an immediate one waits.
      const { statement, columns } = prepared(text === 'begin' ? 'begin immediate' : text)
      return {
        reader: columns.length > 0,
        all: parameters => (statement.all(...checkParameters(parameters)) as unknown as unknown[][]).map(values => toRow(columns, values)),
        run: parameters => statement.run(...checkParameters(parameters)),
        *iterate(parameters) {
          for (const values of statement.iterate(...checkParameters(parameters))) yield toRow(columns, values as unknown as unknown[])
        },
      }
    },
  }
  return new NodeSqliteDialect({ database: adapted })
}
