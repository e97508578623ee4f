/** Evidence files and uploads under way: rows in, rows out. */
import type { Database, Tx } from '../../database/database.ts'
import type { EvidenceFileRow, EvidenceUploadRow } from '../../database/tables/evidence-rows.ts'
import { inChunks } from '../../database/row-lock.ts'

const LOOSE_AT_ONCE = 500

export async function findUpload(db: Database | Tx, key: { deviceId: string; bundleId: string }): Promise<EvidenceUploadRow | null> {
  const query = db.selectFrom('evidence_uploads').selectAll().where('device_id', '=', key.deviceId).where('bundle_id', '=', key.bundleId)
  return (await query.executeTakeFirst()) ?? null
}

export async function findUploadById(db: Database | Tx, id: string): Promise<EvidenceUploadRow | null> {
  return (await db.selectFrom('evidence_uploads').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function findUploadByToken(db: Database, tokenSha256: string): Promise<EvidenceUploadRow | null> {
  return (await db.selectFrom('evidence_uploads').selectAll().where('token_sha256', '=', tokenSha256).executeTakeFirst()) ?? null
}

/** What a device has announced and not sent whole. */
export async function openUploads(tx: Tx, deviceId: string, nowMs: number): Promise<{ uploads: number; bytes: number }> {
  const row = await tx
    .selectFrom('evidence_uploads')
    .select(e => [e.fn.countAll<number>().as('uploads'), e.fn.sum<number>('bytes').as('bytes')])
    .where('device_id', '=', deviceId)
    .where('bytes', '>', 0)
    .where('expires_at', '>', nowMs)
    .executeTakeFirstOrThrow()
  return { uploads: Number(row.uploads), bytes: Number(row.bytes ?? 0) }
}

export async function insertUpload(tx: Tx, row: EvidenceUploadRow): Promise<void> {
  await tx.insertInto('evidence_uploads').values(row).execute()
}

export async function updateUpload(
  tx: Tx,
  id: string,
  change: Partial<Pick<EvidenceUploadRow, 'token_sha256' | 'expires_at' | 'finished' | 'bytes'>>,
): Promise<void> {
  await tx.updateTable('evidence_uploads').set(change).where('id', '=', id).execute()
}

/** Deletes uploads that ended before this instant. */
export async function deleteUploadsBefore(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('evidence_uploads').where('expires_at', '<', beforeMs).execute()
}

/** Ids of these uploads that are still known. */
export async function knownUploads(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>()
  await inChunks(ids, async chunk => {
    for (const row of await db.selectFrom('evidence_uploads').select('id').where('id', 'in', chunk).execute()) known.add(row.id)
  })
  return known
}

/** Adds a finished file; the same part of the same bundle is kept once. */
export async function insertEvidenceFile(tx: Tx, row: EvidenceFileRow): Promise<void> {
  await tx
    .insertInto('evidence_files')
    .values(row)
    .onConflict(conflict => conflict.columns(['device_id', 'bundle_id', 'part']).doNothing())
    .execute()
}

export async function findEvidenceFile(db: Database, id: string): Promise<EvidenceFileRow | null> {
  return (await db.selectFrom('evidence_files').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Files of a bundle. */
export async function listBundle(tx: Tx, key: { deviceId: string; bundleId: string }): Promise<EvidenceFileRow[]> {
  return tx.selectFrom('evidence_files').selectAll().where('device_id', '=', key.deviceId).where('bundle_id', '=', key.bundleId).execute()
}

/** Files of these incidents, oldest first. */
export async function readEvidenceFiles(db: Database | Tx, incidentIds: readonly string[]): Promise<Map<string, EvidenceFileRow[]>> {
  const rows: EvidenceFileRow[] = []
  await inChunks(incidentIds, async chunk =>
    rows.push(
      ...(await db.selectFrom('evidence_files').selectAll().where('incident_id', 'in', chunk).orderBy('at_ms').orderBy('id').execute()),
    ),
  )
  return Map.groupBy(rows, row => row.incident_id ?? '')
}

/** The newest picture of a device. */
export async function findLastPicture(db: Database, deviceId: string): Promise<EvidenceFileRow | null> {
  const query = db
    .selectFrom('evidence_files')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('content_type', 'in', ['image/png', 'image/jpeg'])
    .orderBy('at_ms', 'desc')
    .limit(1)
  return (await query.executeTakeFirst()) ?? null
}

export type LooseFile = Pick<EvidenceFileRow, 'id' | 'at_ms' | 'device_id' | 'customer_id'> & {
  incident_id: string
  ticket_id: string | null
  started_at: number
  ended_at: number | null
}

/** Files without an incident, with every opened incident of their signal: they may have come before it. */
export async function listLoose(db: Database | Tx, sinceMs: number): Promise<LooseFile[]> {
  return db
    .selectFrom('evidence_files')
    .innerJoin('incidents', join =>
      join
        .onRef('incidents.device_id', '=', 'evidence_files.device_id')
        .onRef('incidents.signal', '=', 'evidence_files.signal')
        .onRef('incidents.component', '=', 'evidence_files.component'),
    )
    .select([
      'evidence_files.id',
      'at_ms',
      'evidence_files.device_id',
      'evidence_files.customer_id',
      'incidents.id as incident_id',
      'ticket_id',
      'started_at',
      'ended_at',
    ])
    .where('evidence_files.incident_id', 'is', null)
    .where('evidence_files.created_at', '>', sinceMs)
    .where('incidents.state', '!=', 'pending')
    .orderBy('evidence_files.created_at', 'desc')
    .limit(LOOSE_AT_ONCE)
    .execute()
}

export async function linkFiles(tx: Tx, ids: readonly string[], incidentId: string): Promise<void> {
  await inChunks(ids, chunk => tx.updateTable('evidence_files').set({ incident_id: incidentId }).where('id', 'in', chunk).execute())
}

/** Files of a device, oldest first. */
export async function listDeviceFiles(
  db: Database | Tx,
  deviceId: string,
): Promise<Pick<EvidenceFileRow, 'id' | 'device_id' | 'sha256' | 'bytes'>[]> {
  return db
    .selectFrom('evidence_files')
    .select(['id', 'device_id', 'sha256', 'bytes'])
    .where('device_id', '=', deviceId)
    .orderBy('at_ms')
    .orderBy('id')
    .execute()
}

export async function listFilesBefore(db: Database, beforeMs: number): Promise<Pick<EvidenceFileRow, 'id' | 'device_id' | 'sha256'>[]> {
  return db
    .selectFrom('evidence_files')
    .select(['id', 'device_id', 'sha256'])
    .where('created_at', '<', beforeMs)
    .limit(LOOSE_AT_ONCE)
    .execute()
}

export async function deleteEvidenceFiles(tx: Tx, ids: readonly string[]): Promise<void> {
  await inChunks(ids, chunk => tx.deleteFrom('evidence_files').where('id', 'in', chunk).execute())
}

/** Whether any row still needs these bytes. */
export async function isFileNeeded(db: Database, name: { deviceId: string; sha256: string }): Promise<boolean> {
  const query = db
    .selectFrom('evidence_files')
    .select('id')
    .where('device_id', '=', name.deviceId)
    .where('sha256', '=', name.sha256)
    .limit(1)
  return (await query.executeTakeFirst()) !== undefined
}
