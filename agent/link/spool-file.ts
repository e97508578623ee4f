/** The spool's database: opening, checking, setting a broken one aside. With spool.ts the only place that opens SQLite. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { newEpoch } from '../../shared/ids.ts'

/** What of the spool was lost before this start; counts are of the old epoch, 1 when nobody can know. */
export type StartLoss = { reason: 'torn' | 'lost'; from: number; to: number; count: number }
/** An open spool database with its epoch and the last sequence number ever taken in it. */
export type SpoolFile = { db: DatabaseSync; epoch: string; lastQ: number; loss: StartLoss | null }

/** `lastQ` is kept apart from the records: a deleted record must not free its number. */
const SCHEMA = `
  create table if not exists meta (epoch text not null, lastQ integer not null);
  create table if not exists record (
    q integer primary key, lane integer not null, kind text not null, ts real not null, up real not null,
    bid text not null, d text not null, bytes integer not null);
  create index if not exists record_by_lane on record (lane, q);
`
/** WAL with synchronous FULL: a commit is on the medium when it returns. Small caches: this is a guest on a kiosk. */
const PRAGMAS = `
  pragma busy_timeout = 2000; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -256;
  pragma wal_autocheckpoint = 100; pragma temp_store = memory;
`
const ROOM_BYTES = 1024 * 1024

function prepare(db: DatabaseSync): { epoch: string; lastQ: number } {
  db.exec(SCHEMA)
  const meta = db.prepare('select epoch, lastQ from meta').get() as { epoch: string; lastQ: number } | undefined
  if (meta) return { epoch: meta.epoch, lastQ: meta.lastQ }
  const epoch = newEpoch()
  db.prepare('insert into meta (epoch, lastQ) values (?, 0)').run(epoch)
  return { epoch, lastQ: 0 }
}

/** A spool that lives in memory only, for the time the disk cannot be written. Its epoch is new, so no number is ever used twice. */
export function openMemorySpool(): SpoolFile {
  const db = new DatabaseSync(':memory:')
  return { db, ...prepare(db), loss: null }
}

function openChecked(path: string): SpoolFile {
  const isNew = !existsSync(path)
  // made here so that the database and its log are readable by the owner only from the first byte
  writeFileSync(path, '', { flag: 'a', mode: 0o600 })
  const db = new DatabaseSync(path)
  try {
    db.exec(PRAGMAS)
    const check = db.prepare('pragma quick_check(1)').get() as { quick_check: string }
    if (check.quick_check !== 'ok') throw new Error(check.quick_check)
    const meta = prepare(db)
    if (isNew) {
      // free pages inside the file: events can still be written when the disk is full
      db.exec(`create table room (b blob); insert into room values (zeroblob(${ROOM_BYTES})); drop table room;`)
    }
    return { db, ...meta, loss: null }
  } catch (error) {
    db.close()
    throw error
  }
}

/** What a broken file still tells about its records. */
function lossOf(path: string): StartLoss {
  try {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const row = db.prepare('select min(q) as low, max(q) as high, count(*) as count from record').get() as Record<string, number | null>
      if (row.low && row.high && row.count) return { reason: 'torn', from: row.low, to: row.high, count: row.count }
    } finally {
      db.close()
    }
  } catch {
    // nothing readable left: the loss is reported without numbers
  }
  return { reason: 'torn', from: 1, to: 1, count: 1 }
}

/** SQLite result codes that mean the file itself is broken (SQLITE_CORRUPT, SQLITE_NOTADB). */
function isBroken(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? (error as NodeJS.ErrnoException).code === undefined : (code & 0xff) === 11 || (code & 0xff) === 26
}

/** Opens the spool file; a broken one is set aside (one is kept) and a new one begins with a new epoch.
 * `expectedEpoch` is the epoch last seen here: a missing file is then a loss. Throws when the disk cannot be written. */
export function openSpoolFile(path: string, expectedEpoch: string | null): SpoolFile {
  const existed = existsSync(path)
  try {
    const file = openChecked(path)
    const lost = expectedEpoch !== null && !existed
    return lost ? { ...file, loss: { reason: 'lost', from: 1, to: 1, count: 1 } } : file
  } catch (error) {
    if (!existed || !isBroken(error)) throw error
    const loss = lossOf(path)
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(`${path}.broken${suffix}`, { force: true })
      if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.broken${suffix}`)
    }
    return { ...openChecked(path), loss }
  }
}

/** The statements of one open spool. */
export function prepareStatements({ db }: SpoolFile) {
  return {
    insert: db.prepare('insert into record (q, lane, kind, ts, up, bid, d, bytes) values (?, ?, ?, ?, ?, ?, ?, ?)'),
    last: db.prepare('update meta set lastQ = ?'),
    remove: db.prepare('delete from record where q = ? returning lane, bytes'),
    removeUpTo: db.prepare('delete from record where q <= ? returning lane, bytes'),
    nextOfLane: db.prepare('select * from record where lane = ? and q > ? order by q limit 1'),
    nextOfAll: db.prepare('select * from record where q > ? order by q limit 1'),
    oldest: db.prepare('select q, bytes from record where lane = ? order by q limit 500'),
    removeLane: db.prepare('delete from record where lane = ? and q <= ?'),
    fill: db.prepare('select lane, count(*) as count, coalesce(sum(bytes), 0) as bytes from record group by lane'),
  }
}

/** Health of a spool file without changing it: its SQLite check and how many records wait. Throws when it cannot be opened. */
export function inspectSpoolFile(path: string): { check: string; records: number } {
  // a running agent holds the file for a moment now and then
  const db = new DatabaseSync(path, { readOnly: true, timeout: 3_000 })
  try {
    const { quick_check: check } = db.prepare('pragma quick_check(1)').get() as { quick_check: string }
    const { count } = db.prepare('select count(*) as count from record').get() as { count: number }
    return { check, records: count }
  } finally {
    db.close()
  }
}
