/** What this server process owns and reads whole: its signing key. lowdb over a writer that survives a power cut. */
import { existsSync, readFileSync } from 'node:fs'
import { LowSync, type SyncAdapter } from 'lowdb'
import { sync as writeFileAtomicSync } from 'write-file-atomic'
import { newSigningKey, type SigningKey } from '../../../shared/signing.ts'

export type InstanceState = { installationId: string; signingKey: SigningKey }

/** lowdb's own file adapter loses the file at a power cut and widens its mode; this one syncs before it renames. */
function durableFile<Data>(file: string): SyncAdapter<Data> {
  return {
    read: () => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Data) : null),
    write: data => writeFileAtomicSync(file, `${JSON.stringify(data, null, 2)}\n`, { mode: 0o600 }),
  }
}

/** Opens the instance file; makes it, with a new key, when it is not there. Throws when it is broken: a new key would lock every device out. */
export function openInstance(file: string): InstanceState {
  const db = new LowSync<InstanceState | null>(durableFile(file), null)
  db.read()
  if (db.data === null) {
    db.data = { installationId: crypto.randomUUID(), signingKey: newSigningKey(`s${Date.now().toString(36)}`) }
    db.write()
  }
  return db.data
}
