import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureScreen, findSession } from '../../../agent/kiosk/screen/screen-capture.ts'
import { decodePng } from '../../../agent/kiosk/screen/png.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { waitFor } from '../wait-for.ts'
import { startChromium, type Chromium } from './chromium.ts'
import { openShop, type Shop } from './shop.ts'
import { fastClock, watchKiosk } from './watched-kiosk.ts'

const SIZE = '1280x720'
const folder = mkdtempSync(join(tmpdir(), 'kk-screen-'))
let server: ChildProcess
let display = ''
let shop: Shop
let chromium: Chromium

async function startServer(): Promise<{ child: ChildProcess; name: string }> {
  const child = spawn('/usr/bin/Xvfb', ['-displayfd', '3', '-screen', '0', `${SIZE}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [number] = (await once(child.stdio[3] as Readable, 'data')) as [Buffer]
  return { child, name: `:${number.toString().trim()}` }
}
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

beforeAll(async () => {
  shop = await openShop()
  ;({ child: server, name: display } = await startServer())
  chromium = await startChromium({ name: display, size: SIZE })
  await chromium.show(`${shop.origin}/`)
})
afterAll(async () => {
  await chromium.stop()
  await end(server)
  shop.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a picture of the whole screen', () => {
  it.each(['maim', 'scrot', 'import'])('is taken by %s', async program => {
    const only = join(folder, program)
    mkdirSync(only)
    symlinkSync(`/usr/bin/${program}`, join(only, program))
    await waitFor('the shop on the screen', async () => {
      const sample = await captureScreen({ DISPLAY: display }, 64, [only])
      return sample?.screenWidth === 1280 && sample.screenHeight === 720 && [...sample.picture.pixels.subarray(0, 3)].join() === '0,68,102'
    })
    const { picture } = (await captureScreen({ DISPLAY: display }, 64, [only])) ?? {}
    expect([picture?.width, picture?.height, ...(picture?.pixels.subarray(-3) ?? [])]).toEqual([64, 36, 255, 255, 255])
  })

  it('is none where there is no screen, no program, or one that fails or never ends', async () => {
    const broken = join(folder, 'broken')
    mkdirSync(broken)
    for (const [name, body] of [
      ['maim', 'echo P6 nonsense; exit 0'],
      ['scrot', 'exit 1'],
      ['import', 'cat /dev/zero'],
    ] as const)
      writeFileSync(join(broken, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    expect(await captureScreen({ DISPLAY: ':9999' }, 64)).toBeNull()
    expect(await captureScreen({ DISPLAY: display }, 64, [folder])).toBeNull()
    expect(await captureScreen({ DISPLAY: display }, 64, [broken])).toBeNull()
    expect(findSession(MACHINE_ROOTS, process.pid, {})).toBeNull()
  })

  it('is found by the session of the app', async () => {
    const app = spawn('/bin/sleep', ['300'], { env: { DISPLAY: ':7', XAUTHORITY: '/run/key', SECRET: 'x' } })
    await once(app, 'spawn')
    await waitFor('its variables', () => findSession(MACHINE_ROOTS, app.pid ?? 0, {}))
    expect(findSession(MACHINE_ROOTS, app.pid ?? 0, { DISPLAY: ':1' })).toEqual({ DISPLAY: ':7', XAUTHORITY: '/run/key' })
    expect(findSession(MACHINE_ROOTS, null, { DISPLAY: ':1', PATH: '/bin' })).toEqual({ DISPLAY: ':1' })
    await end(app)
  })
})

describe('a kiosk watched on its screen', () => {
  it('is told when a dialog or the desktop covers the full-screen browser', async () => {
    const { watch, stateOf, events } = watchKiosk(
      { devToolsUrl: chromium.devToolsUrl, match: chromium.match, url: `${shop.origin}/` },
      folder,
    )
    const state = async () => {
      await watch.lookNow()
      return stateOf('screen.error-page')?.state
    }
    try {
      await waitFor('the page', async () => (await state()) === 'ok')
      expect(events.filter(event => event.state === 'failing')).toEqual([])
      const dialog = spawn('/usr/bin/display', ['-geometry', '700x450+250+100', '-size', '700x450', 'xc:#dddddd'], {
        stdio: 'ignore',
        env: { ...process.env, DISPLAY: display },
      })
      try {
        await waitFor('the dialog to be told', async () => (await state()) === 'failing', 30_000)
        expect(stateOf('screen.error-page')?.text).toBe('Something covers the kiosk: the desktop or a system dialog')
      } finally {
        await end(dialog)
      }
      await waitFor('the kiosk to be seen again', async () => (await state()) === 'ok', 30_000)
    } finally {
      watch.stop()
    }
  }, 90_000)

  it('looks without shrinking the page before the customer for a moment', async () => {
    const { watch, well } = watchKiosk({ devToolsUrl: chromium.devToolsUrl }, folder)
    try {
      await well('screen.error-page')
      const seen = new Set<string>()
      for (let round = 0; round < 20; round++) {
        const [picture, sample] = await Promise.all([watch.takePicture(), captureScreen({ DISPLAY: display }, 64)])
        expect(picture).not.toBeNull()
        seen.add(String(sample?.picture.pixels.subarray(0, 64 * 3)))
      }
      expect(seen.size).toBe(1)
    } finally {
      watch.stop()
    }
  })

  it('without DevTools is looked at from outside: masked, and told when it is one colour', async () => {
    const blank = await startServer()
    const app = spawn('/bin/sleep', ['299.25'], { env: { DISPLAY: blank.name } })
    const seen = watchKiosk({ match: chromium.match, maskedZones: [{ x: 0, y: 0, width: 10, height: 10 }] }, folder, fastClock(10))
    const empty = watchKiosk({ match: 'sleep 299.25' }, folder, fastClock(10))
    try {
      const { png } = await waitFor('a picture', () => seen.watch.takePicture())
      const pixels = decodePng(png)?.pixels
      expect([...(pixels?.subarray(0, 3) ?? []), ...(pixels?.subarray(320 * 3 * 20, 320 * 3 * 20 + 3) ?? [])]).toEqual([
        0, 0, 0, 0, 68, 102,
      ])
      await seen.well('screen.blank')
      expect((await empty.failing('screen.blank', 30_000)).text).toContain('#000000, 100 %')
      expect(seen.stateOf('screen.blank')?.state).toBe('ok')
      expect(seen.pictures.length).toBeGreaterThanOrEqual(1)
    } finally {
      seen.watch.stop()
      empty.watch.stop()
      await end(app)
      await end(blank.child)
    }
  })
})
