/** Maintenance windows. */
import type { MaintenanceRecurrence } from '../../../shared/api/incidents/maintenance-api.ts'
import type { PlannedWork } from '../rules/maintenance-windows.ts'
import type { Database, Tx } from '../../database/database.ts'
import type { MaintenanceRow } from '../../database/tables/maintenance-rows.ts'
import { readCursor } from '../../database/paging.ts'

/** As the rules take it. */
export function toPlannedWork(row: MaintenanceRow): PlannedWork {
  return {
    id: row.id,
    scope: {
      ...(row.customer_id === null ? {} : { customerId: row.customer_id }),
      ...(row.site_id === null ? {} : { siteId: row.site_id }),
      ...(row.profile_id === null ? {} : { profileId: row.profile_id }),
      ...(row.device_id === null ? {} : { deviceId: row.device_id }),
      ...(row.signal === null ? {} : { signal: row.signal }),
    },
    fromMs: row.from_at,
    toMs: row.to_at,
    recurrence: row.recurrence === null ? null : (JSON.parse(row.recurrence) as MaintenanceRecurrence),
    timeZone: row.time_zone,
    reason: row.reason,
  }
}

/** Windows that run or are to come at `nowMs`. */
export async function readPlannedWork(db: Database | Tx, nowMs: number): Promise<PlannedWork[]> {
  const rows = await db
    .selectFrom('maintenance_windows')
    .selectAll()
    .where('cancelled_at', 'is', null)
    .where(({ eb, or }) => or([eb('ends_at', 'is', null), eb('ends_at', '>', nowMs)]))
    .execute()
  return rows.map(toPlannedWork)
}

export async function insertMaintenance(tx: Tx, row: MaintenanceRow): Promise<void> {
  await tx.insertInto('maintenance_windows').values(row).execute()
}

export async function findMaintenance(db: Database | Tx, id: string): Promise<MaintenanceRow | undefined> {
  return db.selectFrom('maintenance_windows').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Calls it off; false when it was already. */
export async function cancelMaintenance(tx: Tx, id: string, atMs: number): Promise<boolean> {
  const result = await tx
    .updateTable('maintenance_windows')
    .set({ cancelled_at: atMs })
    .where('id', '=', id)
    .where('cancelled_at', 'is', null)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Newest first, one row more than `limit`. `customerIds` null = every customer's. */
export async function listMaintenance(
  db: Database,
  query: {
    nowMs: number | null
    customerIds: readonly string[] | null
    customerId?: string | undefined
    limit: number
    cursor?: string | undefined
  },
): Promise<{ rows: MaintenanceRow[]; total: number }> {
  let base = db.selectFrom('maintenance_windows').where('cancelled_at', 'is', null)
  const { nowMs, customerIds, customerId } = query
  if (nowMs !== null) base = base.where(({ eb, or }) => or([eb('ends_at', 'is', null), eb('ends_at', '>', nowMs)]))
  // windows of the whole estate and of profiles concern everybody
  if (customerIds !== null)
    base = base.where(({ eb, or }) =>
      or([eb('customer_id', 'is', null), ...(customerIds.length > 0 ? [eb('customer_id', 'in', [...customerIds])] : [])]),
    )
  if (customerId !== undefined) base = base.where(({ eb, or }) => or([eb('customer_id', 'is', null), eb('customer_id', '=', customerId)]))
  const { total } = await base.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const after = readCursor(query.cursor)
  if (after)
    base = base.where(({ eb, or, and }) =>
      or([eb('from_at', '<', Number(after[0])), and([eb('from_at', '=', Number(after[0])), eb('id', '<', after[1])])]),
    )
  const rows = await base
    .selectAll()
    .orderBy('from_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute()
  return { rows, total: Number(total) }
}
