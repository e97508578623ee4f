/** Open faults whose level may rise. */
import type { RiseReason } from '../rules/level-escalation-rules.ts'
import type { Database, Tx } from '../../database/database.ts'
import { inChunks, rowLock } from '../../database/row-lock.ts'

export type RisingRow = {
  id: string
  signal: string
  customer_id: string | null
  site_id: string | null
  device_id: string | null
  profile_id: string | null
  ticket_id: string | null
  level: number
  opened_at: number | null
  rises: string
}

/** Open incidents of these signals that have a ticket and a level that can rise. */
export async function listRising(db: Database, signals: readonly string[]): Promise<RisingRow[]> {
  const rows: RisingRow[] = []
  await inChunks(signals, async chunk => {
    const found = await db
      .selectFrom('incidents')
      .innerJoin('devices', 'devices.id', 'incidents.device_id')
      .select([
        'incidents.id as id',
        'incidents.signal as signal',
        'incidents.customer_id as customer_id',
        'incidents.site_id as site_id',
        'incidents.device_id as device_id',
        'devices.profile_id as profile_id',
        'incidents.ticket_id as ticket_id',
        'incidents.level as level',
        'incidents.opened_at as opened_at',
        'incidents.rises as rises',
      ])
      .where('incidents.signal', 'in', chunk)
      .where('incidents.state', '=', 'open')
      .execute()
    rows.push(...found)
  })
  return rows
}

/** Locks an incident that is still open; its rises as they are now, or null. */
export async function lockRising(tx: Tx, id: string): Promise<{ level: number; rises: RiseReason[] } | null> {
  const row = await tx
    .selectFrom('incidents')
    .select(['level', 'rises'])
    .where('id', '=', id)
    .where('state', '=', 'open')
    .modifyEnd(rowLock(tx))
    .executeTakeFirst()
  return row ? { level: row.level, rises: JSON.parse(row.rises) as RiseReason[] } : null
}

/** Writes what has risen. */
export async function writeRise(tx: Tx, id: string, rise: { level: number; rises: readonly RiseReason[] }): Promise<void> {
  await tx
    .updateTable('incidents')
    .set({ level: rise.level, rises: JSON.stringify(rise.rises) })
    .where('id', '=', id)
    .execute()
}
