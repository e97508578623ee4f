/** A day without the server, in virtual time: memory stays flat, the spool within its limits, and what was lost is told to the number. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startAgent } from '../../agent/agent.ts'
import { openAgentStore } from '../../agent/platform/state.ts'
import { newDeviceId } from '../../shared/ids.ts'
import type { SpoolGap } from '../../shared/messages.ts'
import { fillProfile } from '../../shared/profile.ts'
import { shardOf } from '../../shared/topics.ts'
import { freePorts } from '../support/free-ports.ts'
import { heapBytes } from '../support/heap.ts'
import { startTestBroker } from './test-broker.ts'
import { virtualClock } from './virtual-clock.ts'

const HOUR_MS = 3_600_000
const SAMPLE_SECONDS = 10
const LIMITS = { evt: 256 * 1024, met: 1024 * 1024 }
/** What the file may hold beside its records: pages of the database and its log. */
const FILE_OVERHEAD = 4
const MAX_HEAP_GROWTH_BYTES = 6 * 1024 * 1024

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kk-day-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const fileBytes = (): number =>
  ['spool.db', 'spool.db-wal'].reduce((sum, name) => sum + (statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0), 0)

it(
  'keeps a day for a server that is away: flat memory, a bounded spool, an exact record of what was lost',
  { timeout: 240_000 },
  async () => {
    const [port = 0] = await freePorts(1)
    const clientId = newDeviceId()
    const mqtt = { urls: [`mqtt://127.0.0.1:${port}`], clientId, username: clientId, password: 'secret', shard: shardOf(clientId) }
    writeFileSync(
      join(dataDir, 'agent.json'),
      JSON.stringify({
        format: 1,
        enrolment: 'active',
        deviceId: clientId,
        mqtt,
        config: { rev: 1, hash: 'x', profile: fillProfile({ name: 'Till', intervals: { sampleSeconds: SAMPLE_SECONDS } }) },
      }),
    )
    const clock = virtualClock(Date.parse('2026-11-16T09:00:00Z'))
    const store = await openAgentStore(dataDir)
    const agent = await startAgent({
      dataDir,
      store,
      login: mqtt,
      clock,
      log: pino({ level: 'silent' }),
      // no inventory is taken: the child fails at once
      entryPath: join(dataDir, 'no-such-program.mjs'),
      spoolLimits: LIMITS,
    })
    /** Virtual hours; the machine gets a turn every ten seconds, for what real files and sockets answer. */
    const passHours = async (hours: number): Promise<void> => {
      for (let ms = 0; ms < hours * HOUR_MS; ms += 10_000) {
        await clock.pass(10_000)
        await turn()
      }
    }

    await passHours(4)
    const early = heapBytes()
    let largestFile = 0
    for (let hour = 4; hour < 24; hour += 2) {
      await passHours(2)
      largestFile = Math.max(largestFile, fileBytes())
    }
    const late = heapBytes()
    expect(late - early).toBeLessThan(MAX_HEAP_GROWTH_BYTES)
    expect(largestFile).toBeLessThan(FILE_OVERHEAD * (LIMITS.evt + LIMITS.met))

    const broker = await startTestBroker(port)
    try {
      const numbersOf = (): number[] =>
        broker.heard.flatMap(message => ('q' in message.message && typeof message.message.q === 'number' ? [message.message.q] : []))
      const gapsOf = (): SpoolGap[] =>
        broker
          .of('evt')
          .flatMap(({ message }) => (message.d.signal === 'spool.gap' && message.d.evidence ? [message.d.evidence as SpoolGap] : []))
      const isAccounted = (): boolean => {
        const numbers = numbersOf()
        return numbers.length > 0 && new Set(numbers).size + gapsOf().reduce((sum, gap) => sum + gap.count, 0) === Math.max(...numbers)
      }
      // with the server back everything kept is sent, while the device goes on measuring
      for (let step = 0; step < 4_000 && !isAccounted(); step += 1) {
        await clock.pass(100)
        await sleep(5)
      }
      const numbered = numbersOf()
      const received = new Set(numbered)
      const gaps = gapsOf()
      const lost = gaps.reduce((sum, gap) => sum + gap.count, 0)
      expect(lost).toBeGreaterThan(1_000)
      // every number was either heard or is in a gap that says so, once
      expect(received.size + lost).toBe(Math.max(...numbered))
      const met = broker.of('met').map(({ message }) => message.q)
      expect(met.filter(q => gaps.some(gap => gap.lane === 'met' && gap.from <= q && q <= gap.to))).toEqual([])
      // the newest hours are whole: what was dropped is the oldest
      const oldestKept = Math.min(...met)
      expect(gaps.filter(gap => gap.lane === 'met').every(gap => gap.to < oldestKept)).toBe(true)
    } finally {
      const stopping = agent.stop('shutdown', null)
      for (let step = 0; step < 40; step += 1) {
        await clock.pass(500)
        await sleep(5)
      }
      await stopping
      await broker.close()
    }
  },
)
