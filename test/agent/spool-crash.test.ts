import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../agent/platform/agent-clock.ts'
import { openSpool } from '../../agent/link/spool.ts'
import { testLog } from '../support/test-log.ts'

const KILLS = 50
const folder = mkdtempSync(join(tmpdir(), 'kk-spool-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Line = { epoch?: string; stored?: number; text?: string; sent?: number; d?: string; number?: number; gap?: unknown }

describe('the spool under kill -9', () => {
  it(`loses no event it said was stored and never uses a number twice, over ${KILLS} kills while it appends and sends`, async () => {
    const path = join(folder, 'spool.db')
    const stored = new Map<number, string>()
    const contentOf = new Map<number, string>()
    const acked = new Set<number>()
    const faults: string[] = []
    const epochs = new Set<string>()
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('spool-victim.ts', import.meta.url)), path, [...epochs][0] ?? ''], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      child.stdin.on('error', () => {})
      const ended = once(child, 'exit')
      let lines = 0
      // killed after a different amount of work each time, at no tidy moment
      const killAfter = 5 + ((kill * 37) % 60)
      for await (const text of createInterface({ input: child.stdout })) {
        if (!text.endsWith('}')) continue
        const line = JSON.parse(text) as Line
        if (line.epoch) epochs.add(line.epoch)
        if (line.gap) faults.push(`gap ${text}`)
        if (line.stored !== undefined) {
          if (stored.has(line.stored) || contentOf.has(line.stored)) faults.push(`number ${line.stored} was stored twice`)
          stored.set(line.stored, line.text ?? '')
        }
        if (line.number !== undefined) {
          if (stored.has(line.number) || contentOf.has(line.number)) faults.push(`number ${line.number} was taken twice`)
          contentOf.set(line.number, 'birth')
        }
        if (line.sent !== undefined) {
          const known = contentOf.get(line.sent)
          if (known !== undefined && known !== line.d) faults.push(`number ${line.sent} came with two contents`)
          contentOf.set(line.sent, line.d ?? '')
          // most are acknowledged, some just before the kill
          if (line.sent % 5 !== 0) {
            acked.add(line.sent)
            child.stdin.write(`${line.sent}\n`)
          }
        }
        if (line.stored !== undefined && ++lines === killAfter) child.kill('SIGKILL')
      }
      expect((await ended)[1]).toBe('SIGKILL')
    }
    expect(faults).toEqual([])
    expect(epochs.size).toBe(1)
    const spool = openSpool({
      path,
      clock: systemClock,
      log: testLog(),
      bootId: 'boot',
      expectedEpoch: [...epochs][0] ?? null,
      onGap: gap => faults.push(`gap ${JSON.stringify(gap)}`),
    })
    const left = new Map<number, string>()
    for (let record = spool.next(null, 0); record; record = spool.next(null, record.q)) left.set(record.q, record.d)
    const lost = [...stored].filter(([q, text]) => !acked.has(q) && !left.get(q)?.includes(`"${text}"`))
    expect(lost).toEqual([])
    expect(stored.size).toBeGreaterThan(KILLS * 5)
    expect(spool.takeNumber()).toBeGreaterThan(Math.max(...stored.keys(), ...contentOf.keys()))
    spool.close()
  }, 120_000)
})
