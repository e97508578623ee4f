/** The kiosk's browser, as it is now: its page, whether script answers, whether the renderer lives, what failed in the last minute; and what it can be told to do. */
import type { Zone } from '../../shared/profile.ts'
import type { Clock } from '../platform/agent-clock.ts'
import type { PageState } from '../signals/kiosk-rules.ts'
import { MUTE_MS, openLink, type DevToolsEvent, type Link } from './link.ts'
import { heartbeatOf, readPageFacts, type PageFacts } from './page-facts.ts'
import { readFault } from './page-faults.ts'
import { maskZones } from './screen/picture.ts'
import { decodePng, type Picture } from './screen/png.ts'
import type { RecentLog } from './recent-log.ts'
import { MINUTE_MS } from '../../shared/units.ts'

const ANSWER_MS = 10_000
const LOCK_ANSWER_MS = 2_000
const FRAME_MS = 3_000
const MAX_KEPT_ERRORS = 100
const MAX_TARGETS = 16
/** What is listened to besides crashes, unless a page floods it. */
const DOMAINS = ['Page', 'Runtime', 'Log']

/** Without a window manager a full-screen window may leave a pixel or two at its edge. */
const EDGE = 2

type Target = { sessionId: string; isRendererGone: boolean; dialogs: number }
export type Browser = {
  /** Asks the page; at most one question is open, and who asks meanwhile gets its answer. Rejects never. With `isOpenOnly` only waits for an open one. */
  beat(isOpenOnly?: boolean): Promise<void>
  /** Is an expression true on the page? Rejects when the page does not answer. */
  isTrue(expression: string): Promise<boolean>
  /** A picture of the page as the screen shows it, no side longer than `maxSide` pixels, zones black; also of a frozen page. The very picture of the last time when nothing changed. Null when none can be had now. */
  capture(maxSide: number, masked: readonly Zone[]): Promise<Picture | null>
  /** Size of the screen in its own pixels, when the page fills it; else null. */
  fullScreenSize(): { width: number; height: number } | null
  /** Memory the scripts of the page use, bytes; null when the page does not say. */
  heapBytes(): Promise<number | null>
  /** Loads the page anew, past the cache. Rejects with a sentence. */
  reload(): Promise<void>
  /** Shows an address. Rejects with a sentence. */
  navigate(url: string): Promise<void>
  state(): BrowserState
  close(): void
}
export type BrowserState = {
  isRendererGone: boolean
  isFrozen: boolean
  hasDialog: boolean
  page: PageState | null
  /** Text of the element that must change; null when there is none. */
  watchedText: string | null
  errorsPerMinute: number
  flooded: string
}
export type BrowserOptions = {
  devToolsUrl: string
  clock: Clock
  /** After a flood: listens to crashes alone. */
  isQuiet: boolean
  /** Element whose text the heartbeat reads. */
  selector: string | undefined
  log: RecentLog
  /** A crash, a dialog, a flood: worth a judgement at once. */
  onChange(): void
  /** The page shows another document. */
  onNavigated(): void
  onClose(isFlood: boolean): void
}

/** Connects to the browser and its pages; rejects with a sentence. */
export async function openBrowser(options: BrowserOptions): Promise<Browser> {
  const { clock, isQuiet, log, onChange } = options
  const targets: Target[] = []
  const muted = new Map<string, () => void>()
  const heartbeat = heartbeatOf(options.selector)
  let link: Link | null = null
  let page: PageFacts | null = null
  let asking: Promise<void> | null = null
  let isFrozen = false
  let captures: Promise<unknown> = Promise.resolve()
  let onFrame: ((data: unknown) => void) | null = null
  let lastFrame: { data: string; masked: readonly Zone[]; picture: Picture } | null = null
  let errors: number[] = []
  /** Commands whose refusal says nothing: the page may be gone by now. */
  const tell = (method: string, sessionId: string, params = {}) => void link?.send(method, params, sessionId).catch(() => {})

  function attach(sessionId: string): void {
    if (sessionId === '' || targets.length >= MAX_TARGETS) return
    targets.push({ sessionId, isRendererGone: false, dialogs: 0 })
    for (const domain of ['Inspector', ...(isQuiet ? [] : DOMAINS)]) if (!muted.has(domain)) tell(`${domain}.enable`, sessionId)
  }

  function onEvent({ method, params, sessionId }: DevToolsEvent): void {
    if (method === 'Target.attachedToTarget') attach(String(params['sessionId']))
    const index = targets.findIndex(item => item.sessionId === (method === 'Target.detachedFromTarget' ? params['sessionId'] : sessionId))
    const target = targets[index]
    if (!target) return
    if (method === 'Page.screencastFrame') {
      tell('Page.screencastFrameAck', sessionId, { sessionId: params['sessionId'] })
      if (index === 0) onFrame?.(params['data'])
      return
    }
    if (method === 'Target.detachedFromTarget') targets.splice(index, 1)
    else if (method === 'Inspector.targetCrashed') target.isRendererGone = true
    else if (method === 'Inspector.targetReloadedAfterCrash') target.isRendererGone = false
    else if (method === 'Page.javascriptDialogClosed') target.dialogs = 0
    else if (method === 'Page.javascriptDialogOpening') {
      // without a window nobody can answer it, and the page would wait for ever
      if (params['hasBrowserHandler'] === true) target.dialogs = 1
      else tell('Page.handleJavaScriptDialog', sessionId, { accept: false })
    } else if (method === 'Page.frameNavigated') {
      if (index === 0 && (params['frame'] as { parentId?: unknown } | undefined)?.parentId === undefined) options.onNavigated()
      return
    } else {
      const fault = readFault(method, params)
      // a browser tells again what was before we came
      if (!fault || clock.wallMs() - fault.atMs > MINUTE_MS) return
      if (fault.isCounted) errors = [...errors.slice(1 - MAX_KEPT_ERRORS), clock.monotonicMs()]
      log.add(clock.wallMs(), fault.text)
      return
    }
    onChange()
  }

  function onFlood(domain: string): void {
    const isEnabled = DOMAINS.includes(domain)
    if (isEnabled) for (const { sessionId } of targets) tell(`${domain}.disable`, sessionId)
    const cancel = clock.after(MUTE_MS, () => {
      muted.delete(domain)
      link?.unmute(domain)
      if (isEnabled) for (const { sessionId } of targets) tell(`${domain}.enable`, sessionId)
    })
    muted.set(domain, cancel)
    onChange()
  }

  function close(): void {
    for (const cancel of muted.values()) cancel()
    link?.close()
  }

  const onClose = (isFlood: boolean) => (close(), options.onClose(isFlood))
  const opened = await openLink({ devToolsUrl: options.devToolsUrl, clock, onEvent, onFlood, onClose })
  link = opened
  try {
    await opened.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: true,
      filter: [{ type: 'page' }],
    })
  } catch (error) {
    close()
    throw error
  }
  const evaluate = (expression: string, sessionId: string, limitMs: number) =>
    opened.send('Runtime.evaluate', { expression, returnByValue: true, silent: true }, sessionId, limitMs)
  /** Tells the page to show something; a page whose script runs for ever is stopped first. */
  async function show(method: string, params: object): Promise<void> {
    const target = targets[0]
    if (!target) throw new Error('The browser has no page')
    if (isFrozen) tell('Runtime.terminateExecution', target.sessionId)
    if (target.dialogs > 0) tell('Page.handleJavaScriptDialog', target.sessionId, { accept: false })
    try {
      await opened.send(method, params, target.sessionId)
    } catch (error) {
      throw new Error(`The browser did not do it: ${(error as Error).message}`, { cause: error })
    }
  }

  /** One frame of a screencast. A screenshot of a small size would shrink the page before the customer's eyes for a moment. */
  async function captureFrame(maxSide: number, masked: readonly Zone[]): Promise<Picture | null> {
    const target = targets[0]
    if (!target || target.isRendererGone || isQuiet || muted.has('Page')) return null
    const shape = { format: 'png', maxWidth: maxSide, maxHeight: maxSide, everyNthFrame: 1 }
    const data = await new Promise<unknown>(resolve => {
      const cancel = clock.after(FRAME_MS, () => resolve(null))
      onFrame = frame => (cancel(), resolve(frame))
      opened.send('Page.startScreencast', shape, target.sessionId).catch(() => onFrame?.(null))
    })
    onFrame = null
    tell('Page.stopScreencast', target.sessionId)
    if (typeof data !== 'string') return null
    if (data === lastFrame?.data && masked === lastFrame.masked) return lastFrame.picture
    const decoded = decodePng(Buffer.from(data, 'base64'))
    if (!decoded) return null
    // most kiosks show the same for long, and unpacking costs more than all else that is asked
    lastFrame = { data, masked, picture: maskZones(decoded, masked) }
    return lastFrame.picture
  }

  async function ask(): Promise<void> {
    const target = targets[0]
    if (!target) return
    try {
      page = readPageFacts(await evaluate(heartbeat, target.sessionId, ANSWER_MS))
      isFrozen = false
    } catch (error) {
      isFrozen = (error as Error).message === 'no answer' && targets[0] === target && !target.isRendererGone
    }
  }

  return {
    close,
    reload: () => show('Page.reload', { ignoreCache: true }),
    navigate: url => show('Page.navigate', { url }),
    async beat(isOpenOnly = false) {
      if (!asking && isOpenOnly) return
      asking ??= ask().finally(() => (asking = null))
      await asking
    },
    async isTrue(expression) {
      const answer = await evaluate(`!!(${expression})`, targets[0]?.sessionId ?? '', LOCK_ANSWER_MS)
      return (answer['result'] as { value?: unknown } | undefined)?.value === true
    },
    async capture(maxSide, masked) {
      const taken = captures.then(() => captureFrame(maxSide, masked))
      captures = taken
      return taken
    },
    fullScreenSize() {
      if (!page || page.pixelRatio === 0) return null
      const isFull = page.screenWidth - page.width <= EDGE && page.screenHeight - page.height <= EDGE
      return isFull ? { width: page.screenWidth * page.pixelRatio, height: page.screenHeight * page.pixelRatio } : null
    },
    async heapBytes() {
      const target = targets[0]
      if (!target || isFrozen || target.isRendererGone) return null
      try {
        const { usedSize } = await opened.send('Runtime.getHeapUsage', {}, target.sessionId)
        return typeof usedSize === 'number' && usedSize >= 0 ? Math.round(usedSize) : null
      } catch {
        return null
      }
    },
    state() {
      const nowMs = clock.monotonicMs()
      errors = errors.filter(at => nowMs - at < MINUTE_MS)
      return {
        isRendererGone: targets[0]?.isRendererGone ?? false,
        isFrozen,
        hasDialog: (targets[0]?.dialogs ?? 0) > 0,
        page: targets.length > 0 ? page : null,
        watchedText: page?.watchedText ?? null,
        errorsPerMinute: errors.length,
        flooded: isQuiet ? 'its log' : [...muted.keys()].join(', '),
      }
    },
  }
}
