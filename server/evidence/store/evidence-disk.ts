/** The bytes of evidence: uploads under way and finished files, in the server's own data folder. Names are made here, never by devices. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync, type ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

const HEAD_BYTES = 64 * 1024

export type EvidenceDisk = ReturnType<typeof makeEvidenceDisk>
export type PartFile = { uploadId: string; index: number }
export type FileName = { deviceId: string; sha256: string }

/** Makes the folders when the first byte is written. */
export function makeEvidenceDisk(folder: string) {
  const partPath = ({ uploadId, index }: PartFile): string => join(folder, 'partial', `${uploadId}.${index}`)
  const filePath = ({ deviceId, sha256 }: FileName): string => join(folder, 'files', deviceId, sha256)
  return {
    /** Bytes of an upload received so far. */
    size: (part: PartFile): number => statSync(partPath(part), { throwIfNoEntry: false })?.size ?? 0,

    /**
     * Appends what comes, up to `limitBytes` in all. Answers the new size and whether more was sent than fits; what arrived
     * before the source failed stays, and the failure is thrown on.
     */
    async append(part: PartFile, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<{ bytes: number; isTooMuch: boolean }> {
      mkdirSync(join(folder, 'partial'), { recursive: true, mode: 0o700 })
      const file = await open(partPath(part), 'a', 0o600)
      try {
        let bytes = (await file.stat()).size
        for await (const chunk of source) {
          if (bytes + chunk.length > limitBytes) return { bytes, isTooMuch: true }
          await file.appendFile(chunk)
          bytes += chunk.length
        }
        return { bytes, isTooMuch: false }
      } finally {
        await file.close()
      }
    },

    /** SHA-256, first 64 KiB and last 16 bytes of a whole upload. */
    async examine(part: PartFile): Promise<{ sha256: string; head: Uint8Array; tail: Uint8Array }> {
      const digest = createHash('sha256')
      let head = Buffer.alloc(0)
      let tail = Buffer.alloc(0)
      for await (const chunk of createReadStream(partPath(part)) as AsyncIterable<Buffer>) {
        digest.update(chunk)
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES)
        tail = Buffer.concat([tail, chunk]).subarray(-16)
      }
      return { sha256: digest.digest('hex'), head, tail }
    },

    /** Moves a whole upload to its place, synced: the row that follows must never point at nothing after a power cut. */
    async keep(part: PartFile, name: FileName): Promise<void> {
      mkdirSync(join(folder, 'files', name.deviceId), { recursive: true, mode: 0o700 })
      const file = await open(partPath(part), 'r+')
      await file.sync()
      await file.close()
      renameSync(partPath(part), filePath(name))
    },

    /** A finished file to read, or null when its bytes are gone. */
    read(name: FileName): ReadStream | null {
      const path = filePath(name)
      return existsSync(path) ? createReadStream(path) : null
    },

    drop: (name: FileName): void => rmSync(filePath(name), { force: true }),
    dropPart: (part: PartFile): void => rmSync(partPath(part), { force: true }),
    /** Cuts an upload back to nothing. */
    restart: (part: PartFile): void => truncateSync(partPath(part)),

    /** Uploads that have bytes here, by id. */
    listPartials(): PartFile[] {
      const path = join(folder, 'partial')
      if (!existsSync(path)) return []
      return readdirSync(path).flatMap(name => {
        const [uploadId, index] = name.split('.')
        return uploadId !== undefined && /^\d$/.test(index ?? '') ? [{ uploadId, index: Number(index) }] : []
      })
    },
  }
}
