/** Evidence on its way in: a device announces a bundle, is given a one-time address, and sends each part in as many pieces as its line needs. */
import { sha256Hex } from '../../shared/ids.ts'
import type { EvidencePart, ResultData } from '../../shared/messages.ts'
import { contentTypeOf, episodeOf, overfull, refuseAnnouncement, UPLOAD_LIFE_MS } from './rules/evidence-rules.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import { listOpenCommands } from '../devices/store/command-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import type { EvidenceDisk, PartFile } from './store/evidence-disk.ts'
import type { EvidenceUploadRow } from '../database/tables/evidence-rows.ts'
import {
  deleteEvidenceFiles,
  findUpload,
  findUploadById,
  findUploadByToken,
  insertEvidenceFile,
  insertUpload,
  isFileNeeded,
  linkFiles,
  listBundle,
  listDeviceFiles,
  listLoose,
  openUploads,
  updateUpload,
} from './store/evidence-store.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { DeviceCommands, UploadTokens } from '../devices/device-commands.ts'
import { newRowId } from '../database/row-id.ts'

const WORDS = { screenshot: 'picture of the screen', log: 'log', metrics: 'measurements', state: 'state of the device' } as const

type Announcement = { deviceId: string; customerId: string; data: ResultData; atMs: number; receivedAtMs: number }
type Target = { upload: EvidenceUploadRow; part: EvidencePart; file: PartFile; isFinished: boolean }

const partsOf = (upload: EvidenceUploadRow): EvidencePart[] => JSON.parse(upload.parts) as EvidencePart[]
const finishedOf = (upload: EvidenceUploadRow): string[] => JSON.parse(upload.finished) as string[]

const keyOf = ({ file }: Target): string => `${file.uploadId}.${file.index}`

const wrongOffset = (offset: number): DomainError =>
  new DomainError('conflict', 'upload-offset-wrong', `This part has ${offset} bytes here. Go on from there.`, { extra: { offset } })

/** Makes the intake. */
export function makeEvidenceIntake(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  disk: EvidenceDisk
  tokens: UploadTokens
  commands: Pick<DeviceCommands, 'queue'>
}) {
  const { db, now, bus, disk, tokens } = deps
  /** Parts being written: a device whose line broke comes back before its old connection is known to be dead. */
  const writing = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  /** Files are finished and let go one at a time: a file in use is never deleted with the last row of another. */
  let files = Promise.resolve()
  const oneAtATime = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = files.then(work)
    files = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  const dropUnneeded = async (names: readonly { device_id: string; sha256: string }[]): Promise<void> => {
    for (const { device_id: deviceId, sha256 } of names)
      if (!(await isFileNeeded(db, { deviceId, sha256 }))) disk.drop({ deviceId, sha256 })
  }

  const find = async (token: string, name: string): Promise<Target> => {
    const upload = await findUploadByToken(db, sha256Hex(token))
    if (!upload || upload.expires_at <= now()) throw notFound('upload')
    const parts = partsOf(upload)
    const index = parts.findIndex(part => part.name === name)
    const part = parts[index]
    if (!part) throw notFound('upload')
    return { upload, part, file: { uploadId: upload.id, index }, isFinished: finishedOf(upload).includes(name) }
  }

  /** Links a bundle to the incident it belongs to, if that is there already. */
  const link = async (tx: Tx, ids: readonly string[], atMs: number): Promise<string | null> => {
    const loose = (await listLoose(tx, now() - 1)).filter(row => ids.includes(row.id))
    const episode = episodeOf(
      loose.map(row => ({ ...row, id: row.incident_id, startedAtMs: row.started_at, endedAtMs: row.ended_at })),
      atMs,
    )
    if (!episode) return null
    await linkFiles(tx, ids, episode.id)
    return episode.ticket_id
  }

  /** Everything arrived: the row, its incident, a line in the timeline when it was the last part. */
  const store = async (tx: Tx, target: Target, found: { contentType: string }, changes: Change[]): Promise<void> => {
    const { part } = target
    const upload = await findUploadById(tx, target.upload.id)
    const device = await findDevice(tx, target.upload.device_id)
    if (!upload || !device) throw notFound('upload')
    const id = newRowId()
    await insertEvidenceFile(tx, {
      id,
      customer_id: device.customer_id,
      device_id: device.id,
      bundle_id: upload.bundle_id,
      part: part.name,
      incident_id: null,
      signal: upload.signal,
      component: upload.component,
      kind: part.kind,
      at_ms: upload.at_ms,
      bytes: part.bytes,
      sha256: part.sha256,
      content_type: found.contentType,
      created_at: now(),
    })
    const finished = [...new Set([...finishedOf(upload), part.name])]
    await updateUpload(tx, upload.id, { finished: JSON.stringify(finished) })
    const ticketId = upload.signal === '' ? null : await link(tx, [id], upload.at_ms)
    changes.push({ kind: 'device', id: device.id, customerId: device.customer_id })
    if (ticketId !== null) changes.push({ kind: 'ticket', id: ticketId, customerId: device.customer_id })
    if (finished.length < partsOf(upload).length) return
    await updateUpload(tx, upload.id, { bytes: 0 })
    const bundle = await listBundle(tx, { deviceId: device.id, bundleId: upload.bundle_id })
    const key = upload.component === '' ? upload.signal : `${upload.signal}:${upload.component}`
    await insertTimeline(tx, {
      device_id: device.id,
      at: upload.at_ms,
      received_at: now(),
      kind: 'evidence',
      ...(upload.signal === '' ? {} : { signal: upload.signal, component: upload.component }),
      text: `Evidence${key === '' ? '' : ` of ${key}`} arrived: ${bundle.map(file => WORDS[file.kind]).join(', ')}`,
      data: JSON.stringify({ evidenceIds: bundle.map(file => file.id) }),
    })
  }

  const finish = (target: Target): Promise<void> =>
    oneAtATime(async () => {
      const { part, file, upload } = target
      const { sha256, head, tail } = await disk.examine(file)
      if (sha256 !== part.sha256) {
        disk.restart(file)
        throw new DomainError(
          'invalid',
          'checksum-mismatch',
          'The bytes are not those that were announced. Send this part again from the start.',
        )
      }
      await disk.keep(file, { deviceId: upload.device_id, sha256 })
      const changes: Change[] = []
      const gone = await inTransaction(db, async tx => {
        await store(tx, target, { contentType: contentTypeOf(part.kind, head, tail) }, changes)
        const old = overfull(await listDeviceFiles(tx, upload.device_id))
        await deleteEvidenceFiles(
          tx,
          old.map(row => row.id),
        )
        return old
      })
      await dropUnneeded(gone)
      bus.publish(changes)
    })

  return {
    oneAtATime,
    dropUnneeded,

    /**
     * A device has a bundle: it is given an address, unless one is on its way to it. Runs in the transaction that stores its message;
     * answers why nothing more is taken, or null.
     */
    async announce(tx: Tx, said: Announcement): Promise<string | null> {
      const { deviceId, data, atMs } = said
      const parts = data.parts ?? []
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
      const known = await findUpload(tx, { deviceId, bundleId: data.id })
      const waiting = (await listOpenCommands(tx, deviceId, now())).some(
        row => row.kind === 'upload-evidence' && (JSON.parse(row.payload) as { bundleId: string }).bundleId === data.id,
      )
      if (known && waiting && known.expires_at > now()) return null
      const expiresAt = now() + UPLOAD_LIFE_MS
      const uploadId = known?.id ?? newRowId()
      const address = { token_sha256: tokens.hashOf(uploadId, expiresAt), expires_at: expiresAt }
      if (known) await updateUpload(tx, uploadId, address)
      else {
        const refusal = refuseAnnouncement(await openUploads(tx, deviceId, now()), bytes)
        if (refusal !== null) return refusal
        await insertUpload(tx, {
          id: uploadId,
          device_id: deviceId,
          bundle_id: data.id,
          ...address,
          signal: data.signal ?? '',
          component: data.component ?? '',
          at_ms: atMs,
          parts: JSON.stringify(parts),
          bytes,
          finished: '[]',
          created_at: now(),
        })
      }
      await deps.commands.queue(tx, { deviceId, kind: 'upload-evidence', payload: { bundleId: data.id, uploadId }, createdBy: null })
      return null
    },

    /** How many bytes of a part are here, and how many there will be. Throws not-found for a token that is not, or no longer, valid. */
    async offsetOf(token: string, name: string): Promise<{ offset: number; length: number }> {
      const target = await find(token, name)
      const { part, file, isFinished } = target
      const offset = isFinished ? part.bytes : disk.size(file)
      // The server ended between the last byte and the row.
      if (!isFinished && offset === part.bytes && !writing.has(keyOf(target))) await finish(target)
      return { offset, length: part.bytes }
    },

    /**
     * Takes bytes from an offset on. Throws not-found, `upload-finished`, `upload-offset-wrong` (with the right one), `too-large`, or
     * `checksum-mismatch` (the part begins anew). When the line breaks, what came is kept.
     */
    async append(token: string, name: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<{ offset: number }> {
      const key = keyOf(await find(token, name))
      const other = writing.get(key)
      other?.stop.abort()
      await other?.ended
      const target = await find(token, name)
      const { part, file } = target
      if (target.isFinished) throw new DomainError('conflict', 'upload-finished', 'This part has arrived whole.')
      if (writing.has(key) || disk.size(file) !== offset) throw wrongOffset(disk.size(file))
      const stop = new AbortController()
      let ended = (): void => undefined
      writing.set(key, { stop, ended: new Promise(resolve => (ended = resolve)) })
      try {
        const taken = await disk.append(file, until(source, stop.signal), part.bytes)
        if (taken.isTooMuch) throw new DomainError('invalid', 'too-large', `This part was announced with ${part.bytes} bytes.`)
        if (taken.bytes === part.bytes) await finish(target)
        return { offset: taken.bytes }
      } finally {
        writing.delete(key)
        ended()
      }
    },
  }
}
export type EvidenceIntake = ReturnType<typeof makeEvidenceIntake>

/** Bytes until the source ends, breaks or is stopped: then the rest is not waited for. */
async function* until(source: AsyncIterable<Uint8Array>, stop: AbortSignal): AsyncIterable<Uint8Array> {
  const stopped = new Promise<'stopped'>(resolve => stop.addEventListener('abort', () => resolve('stopped')))
  const bytes = source[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([bytes.next(), stopped])
    if (next === 'stopped') throw new DomainError('conflict', 'upload-interrupted', 'The same part is sent by a newer connection.')
    if (next.done === true) return
    yield next.value
  }
}
