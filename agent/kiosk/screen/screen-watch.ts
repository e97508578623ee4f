/** Looks at the screen: one colour, standing still, covered by something else. Hands out pictures in which masked zones are black. */
import { join } from 'node:path'
import type { KioskApp } from '../../../shared/profile.ts'
import type { Clock } from '../../platform/agent-clock.ts'
import { readText, type Roots } from '../../probes/read-file.ts'
import type { AppLock } from '../app-lock.ts'
import type { Browser } from '../browser.ts'
import { cropPicture, isAlike, maskZones, packPicture } from './picture.ts'
import type { Picture } from './png.ts'
import { captureScreen, findSession } from './screen-capture.ts'
import { makeScreenMemory, type ScreenFacts } from './screen-memory.ts'
import { makeStandstill, type Standstill } from './standstill.ts'

const LOOK_MS = 14_000
/** A picture of the whole screen costs a child process. */
const SCREEN_MS = 60_000
const AGAIN_MS = 1_500
const LOOK_SIDE = 96
const PICTURE_SIDE = 320
const MAX_PICTURE_BYTES = 32 * 1024
const PICTURE_EVERY_MS = 60_000

/** A small picture of the screen as PNG, at most 32 KB, masked zones black. `atMs` is wall time. */
export type ScreenPicture = { png: Buffer; atMs: number }
export type ScreenView = {
  picture: ScreenFacts | null
  standstill: Standstill | null
  /** The screen shows something else than the browser does. */
  isCovered: boolean
}
export type ScreenWatch = {
  /** Looks when it is time, with `isUrgent` at once; answers whether it did. `browser` is null when the profile names none. `pidOf` tells the app's. Rejects never. */
  look(browser: Browser | null, pidOf: () => number | null, isUrgent: boolean): Promise<boolean>
  view(): ScreenView
  /** The text of the element that must change, as the page just said it. */
  takeText(text: string | null): void
  /** A picture now; null while locked or when none can be had. */
  take(browser: Browser | null, pid: number | null): Promise<ScreenPicture | null>
}
export type ScreenOptions = {
  roots: Roots
  clock: Clock
  app: KioskApp
  lock: AppLock
  environment: NodeJS.ProcessEnv
  onPicture: ((picture: ScreenPicture) => void) | undefined
}

/** Makes the watch over one screen. */
export function makeScreenWatch({ roots, clock, app, lock, environment, onPicture }: ScreenOptions): ScreenWatch {
  const region = app.mustChange?.region
  const masked = app.maskedZones ?? []
  const memory = makeScreenMemory()
  const standstill = makeStandstill(app.mustChange)
  const lookMs = Math.min(LOOK_MS, (app.mustChange?.seconds ?? Infinity) * 500)
  let lookedAtMs = -Infinity
  let comparedAtMs = -Infinity
  let handedAtMs = -Infinity
  let isCovered = false
  let isLooking = false

  async function pictureOf(browser: Browser | null, pid: number | null, side: number): Promise<Picture | null> {
    if (browser) return browser.capture(side, masked)
    const session = findSession(roots, pid, environment)
    const sample = session && (await captureScreen(session, side))
    return sample && maskZones(sample.picture, masked)
  }

  /** Is what the browser draws also what the screen shows? Null when that cannot be compared. */
  async function isShown(browser: Browser, pid: number | null): Promise<boolean | null> {
    const isHeadless = pid !== null && readText(join(roots.proc, String(pid), 'cmdline'))?.includes('--headless')
    const session = isHeadless ? null : findSession(roots, pid, environment)
    const size = browser.fullScreenSize()
    if (!session || !size) return null
    const before = await browser.capture(LOOK_SIDE, masked)
    const sample = await captureScreen(session, LOOK_SIDE)
    const after = await browser.capture(LOOK_SIDE, masked)
    // what moves may differ without being covered
    if (!before || !sample || !after || !isAlike(before, after)) return null
    if (Math.abs(sample.screenWidth - size.width) > 1 || Math.abs(sample.screenHeight - size.height) > 1) return null
    return isAlike(after, maskZones(sample.picture, masked))
  }

  async function compare(browser: Browser, pid: number | null): Promise<void> {
    comparedAtMs = clock.monotonicMs()
    let isSame = await isShown(browser, pid)
    if (isSame === false) {
      await new Promise<void>(resolve => clock.after(AGAIN_MS, resolve))
      isSame = await isShown(browser, pid)
    }
    if (isSame !== null) isCovered = !isSame
  }

  async function hand(browser: Browser | null, pid: number | null): Promise<void> {
    if (!onPicture || clock.monotonicMs() - handedAtMs < PICTURE_EVERY_MS) return
    handedAtMs = clock.monotonicMs()
    const atMs = clock.wallMs()
    const picture = await pictureOf(browser, pid, PICTURE_SIDE)
    // a customer may have begun to pay meanwhile
    if (picture && !(await lock.isLocked())) onPicture({ png: packPicture(picture, MAX_PICTURE_BYTES), atMs })
  }

  async function lookOnce(browser: Browser | null, pid: number | null, isUrgent: boolean): Promise<void> {
    if (await lock.isLocked()) {
      memory.forget()
      standstill.forget()
      return
    }
    const picture = await pictureOf(browser, pid, region ? PICTURE_SIDE : LOOK_SIDE)
    const nowMs = clock.monotonicMs()
    const isClear = picture !== null && memory.take(picture, nowMs)
    const part = picture && region ? cropPicture(picture, region) : picture
    if (part) standstill.takePicture(part, nowMs)
    if (isClear) await hand(browser, pid)
    if (browser && (isUrgent || isCovered || nowMs - comparedAtMs >= SCREEN_MS)) await compare(browser, pid)
  }

  return {
    async look(browser, pidOf, isUrgent) {
      const nowMs = clock.monotonicMs()
      if (isLooking || (!isUrgent && nowMs - lookedAtMs < (browser ? lookMs : SCREEN_MS))) return false
      lookedAtMs = nowMs
      isLooking = true
      try {
        await lookOnce(browser, pidOf(), isUrgent)
      } finally {
        isLooking = false
      }
      return true
    },
    view: () => ({ picture: memory.facts(clock.monotonicMs()), standstill: standstill.facts(), isCovered }),
    takeText: text => standstill.takeText(text, clock.monotonicMs()),
    async take(browser, pid) {
      if (await lock.isLocked()) return null
      const atMs = clock.wallMs()
      // a page that crashed draws no picture, but its window is still on the screen
      const picture = (await pictureOf(browser, pid, PICTURE_SIDE)) ?? (browser && (await pictureOf(null, pid, PICTURE_SIDE)))
      return picture && !(await lock.isLocked()) ? { png: packPicture(picture, MAX_PICTURE_BYTES), atMs } : null
    },
  }
}
