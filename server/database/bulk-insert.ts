/** Inserts of many rows. Building and compiling a statement of thousands of values costs more than running it, so each is built once. */
import { CompiledQuery, PostgresAdapter, type Compilable } from 'kysely'
import type { Tx } from './database.ts'

/** Large pieces come in these sizes only: few statements to keep, and each fits every database's parameter limit. */
const PIECES = [512, 128, 32] as const

export type BulkInsert<Row> = (tx: Tx, rows: readonly Row[]) => Promise<void>
/** `order`: the columns of one row in the order of its parameters. */
type Statement<Row> = { text: string; order: readonly (keyof Row)[] }

/**
 * Makes an insert of any number of rows. `columns` names every column of a row; `build` makes the statement, with its conflict
 * rule but with no parameters other than the rows' values. It is called once for each number of rows, with rows that hold the
 * names of their columns: so the order of the parameters is read off the statement and not assumed.
 */
export function makeBulkInsert<Row extends object>(
  columns: { readonly [Column in keyof Row]-?: true },
  build: (tx: Tx, rows: readonly Row[]) => Compilable,
): BulkInsert<Row> {
  const names = Object.keys(columns)
  const shape = Object.fromEntries(names.map(name => [name, name])) as Row
  const statements = { postgres: new Map<number, Statement<Row>>(), sqlite: new Map<number, Statement<Row>>() }

  const prepare = (tx: Tx, size: number): Statement<Row> => {
    const { sql: text, parameters } = build(tx, Array<Row>(size).fill(shape)).compile()
    const order = parameters.slice(0, names.length) as (keyof Row)[]
    if (parameters.length !== size * names.length || new Set(order).size !== names.length)
      throw new Error(`A bulk insert has other parameters than its rows' values: ${text.slice(0, 200)}`)
    return { text, order }
  }

  return async (tx, rows) => {
    const known = tx.getExecutor().adapter instanceof PostgresAdapter ? statements.postgres : statements.sqlite
    for (let start = 0; start < rows.length;) {
      const left = rows.length - start
      const size = PIECES.find(piece => piece <= left) ?? left
      const statement = known.get(size) ?? prepare(tx, size)
      known.set(size, statement)
      const values: unknown[] = []
      for (let index = start; index < start + size; index++) {
        const row = rows[index] as Row
        for (const column of statement.order) values.push(row[column])
      }
      await tx.executeQuery(CompiledQuery.raw(statement.text, values))
      start += size
    }
  }
}
