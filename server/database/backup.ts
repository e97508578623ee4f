/** Backup of an embedded installation as one file: the database, and beside its tables the files the server cannot live without. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'

/** Keys and certificates: with another signing key no device would obey after a restore. */
const KEPT_FILES = ['instance.json', 'tls/ca.pem', 'tls/ca-key.pem', 'tls/server.pem', 'tls/server-key.pem']
const DATABASE = 'kioskeeper.db'

/** Writes a consistent copy while the server runs. Throws when there is nothing to copy or the target exists. */
export async function writeBackup(dataDir: string, file: string): Promise<{ bytes: number }> {
  if (!existsSync(join(dataDir, DATABASE)))
    throw new Error(
      `There is no database in ${dataDir}. Set KIOSKEEPER_DATA_DIR to the server's data folder; with PostgreSQL use pg_dump and copy the data folder.`,
    )
  if (existsSync(file)) throw new Error(`${file} exists already. Choose another name: a backup is never overwritten.`)
  const part = `${file}.part`
  rmSync(part, { force: true })
  const source = new DatabaseSync(join(dataDir, DATABASE), { readOnly: true })
  try {
    await backup(source, part)
  } finally {
    source.close()
  }
  chmodSync(part, 0o600)
  const copy = new DatabaseSync(part)
  copy.exec('pragma journal_mode = delete; create table backup_files (name text primary key, bytes blob not null)')
  const insert = copy.prepare('insert into backup_files (name, bytes) values (?, ?)')
  for (const name of KEPT_FILES) if (existsSync(join(dataDir, name))) insert.run(name, readFileSync(join(dataDir, name)))
  copy.close()
  renameSync(part, file)
  return { bytes: readFileSync(file).byteLength }
}

/** Puts a backup into an empty data folder. Throws, changing nothing, when the file is not a sound backup or data is there. */
export function restoreBackup(dataDir: string, file: string): void {
  if (!existsSync(file)) throw new Error(`${file} does not exist.`)
  if (existsSync(join(dataDir, DATABASE)))
    throw new Error(`${dataDir} holds a database already. Restore into an empty folder (KIOSKEEPER_DATA_DIR), or move the old one away.`)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const part = join(dataDir, `${DATABASE}.part`)
  writeFileSync(part, readFileSync(file), { mode: 0o600 })
  const kept = readKeptFiles(part, file)
  for (const { name, bytes } of kept) {
    if (!KEPT_FILES.includes(name)) continue
    mkdirSync(dirname(join(dataDir, name)), { recursive: true, mode: 0o700 })
    writeFileSync(join(dataDir, name), bytes, { mode: name.endsWith('key.pem') || name === 'instance.json' ? 0o600 : 0o644 })
  }
  renameSync(part, join(dataDir, DATABASE))
}

function readKeptFiles(part: string, file: string): { name: string; bytes: Uint8Array }[] {
  try {
    const copy = new DatabaseSync(part)
    try {
      const check = copy.prepare('pragma integrity_check').get() as { integrity_check: string }
      if (check.integrity_check !== 'ok') throw new Error(check.integrity_check)
      const kept = copy.prepare('select name, bytes from backup_files').all() as { name: string; bytes: Uint8Array }[]
      copy.exec('drop table backup_files')
      return kept
    } finally {
      copy.close()
    }
  } catch (error) {
    rmSync(part, { force: true })
    throw new Error(`${file} is not a sound backup: ${(error as Error).message}`, { cause: error })
  }
}
