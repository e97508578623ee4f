/** The few kinds of columns every migration uses: text ids, bigint instants, double precision, flags as 0 or 1. */
import type { CreateTableBuilder } from 'kysely'

export type Table = CreateTableBuilder<string, string>
type Kind = 'text' | 'integer' | 'bigint' | 'double precision'

/** Columns that must have a value. */
export const need = (table: Table, kind: Kind, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, kind, column => column.notNull()), table)
/** Columns that may be null. */
export const may = (table: Table, kind: Kind, ...names: string[]): Table =>
  names.reduce((built, name) => built.addColumn(name, kind), table)
/** A text primary key `id`. */
export const withId = (table: Table): Table => table.addColumn('id', 'text', column => column.primaryKey())
