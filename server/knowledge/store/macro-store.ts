/** Macros of the desk. */
import type { Database, Tx } from '../../database/database.ts'
import type { MacroRow } from '../../database/tables/knowledge-rows.ts'

/** Every macro by name: a desk has dozens. */
export async function readMacros(db: Database | Tx): Promise<MacroRow[]> {
  return db.selectFrom('macros').selectAll().orderBy('name').orderBy('id').execute()
}
export async function findMacro(db: Database | Tx, id: string): Promise<MacroRow | null> {
  return (await db.selectFrom('macros').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** False when another macro has the name. */
export async function insertMacro(tx: Tx, row: MacroRow): Promise<boolean> {
  const result = await tx
    .insertInto('macros')
    .values(row)
    .onConflict(conflict => conflict.column('name').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
export async function updateMacro(tx: Tx, id: string, change: Partial<MacroRow>): Promise<void> {
  await tx.updateTable('macros').set(change).where('id', '=', id).execute()
}
export async function deleteMacro(tx: Tx, id: string): Promise<boolean> {
  const result = await tx.deleteFrom('macros').where('id', '=', id).executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}
