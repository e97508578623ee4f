/** Commands to devices: rows in, rows out. */
import type { Database, Tx } from '../../database/database.ts'
import type { DeviceCommandRow } from '../../database/tables/evidence-rows.ts'

const OPEN = ['queued', 'sent'] as const

export async function insertCommand(tx: Tx, row: DeviceCommandRow): Promise<void> {
  await tx.insertInto('device_commands').values(row).execute()
}

export async function findCommand(tx: Tx, id: string): Promise<DeviceCommandRow | null> {
  return (await tx.selectFrom('device_commands').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Commands of a device that wait for its answer, oldest first. */
export async function listOpenCommands(db: Database | Tx, deviceId: string, nowMs: number): Promise<DeviceCommandRow[]> {
  return db
    .selectFrom('device_commands')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('state', 'in', OPEN)
    .where('expires_at', '>', nowMs)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** Newest first. */
export async function listCommands(db: Database, deviceId: string, limit: number): Promise<DeviceCommandRow[]> {
  const query = db.selectFrom('device_commands').selectAll().where('device_id', '=', deviceId)
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

export async function markSent(db: Database, ids: readonly string[], nowMs: number): Promise<void> {
  await db
    .updateTable('device_commands')
    .set({ state: 'sent', sent_at: nowMs })
    .where('id', 'in', ids)
    .where('state', '=', 'queued')
    .execute()
}

/** Keeps the answer of a command that waits for one. */
export async function answerCommand(
  tx: Tx,
  id: string,
  answer: Pick<DeviceCommandRow, 'state' | 'answered_at' | 'result' | 'result_text'>,
): Promise<void> {
  await tx.updateTable('device_commands').set(answer).where('id', '=', id).where('state', 'in', OPEN).execute()
}

/** Ends what nobody answered in time; answers the devices. */
export async function expireCommands(db: Database, nowMs: number): Promise<string[]> {
  const due = db.updateTable('device_commands').set({ state: 'expired' }).where('state', 'in', OPEN).where('expires_at', '<=', nowMs)
  return (await due.returning('device_id').execute()).map(row => row.device_id)
}

export async function deleteCommandsBefore(db: Database, beforeMs: number): Promise<void> {
  await db.deleteFrom('device_commands').where('expires_at', '<', beforeMs).execute()
}
