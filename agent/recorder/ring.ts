/** The flight recorder's memory: a ring of small files of fixed total size. A record is a line with its checksum, so a torn one is seen and left out. */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Logger } from 'pino'
import { listNames } from '../probes/read-file.ts'

const SEGMENTS = 8
const SEGMENT_BYTES = 512 * 1024
/** A full or read-only disk is tried again this often. */
const RETRY_MS = 10 * 60_000
const SEGMENT_NAME = /^ring-(\d{10})\.log$/
const NEWLINE = 10

/** One thing that happened. `up` is the monotonic clock of the boot `boot`. */
export type RingRecord = { at: number; up: number; boot: string; kind: 'sample' | 'signal' | 'log' | 'state'; data: unknown }
export type RingSpan = { boot: string; fromUp: number; fromAt: number }
export type Ring = {
  /** Writes records through to the file system; they outlive the process. Never throws. */
  append(...records: RingRecord[]): void
  /** What is kept since: by the monotonic clock within the same boot, by the wall clock before it. Oldest first. */
  read(since: RingSpan): RingRecord[]
  close(): void
}
export type RingOptions = { folder: string; log: Logger; nowMs: () => number; segments?: number; segmentBytes?: number }

const segmentName = (number: number) => `ring-${String(number).padStart(10, '0')}.log`

/** A record as its line. */
export function encodeRecord(record: RingRecord): string {
  const json = JSON.stringify(record)
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}

/** The record of a line without its end, or null for a torn or foreign one. */
export function decodeRecord(line: string): RingRecord | null {
  const json = line.slice(9)
  if (line.length < 11 || line[8] !== ' ' || crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return null
  return JSON.parse(json) as RingRecord
}

/** Opens the ring. What cannot be written is lost with one line in the log, and tried again later. */
export function openRing({ folder, log, nowMs, segments = SEGMENTS, segmentBytes = SEGMENT_BYTES }: RingOptions): Ring {
  let file: number | null = null
  let bytes = 0
  let number = 0
  let brokenAtMs: number | null = null

  const numbers = () =>
    listNames(folder)
      .map(name => SEGMENT_NAME.exec(name)?.[1])
      .filter(text => text !== undefined)
      .map(Number)
      .toSorted((one, other) => one - other)

  function openSegment(next: number): number {
    const opened = openSync(join(folder, segmentName(next)), 'a+', 0o600)
    number = next
    bytes = fstatSync(opened).size
    const last = Buffer.alloc(1)
    // what a cut left half written must not swallow the next line
    if (bytes > 0 && readSync(opened, last, 0, 1, bytes - 1) === 1 && last[0] !== NEWLINE) bytes += writeSync(opened, '\n')
    for (const old of numbers().filter(kept => kept <= next - segments)) rmSync(join(folder, segmentName(old)), { force: true })
    return opened
  }

  function write(line: string): void {
    const size = Buffer.byteLength(line)
    if (size > segmentBytes) return
    if (file === null) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      file = openSegment(numbers().at(-1) ?? 1)
    }
    if (bytes + size > segmentBytes) {
      closeSync(file)
      file = null
      file = openSegment(number + 1)
    }
    // a line written in part is a torn one
    bytes += writeSync(file, line)
  }

  function close(): void {
    if (file !== null) closeSync(file)
    file = null
  }

  return {
    append(...records) {
      if (brokenAtMs !== null && nowMs() - brokenAtMs < RETRY_MS) return
      try {
        for (const record of records) write(encodeRecord(record))
        if (brokenAtMs !== null) log.info('the flight recorder records again')
        brokenAtMs = null
      } catch (error) {
        if (brokenAtMs === null)
          log.warn({ err: error }, 'the flight recorder cannot write: nothing is recorded until the disk takes it again')
        brokenAtMs = nowMs()
        try {
          close()
        } catch {
          file = null
        }
      }
    },
    read({ boot, fromUp, fromAt }) {
      const records: RingRecord[] = []
      for (const kept of numbers()) {
        const path = join(folder, segmentName(kept))
        try {
          if (statSync(path).mtimeMs < Math.min(fromAt, nowMs()) - RETRY_MS) continue
          for (const line of readFileSync(path, 'utf8').split('\n')) {
            const record = decodeRecord(line)
            if (record && (record.boot === boot ? record.up >= fromUp : record.at >= fromAt)) records.push(record)
          }
        } catch (error) {
          log.debug({ err: error, path }, 'a part of the flight recorder cannot be read')
        }
      }
      return records
    },
    close,
  }
}
