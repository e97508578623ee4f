/** Inserts of many rows. Building and compiling a statement of thousands of values costs more than running it, so each is built once. */
import { CompiledQuery, PostgresAdapter, type Compilable } from 'kysely'
import type { Tx } from './database.ts'

/** Large pieces come in these sizes only: few statements to keep, and each fits every database's parameter limit. */
const PIECES = [512, 128, 32] as const

export type BulkInsert<Row> = (tx: Tx, rows: readonly Row[]) => Promise<void>

/**
 * Makes an insert of any number of rows. `columns` names every column once; `build` makes the statement, with its conflict rule
 * but without values of its own. It is called once for each number of rows, with rows that only show the shape.
 */
export function makeBulkInsert<Row extends object>(
  columns: { readonly [Column in keyof Row]-?: true },
  build: (tx: Tx, rows: readonly Row[]) => Compilable,
): BulkInsert<Row> {
  const names = Object.keys(columns) as (keyof Row)[]
  const shape = Object.fromEntries(names.map(name => [name, null])) as Row
  const texts = { postgres: new Map<number, string>(), sqlite: new Map<number, string>() }
  return async (tx, rows) => {
    const known = tx.getExecutor().adapter instanceof PostgresAdapter ? texts.postgres : texts.sqlite
    for (let start = 0; start < rows.length;) {
      const left = rows.length - start
      const size = PIECES.find(piece => piece <= left) ?? left
      let text = known.get(size)
      if (text === undefined) {
        text = build(tx, Array<Row>(size).fill(shape)).compile().sql
        known.set(size, text)
      }
      const values: unknown[] = []
      for (let index = start; index < start + size; index++) {
        const row = rows[index] as Row
        for (const name of names) values.push(row[name])
      }
      await tx.executeQuery(CompiledQuery.raw(text, values))
      start += size
    }
  }
}
