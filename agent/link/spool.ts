/** Store and forward on disk: append first, send later, delete when the server has it. Two lanes, so a flood of metrics cannot push out events. */
import type { SpoolGap } from '../../shared/messages.ts'
import type { UpKind } from '../../shared/topics.ts'
import { openMemorySpool, openSpoolFile, prepareStatements, type SpoolFile } from './spool-file.ts'
import { gapEvent, LANES, type Lane, type LaneFill, type Spool, type SpoolOptions, type SpoolRecord, type Stamp } from './spool-types.ts'

const laneNumber = (lane: Lane) => LANES.indexOf(lane)
const DISK_LIMITS: Record<Lane, number> = { evt: 8 * 1024 * 1024, met: 56 * 1024 * 1024 }
const MEMORY_LIMITS: Record<Lane, number> = { evt: 512 * 1024, met: 1024 * 1024 }
const CHUNK_BYTES = 1024 * 1024
const GROUP_MS = 5_000
const GROUP_BYTES = 64 * 1024
const DISK_RETRY_MS = 60_000
const ACK_GROUP = 64
const ENVELOPE_BYTES = 120

const laneOf = (kind: UpKind): Lane => (kind === 'met' ? 'met' : 'evt')

/** Opens the spool of a data folder. When the disk cannot be written it works from memory under a new epoch and goes back by itself. */
export function openSpool(options: SpoolOptions): Spool {
  const { clock, log, bootId, onGap } = options
  let disk: SpoolFile | null = null
  try {
    disk = openSpoolFile(options.path, options.expectedEpoch)
  } catch (error) {
    log.warn({ err: error }, 'spool file cannot be opened: working from memory')
  }
  let file = disk ?? openMemorySpool()
  let statements = prepareStatements(file)
  let lastQ = file.lastQ
  let limits = disk ? (options.limits ?? DISK_LIMITS) : MEMORY_LIMITS
  let fill = readFill()
  let pending: SpoolRecord[] = []
  let pendingBytes = 0
  const acks = new Set<number>()
  let cancelGroup: (() => void) | null = null
  let cancelDiskRetry = disk ? () => {} : clock.after(DISK_RETRY_MS, retryDisk)

  function readFill(): Record<Lane, LaneFill> {
    const read: Record<Lane, LaneFill> = { evt: { count: 0, bytes: 0 }, met: { count: 0, bytes: 0 } }
    for (const row of statements.fill.all() as { lane: number; count: number; bytes: number }[]) {
      read[LANES[row.lane] as Lane] = { count: row.count, bytes: row.bytes }
    }
    return read
  }

  function count(lane: Lane, records: number, bytes: number): void {
    fill[lane].count += records
    fill[lane].bytes += bytes
  }

  function insert(record: SpoolRecord): void {
    const { q, lane, kind, ts, up, bid, d, bytes } = record
    statements.insert.run(q, laneNumber(lane), kind, ts, up, bid, d, bytes)
    count(lane, 1, bytes)
  }

  function recordOf(kind: UpKind, data: object, stamp: Stamp): SpoolRecord {
    const d = JSON.stringify(data)
    return { ...stamp, q: ++lastQ, lane: laneOf(kind), kind, d, bytes: Buffer.byteLength(d) + ENVELOPE_BYTES }
  }

  function insertGap(gap: SpoolGap): void {
    insert(recordOf('evt', gapEvent(gap), { ts: clock.wallMs(), up: clock.monotonicMs(), bid: bootId }))
  }

  /** Drops the oldest records of a lane that is over its limit, about 1 MB at once, and leaves an event that says so. */
  function evict(lane: Lane): SpoolGap | null {
    if (fill[lane].bytes <= limits[lane]) return null
    const target = fill[lane].bytes - limits[lane] + Math.min(CHUNK_BYTES, limits[lane] / 8)
    const gap: SpoolGap = { lane, from: 0, to: 0, count: 0, reason: 'full' }
    for (let freed = 0; freed < target;) {
      const rows = statements.oldest.all(laneNumber(lane)) as { q: number; bytes: number }[]
      if (rows.length === 0) break
      for (const row of rows) {
        gap.from ||= row.q
        gap.to = row.q
        gap.count++
        freed += row.bytes
        count(lane, -1, -row.bytes)
        if (freed >= target) break
      }
      statements.removeLane.run(laneNumber(lane), gap.to)
    }
    if (gap.count === 0) return null
    insertGap(gap)
    return gap
  }

  /** One transaction: what waits, what was acknowledged, what must go. False when the disk refused; nothing has changed then. */
  function commit(): boolean {
    cancelGroup?.()
    cancelGroup = null
    if (pending.length === 0 && acks.size === 0) return true
    const before = structuredClone(fill)
    const gaps: SpoolGap[] = []
    try {
      file.db.exec('begin immediate')
      for (const q of acks) {
        const row = statements.remove.get(q) as { lane: number; bytes: number } | undefined
        if (row) count(LANES[row.lane] as Lane, -1, -row.bytes)
      }
      for (const record of pending) insert(record)
      for (const lane of LANES) {
        const gap = evict(lane)
        if (gap) gaps.push(gap)
      }
      statements.last.run(lastQ)
      file.db.exec('commit')
    } catch (error) {
      fill = before
      rollback()
      log.warn({ err: error, mode: mode() }, 'spool could not be written')
      return false
    }
    const stored = pending.length > 0
    pending = []
    pendingBytes = 0
    acks.clear()
    for (const gap of gaps) {
      log.warn({ gap }, 'spool full: oldest records dropped')
      onGap(gap)
    }
    if (stored || gaps.length > 0) spool.onStored?.()
    return true
  }

  function rollback(): void {
    try {
      file.db.exec('rollback')
    } catch {
      // SQLite has already rolled back by itself
    }
  }

  const mode = (): 'disk' | 'memory' => (file === disk ? 'disk' : 'memory')

  function use(next: SpoolFile, nextLimits: Record<Lane, number>): void {
    file = next
    statements = prepareStatements(file)
    lastQ = file.lastQ
    limits = nextLimits
    acks.clear()
    fill = readFill()
  }

  /** The disk refuses: go on in memory under a new epoch, so that the events about the full or read-only disk still leave. */
  function leaveDisk(): void {
    if (mode() === 'memory') return
    if (disk) disk.lastQ = lastQ
    const waiting = pending
    use(openMemorySpool(), MEMORY_LIMITS)
    pending = waiting.map(record => ({ ...record, q: ++lastQ }))
    log.warn({ epoch: file.epoch }, 'spool works from memory until the disk can be written')
    cancelDiskRetry = clock.after(DISK_RETRY_MS, retryDisk)
    commit()
  }

  /** Goes back to the disk once it can be written and everything from memory has been sent. */
  function retryDisk(): void {
    cancelDiskRetry = clock.after(DISK_RETRY_MS, retryDisk)
    if (fill.evt.count + fill.met.count - acks.size > 0 || pending.length > 0) return
    try {
      const candidate = disk ?? openSpoolFile(options.path, options.expectedEpoch)
      candidate.db.prepare('update meta set lastQ = ?').run(candidate.lastQ)
      cancelDiskRetry()
      file.db.close()
      disk = candidate
      use(disk, options.limits ?? DISK_LIMITS)
      log.info({ epoch: file.epoch }, 'spool is back on disk')
      spool.onStored?.()
    } catch (error) {
      log.debug({ err: error }, 'spool still cannot be written')
    }
  }

  const spool: Spool = {
    onStored: null,
    get epoch() {
      return file.epoch
    },
    get mode() {
      return mode()
    },
    append(kind, data, stamp) {
      const record = recordOf(kind, data, stamp)
      pending.push(record)
      pendingBytes += record.bytes
      if (record.lane === 'evt') {
        if (!commit()) leaveDisk()
      } else if (pendingBytes >= GROUP_BYTES) {
        if (!commit()) leaveDisk()
      } else {
        cancelGroup ??= clock.after(GROUP_MS, () => {
          if (!commit()) leaveDisk()
        })
      }
      return record.q
    },
    takeNumber() {
      if (pending.length > 0 && !commit()) leaveDisk()
      try {
        statements.last.run(lastQ + 1)
      } catch {
        leaveDisk()
        statements.last.run(lastQ + 1)
      }
      return ++lastQ
    },
    next(lane, afterQ) {
      const read = (after: number) => (lane === null ? statements.nextOfAll.get(after) : statements.nextOfLane.get(laneNumber(lane), after))
      let row = read(afterQ)
      while (row && acks.has(row.q as number)) row = read(row.q as number)
      if (!row) return null
      return { ...(row as unknown as SpoolRecord), lane: LANES[row.lane as number] as Lane }
    },
    acked(epoch, q) {
      if (epoch !== file.epoch) return
      acks.add(q)
      // deletions ride on the next write: a crash in between only sends these again, and the server drops them
      if (acks.size >= ACK_GROUP) commit()
    },
    ackedUpTo(epoch, q) {
      if (epoch !== file.epoch) return
      try {
        const rows = statements.removeUpTo.all(q) as { lane: number; bytes: number }[]
        for (const row of rows) count(LANES[row.lane] as Lane, -1, -row.bytes)
      } catch (error) {
        log.warn({ err: error }, 'acknowledged records could not be deleted: they will be sent again')
      }
    },
    flush() {
      commit()
    },
    fill: () => structuredClone(fill),
    close() {
      cancelGroup?.()
      cancelDiskRetry()
      commit()
      file.db.close()
      if (disk && disk !== file) disk.db.close()
    },
  }

  if (file.loss) {
    const gap: SpoolGap = { lane: 'evt', from: file.loss.from, to: file.loss.to, count: file.loss.count, reason: file.loss.reason }
    log.warn({ gap }, 'spool was lost: new epoch')
    spool.append('evt', gapEvent(gap), { ts: clock.wallMs(), up: clock.monotonicMs(), bid: bootId })
    onGap(gap)
  }
  return spool
}
