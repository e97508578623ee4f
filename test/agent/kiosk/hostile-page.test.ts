/** A page may print, rename itself and throw as fast as it can: the watch says so, and stays cheap. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { startChromium } from './chromium.ts'
import { openShop, type Shop } from './shop.ts'

const PROGRAM = fileURLToPath(new URL('kiosk-watch-program.ts', import.meta.url))
const MEASURED_MS = 20_000
/** Half a core; it takes far less, but the page takes all the rest of the machine. */
const MAX_CPU_MS = MEASURED_MS / 2
const MAX_GROWTH_BYTES = 40 * 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'kk-hostile-'))
let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => {
  shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Line = { cpuMs: number; rssBytes: number; told: string; isCrashTold: boolean }

describe('a hostile page', () => {
  it.concurrent.each(['/titles', '/console', '/huge'])(
    '%s costs the watch little, and is told',
    async path => {
      const chromium = await startChromium()
      const child = spawn(process.execPath, [PROGRAM, chromium.devToolsUrl, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines: Line[] = []
      createInterface({ input: child.stdout }).on('line', text => void lines.push(JSON.parse(text) as Line))
      try {
        await chromium.show(`${shop.origin}/`)
        const before = await waitFor('the watch', () => lines.find(({ told }) => told !== ''), 30_000)
        await chromium.show(`${shop.origin}${path}`)
        const startedAtMs = performance.now()
        await waitFor('the flood to be told', () => lines.at(-1)?.told.includes('floods'), 30_000)
        await waitFor('all of the time measured', () => performance.now() - startedAtMs > MEASURED_MS, MEASURED_MS + 5_000)
        const after = lines.at(-1) ?? before
        expect(after.cpuMs - before.cpuMs).toBeLessThan(MAX_CPU_MS)
        expect(after.rssBytes - before.rssBytes).toBeLessThan(MAX_GROWTH_BYTES)
        expect(after.isCrashTold).toBe(false)
      } finally {
        child.kill('SIGKILL')
        await once(child, 'exit')
        await chromium.stop()
      }
    },
    90_000,
  )
})
