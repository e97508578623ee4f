/** Whole mails and their files in the server's data folder, named by their SHA-256: what is written twice is there once. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Longer than anybody takes from keeping bytes to writing the row that needs them. */
const YOUNG_MS = 60 * 60_000

/** Makes the keeper; the folders are made when the first byte is written. */
export function makeMailDisk(folder: string) {
  const pathOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('not a digest')
    return join(folder, sha256.slice(0, 2), sha256)
  }
  return {
    /** Writes bytes, synced: the row that follows must never point at nothing after a power cut. Gives their SHA-256. */
    async keep(bytes: Uint8Array): Promise<string> {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const path = pathOf(sha256)
      if (existsSync(path)) {
        // Young again: whoever keeps it now has no row yet that says so.
        utimesSync(path, new Date(), new Date())
        return sha256
      }
      mkdirSync(join(folder, sha256.slice(0, 2)), { recursive: true, mode: 0o700 })
      const draft = `${path}.${crypto.randomUUID()}`
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      renameSync(draft, path)
      return sha256
    },
    /** Lets bytes go that no row needs, unless somebody is just keeping them again. */
    drop(sha256: string): void {
      const path = pathOf(sha256)
      if (existsSync(path) && Date.now() - statSync(path).mtimeMs > YOUNG_MS) rmSync(path)
    },
    /** The bytes, or null when they are gone. */
    async read(sha256: string): Promise<Uint8Array | null> {
      const path = pathOf(sha256)
      return existsSync(path) ? readFile(path) : null
    },
  }
}
export type MailDisk = ReturnType<typeof makeMailDisk>
