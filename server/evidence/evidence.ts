/** Evidence that has arrived: reading it, linking it to incidents that came later, and letting it go. */
import type { Readable } from 'node:stream'
import type { Evidence } from '../../shared/api/tickets/ticket-api.ts'
import { EVIDENCE_KEEP_MS, episodeOf, UPLOAD_LIFE_MS } from './rules/evidence-rules.ts'
import { notFound } from '../platform/errors.ts'
import { inTransaction, type Database } from '../database/database.ts'
import type { EvidenceDisk } from './store/evidence-disk.ts'
import type { EvidenceFileRow } from '../database/tables/evidence-rows.ts'
import {
  deleteEvidenceFiles,
  deleteUploadsBefore,
  findEvidenceFile,
  findLastPicture,
  knownUploads,
  linkFiles,
  listFilesBefore,
  listLoose,
} from './store/evidence-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { EvidenceIntake } from './evidence-intake.ts'
import { iso } from '../../shared/instants.ts'

const urlOf = (id: string): string => `/api/v1/evidence/${id}`

/** A file as tickets and incidents show it. */
export function toEvidence(row: EvidenceFileRow): Evidence {
  return { id: row.id, kind: row.kind, at: iso(row.at_ms), url: urlOf(row.id) }
}

/** The newest picture of a device, or null. */
export async function lastPicture(db: Database, deviceId: string): Promise<{ at: string; url: string } | null> {
  const row = await findLastPicture(db, deviceId)
  return row && { at: iso(row.at_ms), url: urlOf(row.id) }
}

/** Makes the service. */
export function makeEvidence(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  disk: EvidenceDisk
  intake: Pick<EvidenceIntake, 'oneAtATime' | 'dropUnneeded'>
}) {
  const { db, now, bus, disk, intake } = deps
  return {
    /** Customer and device of a file, for the tenant check. Throws not-found. */
    async ownerOf(id: string): Promise<{ customerId: string; incidentId: string | null }> {
      const row = await findEvidenceFile(db, id)
      if (!row) throw notFound('evidence')
      return { customerId: row.customer_id, incidentId: row.incident_id }
    },

    /** The bytes and what they are. Throws not-found, also when they are gone from the disk. */
    async open(id: string): Promise<{ stream: Readable; bytes: number; contentType: string; name: string }> {
      const row = await findEvidenceFile(db, id)
      const stream = row && disk.read({ deviceId: row.device_id, sha256: row.sha256 })
      if (!row || !stream) throw notFound('evidence')
      const ending = { 'image/png': 'png', 'image/jpeg': 'jpg', 'application/gzip': 'json.gz' }[row.content_type] ?? 'bin'
      const name = `${row.kind}-${iso(row.at_ms).slice(0, 19).replaceAll(':', '')}.${ending}`
      return { stream, bytes: row.bytes, contentType: row.content_type, name }
    },

    /** Links what came before its incident; answers how many files. */
    async linkLoose(): Promise<number> {
      const loose = Map.groupBy(await listLoose(db, now() - EVIDENCE_KEEP_MS), row => row.id)
      const changes: Change[] = []
      const found = [...loose].flatMap(([id, rows]) => {
        const episodes = rows.map(row => ({ ...row, id: row.incident_id, startedAtMs: row.started_at, endedAtMs: row.ended_at }))
        const episode = episodeOf(episodes, rows[0]?.at_ms ?? 0)
        return episode ? [{ id, episode }] : []
      })
      if (found.length === 0) return 0
      await inTransaction(db, async tx => {
        for (const { id, episode } of found) {
          await linkFiles(tx, [id], episode.id)
          if (episode.ticket_id !== null) changes.push({ kind: 'ticket', id: episode.ticket_id, customerId: episode.customer_id })
        }
      })
      bus.publish(changes)
      return found.length
    },

    /** Lets old files, ended uploads and their bytes go; call about once an hour. */
    async forget(): Promise<void> {
      for (;;) {
        const old = await listFilesBefore(db, now() - EVIDENCE_KEEP_MS)
        if (old.length === 0) break
        await intake.oneAtATime(async () => {
          await inTransaction(db, tx =>
            deleteEvidenceFiles(
              tx,
              old.map(row => row.id),
            ),
          )
          await intake.dropUnneeded(old)
        })
      }
      // A device that was away as long as its address lived asks anew and goes on where it was.
      await inTransaction(db, tx => deleteUploadsBefore(tx, now() - UPLOAD_LIFE_MS))
      const partials = disk.listPartials()
      const known = await knownUploads(
        db,
        partials.map(part => part.uploadId),
      )
      for (const part of partials) if (!known.has(part.uploadId)) disk.dropPart(part)
    },
  }
}
export type EvidenceKeeper = ReturnType<typeof makeEvidence>
