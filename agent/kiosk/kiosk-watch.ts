/** The watch over the kiosk's app and browser: does the customer see what they should? Does nothing when the profile names neither. */
import type { Logger } from 'pino'
import type { KioskApp, Profile } from '../../shared/profile.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import { every, type Clock } from '../platform/agent-clock.ts'
import { makeAppLock, type AppLock } from './app-lock.ts'
import type { Browser, BrowserState } from './browser.ts'
import { makeBrowserConnection } from './browser-connection.ts'
import { makeRecentLog, type LogLine } from './recent-log.ts'
import { makeScreenWatch, type ScreenPicture, type ScreenWatch } from './screen/screen-watch.ts'
import { makeSupervisor, type Supervisor } from './supervisor.ts'
import type { Metrics } from '../probes/machine-sample.ts'
import type { Roots } from '../probes/read-file.ts'
import { judgeKiosk, KIOSK_SIGNALS } from '../signals/kiosk-rules.ts'
import type { Report, WasFailing } from '../signals/reading.ts'

const FIRST_BEAT_MS = 50
/** A third of the other watches' beat, with which every third one falls together. With the 10 s a page has to answer, a freeze is told within 14 s. */
const BEAT_MS = 10_000 / 3
const HEAP_MS = 60_000
const MOMENT_MS = 300
const EXTRA_BEAT_MS = 1_000
/** A browser that starts does not answer yet; one that ended is told within this. */
const GONE_MS = 8_000
const START_MS = 20_000
const NOTHING_SEEN: BrowserState = {
  isRendererGone: false,
  isFrozen: false,
  hasDialog: false,
  page: null,
  watchedText: null,
  errorsPerMinute: 0,
  flooded: '',
}

export type KioskOptions = {
  roots: Roots
  clock: Clock
  log: Logger
  profile: Profile
  dataDir: string
  report: Report
  wasFailing: WasFailing
  /** Gets a picture (PNG, at most 32 KB) when the screen changed clearly, at most one a minute. */
  onPicture?: (picture: ScreenPicture) => void
}
export type KioskWatch = {
  start(): void
  /** Ends the watch; the app runs on. */
  stop(): void
  /** Watches what the new profile names, from now on. */
  setProfile(profile: Profile): void
  /** Loads the page anew. Rejects with a sentence when the browser cannot be told. */
  reloadPage(): Promise<void>
  /** Shows the app's own address. Rejects with a sentence. */
  navigateHome(): Promise<void>
  /** Ends and starts the app; answers when its process is there again. Rejects with a sentence. */
  restartApp(): Promise<void>
  /** Does the app hold its lock (a customer pays)? Not for longer than the lock may be held. */
  isLocked(): Promise<boolean>
  /** Asks the page and judges at once: did a remedy help? Rejects with a sentence when there is nothing to look at. */
  lookNow(): Promise<void>
  /** A picture of the screen; null while locked or when none can be had. */
  takePicture(): Promise<ScreenPicture | null>
  /** The last lines of the page's errors, its failed requests and the app's output, at most 100, oldest first; `at` is wall time in ms. */
  recentLog(): LogLine[]
  /** Figures of the moment that belong into a sample. */
  metrics(): Metrics
}

/** Makes the watch of one kiosk. */
export function makeKioskWatch({ roots, clock, log, profile, dataDir, report, wasFailing, onPicture }: KioskOptions): KioskWatch {
  const recent = makeRecentLog()
  const connection = makeBrowserConnection({ clock, log: recent, onChange: () => judge(), onNavigated: beatSoon })
  let app: KioskApp = profile.kioskApp
  let supervisor: Supervisor | null = null
  let lock: AppLock = makeAppLock(clock, app.lock, isTrue)
  let screen: ScreenWatch = makeScreen()
  let heapAtMs = -Infinity
  let heapBytes: number | null = null
  let cancels: (() => void)[] = []
  let cancelSoon: (() => void) | null = null
  let soonAtMs = -Infinity
  let openAsks = 0
  /** Counts starts: what an older one still waits for no longer counts. */
  let run = 0

  function isTrue(expression: string): Promise<boolean> {
    const browser = connection.browser()
    return browser ? browser.isTrue(expression) : Promise.reject(new Error('no browser'))
  }

  function makeScreen(): ScreenWatch {
    return makeScreenWatch({ roots, clock, app, lock, environment: process.env, onPicture })
  }

  function judge(isUrgent = false): void {
    if (!supervisor || supervisor.isBusy()) return
    const { isRunning, pid: _pid, ...facts } = supervisor.facts()
    const browser = connection.browser()
    // a browser that answers runs, whoever started it
    const isProcessRunning = app.match === undefined && browser ? null : isRunning
    const fault = connection.fault()
    const isStarting = facts.startedForMs !== null && facts.startedForMs < START_MS
    // an app that was started a moment ago does not answer yet, however urgent the question
    const isGone = fault !== null && !isStarting && (isUrgent || fault.forMs >= GONE_MS)
    if (!browser && !isGone && app.devToolsUrl !== undefined && isRunning !== false) return
    const state = browser?.state() ?? NOTHING_SEEN
    const linkFault = browser ? '' : isGone ? fault.text : ''
    report(judgeKiosk({ ...state, ...facts, ...screen.view(), isProcessRunning, linkFault }, app, wasFailing))
  }

  /** Looks at the screen when it is due. Without a browser in the profile at the whole of it. */
  async function look(browser: Browser | null, isUrgent: boolean): Promise<void> {
    const mine = run
    const hasLooked = await screen.look(browser, () => supervisor?.facts().pid ?? null, isUrgent)
    if (mine === run && hasLooked) judge()
  }

  /** Asks the page; what is due besides follows its answer. */
  async function ask(browser: Browser, isUrgent = false): Promise<void> {
    const mine = run
    openAsks++
    await browser.beat().finally(() => openAsks--)
    const nowMs = clock.monotonicMs()
    if (mine !== run || browser !== connection.browser()) return
    screen.takeText(browser.state().watchedText)
    judge()
    await look(browser, isUrgent)
    if (nowMs - heapAtMs >= HEAP_MS) {
      heapAtMs = nowMs
      const bytes = await browser.heapBytes()
      if (mine === run) heapBytes = bytes ?? heapBytes
    }
  }

  /** The page changed: looked at in a moment, but not more often than once a second however often it changes. */
  function beatSoon(): void {
    if (cancelSoon) return
    cancelSoon = clock.after(Math.max(MOMENT_MS, soonAtMs + EXTRA_BEAT_MS - clock.monotonicMs()), () => {
      cancelSoon = null
      soonAtMs = clock.monotonicMs()
      const browser = connection.browser()
      if (browser) void ask(browser)
    })
  }

  function beat(): void {
    const mine = run
    const browser = connection.browser()
    supervisor?.keepRunning(browser !== null)
    // not waited for: a frozen page must not keep the other questions from being asked
    const isAnswering = openAsks === 0
    if (browser) void ask(browser)
    else if (app.devToolsUrl === undefined) void look(null, false)
    else void connection.ensure(false).then(() => mine === run && connection.browser() && beatSoon())
    // a page that answers is judged by its answer
    if (!browser || !isAnswering) judge()
  }

  /** Signals that take a browser to be seen. */
  function unseen(): AgentSignal[] {
    return KIOSK_SIGNALS.filter(key => key === 'app.errors' || key === 'screen.error-page' || (key === 'app.frozen' && !app.mustChange))
  }

  function start(): void {
    if (app.devToolsUrl === undefined) for (const family of unseen()) report([], family)
    const isWatched = app.devToolsUrl !== undefined || app.match !== undefined || app.startCommand !== undefined
    if (!isWatched) {
      for (const family of KIOSK_SIGNALS) report([], family)
      return
    }
    supervisor = makeSupervisor({
      roots,
      clock,
      log,
      dataDir,
      app,
      recentLog: recent,
      onStart: () => connection.hurry(START_MS),
      onExit: () => judge(),
    })
    if (app.devToolsUrl !== undefined) connection.open(app.devToolsUrl, app.mustChange?.selector)
    let isFirst = true
    const nextMs = () => {
      const wait = isFirst ? FIRST_BEAT_MS : BEAT_MS - (clock.monotonicMs() % BEAT_MS)
      isFirst = false
      return wait
    }
    cancels.push(every(clock, nextMs, beat))
  }

  function stop(): void {
    run++
    for (const cancel of cancels.splice(0)) cancel()
    cancelSoon?.()
    cancelSoon = null
    connection.close()
    supervisor?.stop()
    supervisor = null
  }

  function pageOf(): Browser {
    const browser = connection.browser()
    if (browser) return browser
    if (app.devToolsUrl === undefined) throw new Error('The profile names no devToolsUrl: the browser cannot be told anything')
    throw new Error(`The browser of the kiosk cannot be reached: ${connection.fault()?.text ?? 'it was not tried yet'}`)
  }

  return {
    start,
    stop,
    setProfile(next) {
      stop()
      app = next.kioskApp
      lock = makeAppLock(clock, app.lock, isTrue)
      screen = makeScreen()
      heapAtMs = -Infinity
      heapBytes = null
      start()
    },
    reloadPage: async () => await pageOf().reload(),
    async navigateHome() {
      if (app.url === undefined) throw new Error('The profile names no url of the kiosk app')
      await pageOf().navigate(app.url)
    },
    async restartApp() {
      if (!supervisor) throw new Error('The profile names no kiosk app')
      await supervisor.restart()
    },
    isLocked: () => lock.isLocked(),
    async lookNow() {
      if (!supervisor) throw new Error('The profile names no kiosk app')
      await connection.ensure(true)
      // what was asked before a remedy says nothing of it
      await connection.browser()?.beat(true)
      const browser = connection.browser()
      if (browser) await ask(browser, true)
      else if (app.devToolsUrl === undefined) await look(null, true)
      judge(true)
    },
    takePicture: async () => (supervisor ? screen.take(connection.browser(), supervisor.facts().pid) : null),
    recentLog() {
      supervisor?.readOutput()
      return recent.lines()
    },
    metrics() {
      const browser = connection.browser()
      if (!browser) return {}
      return { pageErrorsPerMinute: browser.state().errorsPerMinute, ...(heapBytes !== null && { pageMemoryBytes: heapBytes }) }
    },
  }
}
