/** Keeps one connection to the kiosk's browser: connects, again and again with growing waits, quickly right after the app was started. */
import type { Clock } from '../platform/agent-clock.ts'
import type { Browser } from './browser.ts'
import type { RecentLog } from './recent-log.ts'

const RETRY_MS = 5_000
const MAX_RETRY_MS = 30_000
const QUICK_RETRY_MS = 1_000
/** After a message too large the next connections listen to as little as they can. */
const QUIET_MS = 60_000

type ConnectionOptions = {
  clock: Clock
  log: RecentLog
  onChange(): void
  onNavigated(): void
}
export type BrowserConnection = {
  /** From now on to this address; nothing is connected until `ensure`. */
  open(devToolsUrl: string, selector: string | undefined): void
  /** Connects when there is no connection and a try is due; with `isUrgent` at once. Rejects never. */
  ensure(isUrgent: boolean): Promise<void>
  /** The app was just started: tries come quickly until `forMs` have passed. */
  hurry(forMs: number): void
  browser(): Browser | null
  /** Why the browser cannot be asked and for how long, ms; null while it can or was never tried. */
  fault(): { text: string; forMs: number } | null
  close(): void
}

/** Makes a connection that is closed. */
export function makeBrowserConnection({ clock, log, onChange, onNavigated }: ConnectionOptions): BrowserConnection {
  let target: { devToolsUrl: string; selector: string | undefined } | null = null
  let browser: Browser | null = null
  let connecting: Promise<void> | null = null
  let fault: { text: string; sinceMs: number } | null = null
  let failures = 0
  let triedAtMs = -Infinity
  let hurryUntilMs = -Infinity
  let quietUntilMs = -Infinity
  let cancelRetry = () => {}
  /** Counts what is connected to: what an older one still waits for no longer counts. */
  let run = 0

  const waitMs = () =>
    clock.monotonicMs() < hurryUntilMs ? QUICK_RETRY_MS : Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10))
  const isDue = () => clock.monotonicMs() - triedAtMs >= (failures === 0 ? 0 : waitMs())

  function lose(isFlood: boolean): void {
    browser = null
    const nowMs = clock.monotonicMs()
    fault = { text: 'its connection ended', sinceMs: nowMs }
    failures = 1
    triedAtMs = nowMs
    if (isFlood) quietUntilMs = nowMs + QUIET_MS
    onChange()
  }

  async function connect(devToolsUrl: string, selector: string | undefined): Promise<void> {
    const mine = run
    triedAtMs = clock.monotonicMs()
    try {
      const { openBrowser } = await import('./browser.ts')
      const opened = await openBrowser({
        devToolsUrl,
        selector,
        clock,
        log,
        isQuiet: clock.monotonicMs() < quietUntilMs,
        onChange: () => mine === run && onChange(),
        onNavigated: () => mine === run && onNavigated(),
        onClose: isFlood => mine === run && lose(isFlood),
      })
      if (mine !== run) return opened.close()
      browser = opened
      fault = null
      failures = 0
    } catch (error) {
      if (mine !== run) return
      failures++
      fault = { text: (error as Error).message, sinceMs: fault?.sinceMs ?? clock.monotonicMs() }
      if (clock.monotonicMs() < hurryUntilMs) retryQuickly()
    }
  }

  function retryQuickly(): void {
    cancelRetry()
    cancelRetry = clock.after(QUICK_RETRY_MS, () => void ensure(true).then(() => browser && onNavigated()))
  }

  async function ensure(isUrgent: boolean): Promise<void> {
    if (!target || browser) return
    if (!connecting && !isUrgent && !isDue()) return
    const mine = run
    connecting ??= connect(target.devToolsUrl, target.selector).finally(() => {
      if (mine === run) connecting = null
    })
    await connecting
  }

  function close(): void {
    run++
    cancelRetry()
    browser?.close()
    browser = null
    connecting = null
    target = null
    fault = null
    failures = 0
    triedAtMs = -Infinity
  }

  return {
    open(devToolsUrl, selector) {
      close()
      target = { devToolsUrl, selector }
    },
    ensure,
    hurry(forMs) {
      hurryUntilMs = clock.monotonicMs() + forMs
      if (target && !browser) retryQuickly()
    },
    browser: () => browser,
    fault: () => fault && { text: fault.text, forMs: clock.monotonicMs() - fault.sinceMs },
    close,
  }
}
