import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../agent/platform/agent-clock.ts'
import { openSpool } from '../../agent/link/spool.ts'
import type { Spool, SpoolOptions } from '../../agent/link/spool-types.ts'
import type { SpoolGap } from '../../shared/messages.ts'
import { testLog } from '../support/test-log.ts'

let folder: string
let gaps: SpoolGap[]
let timers: { atMs: number; action: () => void }[]
let nowMs: number

/** A clock that stands still until the test moves it. */
const clock: Clock = {
  wallMs: () => 1_795_300_000_000 + nowMs,
  monotonicMs: () => nowMs,
  after(delayMs, action) {
    const timer = { atMs: nowMs + delayMs, action }
    timers.push(timer)
    return () => {
      timers = timers.filter(item => item !== timer)
    }
  },
}
function advance(ms: number): void {
  nowMs += ms
  const due = timers.filter(timer => timer.atMs <= nowMs)
  timers = timers.filter(timer => timer.atMs > nowMs)
  for (const timer of due) timer.action()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kk-spool-'))
  gaps = []
  timers = []
  nowMs = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = () => join(folder, 'spool.db')
const open = (change: Partial<SpoolOptions> = {}): Spool =>
  openSpool({ path: path(), clock, log: testLog(), bootId: 'boot', expectedEpoch: null, onGap: gap => gaps.push(gap), ...change })
const stamp = { ts: 1, up: 1, bid: 'boot' }
const event = (spool: Spool, text = 'x') => spool.append('evt', { signal: 'disk.full', state: 'failing', text }, stamp)
const sample = (spool: Spool, padding = '') => spool.append('met', { samples: [{ up: 1, m: { cpuPercent: 1 } }], padding }, stamp)
const numbers = (spool: Spool) => {
  const found: number[] = []
  for (let record = spool.next(null, 0); record; record = spool.next(null, record.q)) found.push(record.q)
  return found
}

describe('the spool', () => {
  it('numbers records from 1 across both lanes and keeps them until they are acknowledged', () => {
    const spool = open()
    expect([event(spool), sample(spool), event(spool)]).toEqual([1, 2, 3])
    spool.acked(spool.epoch, 1)
    spool.flush()
    expect(numbers(spool)).toEqual([2, 3])
    expect(spool.next('evt', 0)?.q).toBe(3)
    expect(spool.next('met', 0)?.kind).toBe('met')
    spool.close()
  })

  it('shows an event at once and a metric when it is durable: with the next event, after 5 s or at 64 KB', () => {
    const spool = open()
    sample(spool)
    expect(numbers(spool)).toEqual([])
    advance(4_999)
    expect(numbers(spool)).toEqual([])
    advance(1)
    expect(numbers(spool)).toEqual([1])
    sample(spool)
    event(spool)
    expect(numbers(spool)).toEqual([1, 2, 3])
    sample(spool, 'y'.repeat(64 * 1024))
    expect(numbers(spool)).toEqual([1, 2, 3, 4])
    spool.close()
  })

  it('goes on with the same epoch and higher numbers after a restart, also when everything was acknowledged', () => {
    const first = open()
    event(first)
    const q = event(first)
    first.acked(first.epoch, 1)
    first.acked(first.epoch, q)
    const { epoch } = first
    first.close()
    const second = open({ expectedEpoch: epoch })
    expect(second.epoch).toBe(epoch)
    expect(numbers(second)).toEqual([])
    expect(event(second)).toBeGreaterThan(q)
    expect(gaps).toEqual([])
    second.close()
  })

  it('is readable by its owner only, its log too', () => {
    const spool = open()
    event(spool)
    for (const suffix of ['', '-wal', '-shm']) expect([suffix, statSync(path() + suffix).mode & 0o077]).toEqual([suffix, 0])
    spool.close()
  })

  it('drops the oldest metrics when their lane is full, says which, and keeps every event', () => {
    const spool = open({ limits: { evt: 1_000_000, met: 80_000 } })
    const first = event(spool)
    for (let index = 0; index < 60; index++) {
      sample(spool, 'z'.repeat(2_000))
      spool.flush()
    }
    expect(gaps.length).toBeGreaterThan(0)
    const [gap] = gaps
    expect(gap).toMatchObject({ lane: 'met', from: 2, reason: 'full' })
    expect(gap?.count).toBe((gap?.to ?? 0) - 1)
    expect(spool.fill().met.bytes).toBeLessThanOrEqual(80_000)
    expect(numbers(spool)).toContain(first)
    const told = spool.next('evt', first)
    expect(JSON.parse(told?.d ?? '{}')).toMatchObject({ signal: 'spool.gap', state: 'failing', evidence: gap })
    spool.close()
  })

  it('acknowledges up to a number, and ignores acknowledgements of another epoch', () => {
    const spool = open()
    for (let index = 0; index < 5; index++) event(spool)
    spool.ackedUpTo('00000000', 5)
    spool.acked('00000000', 5)
    spool.flush()
    expect(numbers(spool)).toHaveLength(5)
    spool.ackedUpTo(spool.epoch, 3)
    expect(numbers(spool)).toEqual([4, 5])
    spool.close()
  })

  it.each([
    { what: 'overwritten', harm: () => writeFileSync(path(), Buffer.alloc(8_192, 7)), reason: 'torn' },
    { what: 'cut short in the middle', harm: () => truncateSync(path(), 20_000), reason: 'torn' },
    { what: 'deleted', harm: () => rmSync(path()), reason: 'lost' },
  ])('begins a new epoch and reports the loss when its file was $what', ({ harm, reason }) => {
    const before = open()
    for (let index = 0; index < 200; index++) event(before, 'w'.repeat(300))
    const { epoch } = before
    before.close()
    for (const suffix of ['-wal', '-shm']) rmSync(path() + suffix, { force: true })
    harm()
    const after = open({ expectedEpoch: epoch })
    expect(after.epoch).not.toBe(epoch)
    expect(gaps).toHaveLength(1)
    expect(gaps[0]?.reason).toBe(reason)
    expect(JSON.parse(after.next('evt', 0)?.d ?? '{}')).toMatchObject({ signal: 'spool.gap', state: 'failing' })
    expect(existsSync(`${path()}.broken`)).toBe(reason === 'torn')
    after.close()
  })

  it('works from memory under a new epoch while the disk cannot be written, and goes back when it can', () => {
    const blocked = join(folder, 'blocked')
    writeFileSync(blocked, 'a file where a folder should be')
    const spool = open({ path: join(blocked, 'spool.db') })
    const memoryEpoch = spool.epoch
    expect(spool.mode).toBe('memory')
    const q = event(spool)
    expect(numbers(spool)).toEqual([q])
    rmSync(blocked)
    const { mkdirSync } = process.getBuiltinModule('node:fs')
    mkdirSync(blocked)
    advance(60_000)
    expect(spool.mode).toBe('memory')
    spool.acked(spool.epoch, q)
    advance(60_000)
    expect(spool.mode).toBe('disk')
    expect(spool.epoch).not.toBe(memoryEpoch)
    event(spool)
    expect(numbers(spool)).toHaveLength(1)
    chmodSync(blocked, 0o700)
    spool.close()
  })
})
