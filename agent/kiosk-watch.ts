/** The watch over the kiosk's browser: does the customer see what they should? Does nothing when the profile names no browser. */
import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import type { KioskApp, Profile } from '../shared/profile.ts'
import type { Clock } from './clock.ts'
import type { Browser, BrowserState } from './kiosk/browser.ts'
import { makeProcessWatch } from './probes/processes.ts'
import type { Roots } from './probes/read-file.ts'
import { makeRhythms } from './rhythm.ts'
import { judgeKiosk, KIOSK_SIGNALS } from './signals/kiosk-rules.ts'
import type { Reading, WasFailing } from './signals/reading.ts'

const FIRST_BEAT_MS = 50
const BEAT_MS = 5_000
const PICTURE_MS = 14_000
/** A browser that starts does not answer yet; one that ended is told within this. */
const GONE_MS = 8_000
/** After a message too large the next connections listen to as little as they can. */
const QUIET_MS = 60_000
const LOCK_SECONDS = 600
const NOTHING_SEEN: BrowserState = {
  isRendererGone: false,
  isFrozen: false,
  hasDialog: false,
  page: null,
  errorsPerMinute: 0,
  flooded: '',
  picture: null,
}

export type KioskOptions = {
  roots: Roots
  clock: Clock
  log: Logger
  profile: Profile
  /** Hands readings to the board; with a family they are all there is of that signal. */
  report: (readings: Reading[], family?: string) => void
  wasFailing: WasFailing
}
export type KioskWatch = {
  start(): void
  stop(): void
  /** Watches what the new profile names, from now on. */
  setProfile(profile: Profile): void
}

/** Makes the watch of one kiosk. */
export function makeKioskWatch({ roots, clock, log, profile, report, wasFailing }: KioskOptions): KioskWatch {
  const { repeat, stop: stopRhythms } = makeRhythms(clock, log)
  let app: KioskApp = profile.kioskApp
  let processes = makeProcessWatch(roots, process.pid)
  let browser: Browser | null = null
  let isConnecting = false
  let linkFault = ''
  let lostAtMs = -Infinity
  let quietUntilMs = -Infinity
  let pictureAtMs = -Infinity
  let lockedSinceMs: number | null = null
  /** Counts starts: what an older one still waits for no longer counts. */
  let run = 0

  function judge(): void {
    const states = app.match === undefined ? null : processes.check([{ name: 'app', match: app.match }])
    const isProcessRunning = states === null ? null : (states[0]?.running ?? null) !== null
    const isKnown = browser !== null || (linkFault !== '' && clock.monotonicMs() - lostAtMs >= GONE_MS)
    if (!isKnown && isProcessRunning !== false) return
    const state = browser?.state() ?? NOTHING_SEEN
    report(judgeKiosk({ ...state, isProcessRunning, linkFault: browser ? '' : linkFault }, app, wasFailing))
  }

  async function connect(devToolsUrl: string, mine: number): Promise<void> {
    isConnecting = true
    try {
      const { openBrowser } = await import('./kiosk/browser.ts')
      const lost = (isFlood: boolean) => {
        if (mine !== run) return
        browser = null
        linkFault = 'its connection ended'
        lostAtMs = clock.monotonicMs()
        if (isFlood) quietUntilMs = lostAtMs + QUIET_MS
      }
      const change = () => mine === run && judge()
      const opened = await openBrowser(devToolsUrl, clock, change, lost, clock.monotonicMs() < quietUntilMs)
      if (mine === run) browser = opened
      else opened.close()
    } catch (error) {
      if (mine !== run) return
      if (linkFault === '') lostAtMs = clock.monotonicMs()
      linkFault = (error as Error).message
    } finally {
      if (mine === run) isConnecting = false
    }
  }

  /** May a picture be taken? Not while a customer pays, but a lock that is never given back does not count for ever. */
  function mayLook(isExpressionTrue: boolean): boolean {
    const isHeld = isExpressionTrue || (app.lock?.file !== undefined && existsSync(app.lock.file))
    lockedSinceMs = isHeld ? (lockedSinceMs ?? clock.monotonicMs()) : null
    return lockedSinceMs === null || clock.monotonicMs() - lockedSinceMs > (app.lock?.maxSeconds ?? LOCK_SECONDS) * 1000
  }

  async function beat(devToolsUrl: string): Promise<void> {
    const mine = run
    if (!browser && !isConnecting) await connect(devToolsUrl, mine)
    if (mine !== run) return
    const asked = browser
    // not waited for: a frozen page must not keep the other questions from being asked
    void asked?.beat().then(async () => {
      if (mine !== run || asked !== browser) return
      linkFault = ''
      if (clock.monotonicMs() - pictureAtMs >= PICTURE_MS) {
        pictureAtMs = clock.monotonicMs()
        await asked.look(app.lock?.expression, mayLook)
      }
      if (mine === run) judge()
    })
    if (!asked) judge()
  }

  function start(): void {
    const { devToolsUrl } = app
    if (devToolsUrl === undefined) for (const family of KIOSK_SIGNALS) report([], family)
    else
      repeat(
        'kiosk',
        FIRST_BEAT_MS,
        () => BEAT_MS,
        () => beat(devToolsUrl),
      )
  }

  function stop(): void {
    run++
    stopRhythms()
    browser?.close()
    browser = null
    isConnecting = false
  }

  return {
    start,
    stop,
    setProfile(next) {
      stop()
      app = next.kioskApp
      processes = makeProcessWatch(roots, process.pid)
      linkFault = ''
      lockedSinceMs = null
      pictureAtMs = -Infinity
      start()
    },
  }
}
