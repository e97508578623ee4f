/** Each way a kiosk fails in front of its customers: what the watch says and how soon, beside what a check of processes would have seen. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProcess } from '../../../agent/probes/processes.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { freePorts } from '../../support/free-ports.ts'
import { startChromium, type Chromium } from './chromium.ts'
import { openShop, type Shop } from './shop.ts'
import { fastClock, watchKiosk, type WatchedKiosk } from './watched-kiosk.ts'

const TOLD_WITHIN_MS = 15_000
/** One colour counts after a minute; its clock runs faster, so that the test need not wait for it. */
const HASTE = 6
const HEALTHY_HASTE = 8
const HEALTHY_MS = 10 * 60_000

const folder = mkdtempSync(join(tmpdir(), 'kk-side-'))
let shop: Shop
let kiosk: { browser: Chromium; watched: WatchedKiosk }
let healthy: { browser: Chromium; watched: WatchedKiosk; sinceMs: number }
const isAlive = (match: string) => findProcess(MACHINE_ROOTS, match, process.pid) !== null

async function startKiosk(haste: number) {
  const browser = await startChromium()
  await browser.show(`${shop.origin}/`)
  const app = { devToolsUrl: browser.devToolsUrl, match: browser.match, url: `${shop.origin}/` }
  return { browser, watched: watchKiosk(app, folder, fastClock(haste)) }
}

beforeAll(async () => {
  shop = await openShop()
  ;[kiosk, healthy] = await Promise.all([
    startKiosk(1),
    startKiosk(HEALTHY_HASTE).then(started => ({ ...started, sinceMs: performance.now() })),
  ])
})
afterAll(async () => {
  for (const { browser, watched } of [kiosk, healthy]) {
    watched.watch.stop()
    await browser.stop()
  }
  shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Causes a fault; answers what was told in how many ms, and whether a check of processes saw it. */
async function tell(watched: WatchedKiosk, match: string, signal: string, cause: () => Promise<void> | void) {
  const startedAtMs = performance.now()
  await cause()
  const { text, evidence } = await watched.failing(signal, TOLD_WITHIN_MS)
  return { text, evidence, tookMs: performance.now() - startedAtMs, isProcessThere: isAlive(match) }
}

describe('a kiosk that fails in front of its customers', () => {
  const faults: [fault: string, address: () => string | Promise<string>, signal: string, text: string][] = [
    ['renderer crash', () => 'chrome://crash', 'app.crashed', 'page of the kiosk app crashed'],
    ['endless loop', () => `${shop.origin}/loop`, 'app.frozen', 'does not answer'],
    ['server gone', async () => `http://127.0.0.1:${(await freePorts(1))[0]}/?token=secret`, 'screen.error-page', 'ERR_CONNECTION_REFUSED'],
    ['name not resolved', () => 'http://nosuch.invalid/', 'screen.error-page', 'DNS'],
    ['certificate', () => `${shop.tlsOrigin}/`, 'screen.error-page', 'ERR_CERT_AUTHORITY_INVALID'],
    ['server error', () => `${shop.origin}/broken`, 'screen.error-page', 'status 500'],
    ['wrong address', () => 'data:text/html,<title>Elsewhere</title>hello', 'screen.error-page', 'wrong address'],
    ['login page', () => `${shop.origin}/login`, 'screen.error-page', 'password'],
  ]
  it.each(faults)('%s: the watch tells it, a check of processes does not', async (_, address, signal, text) => {
    const { browser, watched } = kiosk
    await watched.well('screen.error-page')
    const shown = await address()
    const told = await tell(watched, browser.match, signal, () => browser.show(shown))
    expect(told.text).toContain(text)
    expect(told.tookMs).toBeLessThan(TOLD_WITHIN_MS)
    expect(told.isProcessThere).toBe(true)
    expect(JSON.stringify(told.evidence)).not.toContain('secret')
    // and a person, or the ladder, mends it from here
    if (signal === 'app.frozen') await watched.watch.reloadPage()
    await watched.watch.navigateHome()
    for (const key of ['app.crashed', 'app.frozen', 'screen.error-page']) await watched.well(key)
  })

  it('blank page: told after its minute, a check of processes sees nothing', async () => {
    const { browser, watched } = await startKiosk(HASTE)
    try {
      await watched.well('screen.blank')
      const told = await tell(watched, browser.match, 'screen.blank', () => browser.show(`${shop.origin}/blank`))
      expect(told).toMatchObject({ isProcessThere: true, evidence: { percent: 100 } })
      expect(told.tookMs * HASTE).toBeGreaterThan(60_000 - 5_000)
      expect(told.tookMs * HASTE).toBeLessThan(60_000 + 2 * TOLD_WITHIN_MS)
    } finally {
      watched.watch.stop()
      await browser.stop()
    }
  })

  it('killed browser: both see it', async () => {
    const { browser, watched } = await startKiosk(1)
    try {
      await watched.well('app.crashed')
      const told = await tell(watched, browser.match, 'app.crashed', () => browser.stop())
      expect(told).toMatchObject({ isProcessThere: false, evidence: { cause: 'process gone' } })
      expect(told.tookMs).toBeLessThan(TOLD_WITHIN_MS)
    } finally {
      watched.watch.stop()
    }
  })

  it('crash loop: the watch tells it and why, a check of processes mostly finds the app', async () => {
    const match = `kk-loop-${process.pid}`
    const startedAtMs = performance.now()
    const watched = watchKiosk({ match, startCommand: `echo "no licence"; sleep 0.7; exit 3 # ${match}` }, folder)
    try {
      let [looks, found] = [0, 0]
      const told = await watched.failing('app.crashed')
      expect(told.text).toContain('not running (exit code 3)')
      await expect
        .poll(
          () => {
            looks++
            if (isAlive(match)) found++
            return watched.stateOf('app.crashed')?.text
          },
          { timeout: TOLD_WITHIN_MS, interval: 50 },
        )
        .toMatch(/crash loop: 6 starts in 1 min \(exit code 3\)/)
      expect(performance.now() - startedAtMs).toBeLessThan(TOLD_WITHIN_MS)
      expect(watched.events.at(-1)).toMatchObject({ state: 'failing', evidence: { cause: 'crash loop' } })
      expect(watched.events.at(-1)?.evidence?.['lastLines']).toContain('no licence')
      expect(found / looks).toBeGreaterThan(0.3)
    } finally {
      watched.watch.stop()
    }
  })

  it('a healthy kiosk all the while: nothing is told', async () => {
    const { watched, sinceMs } = healthy
    await expect
      .poll(() => (performance.now() - sinceMs) * HEALTHY_HASTE, { timeout: HEALTHY_MS, interval: 100 })
      .toBeGreaterThan(HEALTHY_MS)
    expect(watched.events.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(watched.stateOf('screen.blank')?.state).toBe('ok')
    expect(watched.watch.metrics()).toMatchObject({ pageErrorsPerMinute: 0, pageMemoryBytes: expect.any(Number) as number })
  }, 90_000)
})
