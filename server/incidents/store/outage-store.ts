/** Outages that are not over, and what is asked to find them. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { OutageRow } from '../../database/tables/outage-rows.ts'

/** Every outage that is not over, the platform's first. */
export async function listOutages(db: Database | Tx): Promise<OutageRow[]> {
  return db.selectFrom('outages').selectAll().orderBy('kind').orderBy('began_at').orderBy('incident_id').execute()
}

export async function insertOutages(tx: Tx, rows: readonly OutageRow[]): Promise<void> {
  await inChunks(rows, chunk => tx.insertInto('outages').values(chunk).execute())
}

export async function updateOutage(tx: Tx, incidentId: string, change: Partial<OutageRow>): Promise<void> {
  await tx.updateTable('outages').set(change).where('incident_id', '=', incidentId).execute()
}

export async function deleteOutages(tx: Tx, incidentIds: readonly string[]): Promise<void> {
  await inChunks(incidentIds, chunk => tx.deleteFrom('outages').where('incident_id', 'in', chunk).execute())
}

export type LossRow = { deviceId: string; siteId: string; customerId: string; atMs: number; hasTicket: boolean; parentId: string | null }

/** Devices without contact that were lost since then, as their incidents say: of all sites, or of some. */
export async function listLosses(db: Database | Tx, sinceMs: number, siteIds?: readonly string[]): Promise<LossRow[]> {
  if (siteIds?.length === 0) return []
  let query = db
    .selectFrom('incidents')
    .select(['device_id', 'site_id', 'customer_id', 'started_at', 'ticket_id', 'parent_id'])
    .where('started_at', '>=', sinceMs)
    .where('signal', '=', 'agent.offline')
    .where('state', 'in', ['pending', 'open'])
  if (siteIds) query = query.where('site_id', 'in', siteIds)
  return (await query.orderBy('started_at').orderBy('id').execute()).map(row => ({
    deviceId: row.device_id ?? '',
    siteId: row.site_id ?? '',
    customerId: row.customer_id ?? '',
    atMs: row.started_at,
    hasTicket: row.ticket_id !== null,
    parentId: row.parent_id,
  }))
}

/** How many devices are away since then, by site: at all, or at some. */
export async function countAway(db: Database | Tx, sinceMs: number, siteIds: readonly string[] | 'all'): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const base = db
    .selectFrom('incidents')
    .select(['site_id', sql<number>`count(*)`.as('n')])
    .where('started_at', '>=', sinceMs)
    .where('signal', '=', 'agent.offline')
    .where('state', 'in', ['pending', 'open'])
    .groupBy('site_id')
  const take = (rows: readonly { site_id: string | null; n: number }[]): void => {
    for (const row of rows) counts.set(row.site_id ?? '', Number(row.n))
  }
  if (siteIds === 'all') take(await base.execute())
  else await inChunks(siteIds, async chunk => take(await base.where('site_id', 'in', chunk).execute()))
  return counts
}

/** How many devices count at each of these sites, or at all: those that are expected to be there. */
export async function countExpected(db: Database | Tx, siteIds: readonly string[] | 'all'): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const base = db
    .selectFrom('devices')
    .innerJoin('device_states', 'device_states.device_id', 'devices.id')
    .select(['devices.site_id', sql<number>`count(*)`.as('n')])
    .where('devices.state', '!=', 'retired')
    .where('device_states.connection', 'not in', ['never', 'planned-offline'])
    .groupBy('devices.site_id')
  if (siteIds === 'all') for (const row of await base.execute()) counts.set(row.site_id, Number(row.n))
  else
    await inChunks(siteIds, async chunk => {
      for (const row of await base.where('devices.site_id', 'in', chunk).execute()) counts.set(row.site_id, Number(row.n))
    })
  return counts
}

/** Devices whose incidents hang under this one and are not over, a number at a time. */
export async function listChildDevices(db: Database | Tx, parentId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('device_id')
    .where('parent_id', '=', parentId)
    .where('state', 'in', ['pending', 'open'])
    .orderBy('device_id')
    .limit(limit)
    .execute()
  return rows.flatMap(row => row.device_id ?? [])
}

/** Names of devices and when each was heard last. */
export async function readLastContacts(
  db: Database | Tx,
  deviceIds: readonly string[],
): Promise<{ id: string; name: string; lastSeenAtMs: number | null }[]> {
  const rows: { id: string; name: string; lastSeenAtMs: number | null }[] = []
  await inChunks(deviceIds, async chunk =>
    rows.push(
      ...(await db
        .selectFrom('devices')
        .leftJoin('device_latest', 'device_latest.device_id', 'devices.id')
        .select(['devices.id as id', 'devices.name as name', 'device_latest.last_seen_at as lastSeenAtMs'])
        .where('devices.id', 'in', chunk)
        .orderBy('devices.name')
        .execute()),
    ),
  )
  return rows
}

/** Whether a covered device stands at the site: only then is a ticket owed for it. */
export async function hasCoveredDevice(db: Database | Tx, siteId: string): Promise<boolean> {
  const row = await db
    .selectFrom('devices')
    .select('id')
    .where('site_id', '=', siteId)
    .where('state', 'in', ['active', 'additional'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
