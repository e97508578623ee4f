/** The ring under any sequence, any cut, a killed writer and a disk that takes nothing. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeRecord, encodeRecord, openRing, type RingRecord } from '../../../agent/recorder/ring.ts'

const base = mkdtempSync(join(tmpdir(), 'kk-ring-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const fresh = () => mkdtempSync(join(base, 'r-'))
const silent = pino({ level: 'silent' })
const EVERYTHING = { boot: 'b', fromUp: -1, fromAt: -1 }
const open = (folder: string, log = silent) => openRing({ folder, log, nowMs: () => Date.now(), segments: 4, segmentBytes: 2_000 })
const bytesOf = (folder: string) => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

const anyText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constant('x'.repeat(700)),
  fc.constant('\n\r\n'),
)
const anyRecord = fc.record({
  at: fc.integer({ min: 0, max: 1e9 }),
  up: fc.integer({ min: 0, max: 1e9 }),
  boot: fc.constantFrom('b', 'c'),
  kind: fc.constantFrom('sample', 'signal', 'log', 'state'),
  data: anyText,
}) satisfies fc.Arbitrary<RingRecord>

describe('the ring', () => {
  it('gives back the newest records in order, never grows over its size, also over starts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyRecord, { maxLength: 12 }), { maxLength: 8 }), runs => {
        const folder = fresh()
        for (const records of runs) {
          const ring = open(folder)
          ring.append(...records)
          ring.close()
          expect(bytesOf(folder)).toBeLessThanOrEqual(4 * 2_000)
        }
        const written = JSON.parse(JSON.stringify(runs.flat())) as RingRecord[]
        const kept = open(folder).read(EVERYTHING)
        expect(kept).toEqual(written.slice(written.length - kept.length))
        // three whole segments are always there
        const bytes = written.slice(0, written.length - kept.length).map(record => Buffer.byteLength(encodeRecord(record)))
        if (bytes.length > 0)
          expect(kept.reduce((sum, record) => sum + Buffer.byteLength(encodeRecord(record)), 0)).toBeGreaterThan(2 * 2_000 - 1_000)
      }),
      { numRuns: 150 },
    )
  })

  it('cut at any byte, or with any bytes spoilt, gives whole records only and takes new ones', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 1, maxLength: 15 }),
        fc.nat(),
        fc.option(fc.uint8Array({ minLength: 1, maxLength: 9 })),
        (records, place, spoil) => {
          const folder = fresh()
          const first = open(folder)
          first.append(...records)
          first.close()
          const last = join(folder, readdirSync(folder).toSorted().at(-1) ?? '')
          const at = place % (statSync(last).size + 1)
          if (spoil) {
            const bytes = readFileSync(last)
            bytes.set(spoil.subarray(0, bytes.length - at), at)
            writeFileSync(last, bytes)
          } else truncateSync(last, at)
          const ring = open(folder)
          const added: RingRecord = { at: 1, up: 1, boot: 'b', kind: 'log', data: 'after the cut' }
          ring.append(added)
          const kept = ring.read(EVERYTHING)
          ring.close()
          const known = new Set(records.map(record => JSON.stringify(record)))
          for (const record of kept.slice(0, -1)) expect(known).toContain(JSON.stringify(record))
          expect(kept.at(-1)).toEqual(added)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('reads what is younger than the instant: this boot by the monotonic clock, an earlier one by the wall clock', () => {
    const ring = open(fresh())
    const record = (boot: string, up: number, at: number): RingRecord => ({ at, up, boot, kind: 'log', data: `${boot}${up}` })
    ring.append(record('old', 900, 50), record('old', 950, 150), record('b', 5, 9), record('b', 40, 3))
    expect(ring.read({ boot: 'b', fromUp: 10, fromAt: 100 }).map(item => item.data)).toEqual(['old950', 'b40'])
    ring.close()
  })

  it.each([
    ['', 'an empty line'],
    ['00000000 {}', 'a wrong checksum'],
    [encodeRecord({ at: 1, up: 1, boot: 'b', kind: 'log', data: 'x' }).slice(0, -3), 'a torn line'],
    ['not a line of ours at all', 'text of somebody else'],
  ])('takes %j for nothing: %s', line => expect(decodeRecord(line)).toBeNull())

  it('on a disk that takes nothing says so once and goes on', () => {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: line => void lines.push(line) })
    const blocked = join(fresh(), 'file')
    writeFileSync(blocked, 'in the way')
    const ring = open(blocked, log)
    for (let turn = 0; turn < 50; turn++) ring.append({ at: 1, up: 1, boot: 'b', kind: 'log', data: 'lost' })
    expect(ring.read(EVERYTHING)).toEqual([])
    expect(lines).toHaveLength(1)
  })

  it('loses nothing it has written when its process is killed', async () => {
    const folder = fresh()
    for (let kill = 0; kill < 8; kill++) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('ring-victim.ts', import.meta.url)), folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit') as Promise<[number | null, string | null]>
      let told = ''
      child.stdout.on('data', (chunk: Buffer) => {
        told += chunk.toString()
        if (told.length > 400 + kill * 911) child.kill('SIGKILL')
      })
      expect((await ended)[1]).toBe('SIGKILL')
      const said = told.split('\n').slice(0, -1).map(Number)
      const ring = openRing({ folder, log: silent, nowMs: () => Date.now() })
      const kept = new Set(
        ring
          .read(EVERYTHING)
          .filter(record => (record.data as { pid: number }).pid === child.pid)
          .map(record => record.up),
      )
      ring.close()
      expect(said.filter(number => !kept.has(number))).toEqual([])
      expect(said.length).toBeGreaterThan(20)
    }
  }, 60_000)
})
