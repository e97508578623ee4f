import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../agent/platform/agent-clock.ts'
import { decodePng } from '../../../agent/kiosk/screen/png.ts'
import { fillProfile, type KioskApp } from '../../../shared/profile.ts'
import { waitFor } from '../wait-for.ts'
import { startChromium, type Chromium } from './chromium.ts'
import { openShop, type Shop } from './shop.ts'
import { fastClock, watchKiosk, type WatchedKiosk } from './watched-kiosk.ts'

const folder = mkdtempSync(join(tmpdir(), 'kk-watch-'))
const lockFile = join(folder, 'paying')
let chromium: Chromium
let shop: Shop
const watched: WatchedKiosk[] = []

beforeAll(async () => {
  shop = await openShop()
  chromium = await startChromium()
})
afterEach(() => {
  for (const { watch } of watched.splice(0)) watch.stop()
})
afterAll(async () => {
  await chromium.stop()
  shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Watches the browser from its own page on. */
async function start(app: KioskApp = {}, clock = systemClock): Promise<WatchedKiosk> {
  await chromium.show(`${shop.origin}/`)
  const kiosk = watchKiosk({ devToolsUrl: chromium.devToolsUrl, match: chromium.match, url: `${shop.origin}/`, ...app }, folder, clock)
  watched.push(kiosk)
  await kiosk.well('screen.error-page')
  return kiosk
}
const colorAt = (png: Buffer, x: number, y: number) => {
  const picture = decodePng(png)
  if (!picture) throw new Error('no picture')
  const at = (Math.floor((y * picture.height) / 100) * picture.width + Math.floor((x * picture.width) / 100)) * picture.channels
  return [...picture.pixels.subarray(at, at + 3)]
}

describe('the kiosk watch', () => {
  it('counts script errors, and remembers them without what is secret', async () => {
    const { watch, failing } = await start()
    await chromium.show(`${shop.origin}/errors`)
    expect(JSON.stringify(await failing('app.errors'))).not.toContain('secret')
    expect(watch.recentLog().at(-1)?.text).toMatch(/^script error: Error: broken till https:\/\/shop\.test\/x/)
    expect(JSON.stringify(watch.recentLog())).not.toContain('secret')
    expect(watch.recentLog().length).toBeLessThanOrEqual(100)
    expect(watch.metrics()['pageErrorsPerMinute']).toBeGreaterThanOrEqual(10)
  })

  it('counts failed requests, and remembers what the page says of itself', async () => {
    const { watch, failing } = await start()
    await chromium.show(`${shop.origin}/missing`)
    await failing('app.errors')
    const lines = watch.recentLog().map(({ text }) => text)
    expect(lines).toContain('console error: no paper')
    expect(lines.find(line => line.includes('404'))).toMatch(/^network error: .*\/gone\)$/)
  })

  it('mends a page that crashed: judged anew at once', async () => {
    const { watch, failing, stateOf } = await start()
    await chromium.show('chrome://crash')
    await failing('app.crashed')
    await watch.reloadPage()
    await watch.navigateHome()
    await waitFor('the page', async () => {
      await watch.lookNow()
      return stateOf('app.crashed')?.state === 'ok' && stateOf('screen.error-page')?.state === 'ok'
    })
    expect(chromium.isProcessThere()).toBe(true)
  })

  it('says in a sentence why it cannot', async () => {
    const none = watchKiosk({}, folder)
    const unreachable = watchKiosk({ devToolsUrl: 'http://127.0.0.1:1/' }, folder)
    const elsewhere = watchKiosk({ devToolsUrl: 'http://192.0.2.1/' }, folder)
    watched.push(none, unreachable, elsewhere)
    await expect(none.watch.reloadPage()).rejects.toThrow('names no devToolsUrl')
    await expect(none.watch.navigateHome()).rejects.toThrow('names no url')
    await expect(none.watch.restartApp()).rejects.toThrow('names no kiosk app')
    await expect(none.watch.lookNow()).rejects.toThrow('names no kiosk app')
    await expect(unreachable.watch.restartApp()).rejects.toThrow('names no startCommand')
    expect([await none.watch.takePicture(), await none.watch.isLocked(), none.watch.metrics(), none.events]).toEqual([null, false, {}, []])
    await unreachable.watch.lookNow()
    expect(unreachable.stateOf('app.crashed')?.text).toContain('nothing answers')
    await expect(unreachable.watch.reloadPage()).rejects.toThrow('cannot be reached: nothing answers')
    await elsewhere.watch.lookNow()
    expect(elsewhere.stateOf('app.crashed')?.text).toContain('must be an http address of this machine')
  })

  it('blackens masked zones in every picture it hands out', async () => {
    const { watch, pictures } = await start({ maskedZones: [{ x: 0, y: 0, width: 50, height: 20 }] })
    const taken = await watch.takePicture()
    const given = await waitFor('a picture', () => pictures[0])
    for (const picture of [taken, given]) {
      expect(picture?.png.length).toBeLessThanOrEqual(32 * 1024)
      const png = picture?.png ?? Buffer.alloc(0)
      expect([colorAt(png, 49, 19), colorAt(png, 1, 1)]).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ])
      expect([colorAt(png, 60, 10), colorAt(png, 10, 30)]).toEqual([
        [0, 68, 102],
        [0, 68, 102],
      ])
    }
    // the same screen is not handed out again
    expect(pictures.length).toBe(1)
  })

  it('takes no picture while a customer pays, but not for ever', async () => {
    const { watch, pictures } = await start({ lock: { file: lockFile, expression: 'window.paying', maxSeconds: 1 } })
    expect(await watch.isLocked()).toBe(false)
    writeFileSync(lockFile, '')
    expect([await watch.isLocked(), await watch.takePicture()]).toEqual([true, null])
    rmSync(lockFile)
    expect(await watch.isLocked()).toBe(false)
    await waitFor('the first picture', () => pictures.length === 1)
    await chromium.show(`${shop.origin}/paying`)
    await waitFor('the lock', () => watch.isLocked())
    expect([await watch.takePicture(), pictures.length]).toEqual([null, 1])
    await waitFor('the end of the lock', async () => !(await watch.isLocked()))
    expect(await watch.takePicture()).not.toBeNull()
  })

  it('an expression that is none, or throws, locks nothing', async () => {
    const { watch } = await start({ lock: { expression: 'nothing.of.this + (' } })
    expect(await watch.isLocked()).toBe(false)
  })

  it('tells a screen that stands still although it should change, and one that changes is well', async () => {
    const { watch, failing, well, events } = await start({ mustChange: { seconds: 15 } }, fastClock(4))
    expect((await failing('app.frozen', 20_000)).text).toMatch(/stands still for \d+ s, although it should change at least every 15 s/)
    await chromium.show(`${shop.origin}/clock`)
    await well('app.frozen')
    watch.setProfile(
      fillProfile({
        name: 'Kiosk',
        kioskApp: { devToolsUrl: chromium.devToolsUrl, url: `${shop.origin}/`, mustChange: { seconds: 15, selector: '#time' } },
      }),
    )
    const count = events.length
    const startedAtMs = performance.now()
    await waitFor('longer than it may stand still', () => performance.now() - startedAtMs > 5_000)
    expect(events.slice(count).filter(({ state }) => state === 'failing')).toEqual([])
    await chromium.show(`${shop.origin}/`)
    await failing('app.frozen')
  }, 60_000)

  it('does nothing when the profile names no app', async () => {
    const { watch, events } = await start()
    watch.setProfile(fillProfile({ name: 'Kiosk' }))
    expect(events.filter(({ state }) => state === 'failing')).toEqual([])
  })
})
