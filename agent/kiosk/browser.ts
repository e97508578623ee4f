/** The kiosk's browser, as it is now: its page, whether script answers, whether the renderer lives, what failed in the last minute. */
import type { Clock } from '../clock.ts'
import type { PageState } from '../signals/kiosk-rules.ts'
import { MUTE_MS, openLink, type DevToolsEvent, type Link } from './link.ts'
import { HEARTBEAT, readPageFacts } from './page-facts.ts'
import { mainColor } from './picture.ts'
import { decodePng } from './png.ts'

const ANSWER_MS = 10_000
const MINUTE_MS = 60_000
const MAX_KEPT_ERRORS = 100
const PICTURE_WIDTH = 160

type Target = { sessionId: string; isRendererGone: boolean; dialogs: number }
export type Browser = {
  /** Asks the page; at most one question is open. Rejects never. */
  beat(): Promise<void>
  /** Looks at one small picture of the page. */
  look(lockExpression: string | undefined, isLockOver: (isHeld: boolean) => boolean): Promise<void>
  state(): BrowserState
  close(): void
}
export type BrowserState = {
  isRendererGone: boolean
  isFrozen: boolean
  hasDialog: boolean
  page: PageState | null
  errorsPerMinute: number
  flooded: string
  picture: { share: number; color: string; sameForMs: number } | null
}

/** Connects to the browser and its pages. `onChange` hears of a crash or dialog at once, `onClose` of the end of the connection. */
export async function openBrowser(
  devToolsUrl: string,
  clock: Clock,
  onChange: () => void,
  onClose: (isFlood: boolean) => void,
  isQuiet: boolean,
): Promise<Browser> {
  const targets: Target[] = []
  const muted = new Map<string, () => void>()
  let link: Link | null = null
  let page: (PageState & { width: number; height: number }) | null = null
  let isAsking = false
  let isFrozen = false
  let errors: number[] = []
  let picture: { share: number; color: string; sinceMs: number } | null = null
  /** Commands whose refusal says nothing: the page may be gone by now. */
  const tell = (method: string, sessionId: string, params = {}) => void link?.send(method, params, sessionId).catch(() => {})

  function attach(sessionId: string): void {
    if (sessionId === '' || targets.length >= 16) return
    targets.push({ sessionId, isRendererGone: false, dialogs: 0 })
    for (const domain of ['Inspector', ...(isQuiet ? [] : ['Page', 'Runtime', 'Network'])])
      if (!muted.has(domain)) tell(`${domain}.enable`, sessionId)
  }

  function onEvent({ method, params, sessionId }: DevToolsEvent): void {
    if (method === 'Target.attachedToTarget') attach(String(params['sessionId']))
    const index = targets.findIndex(item => item.sessionId === (method === 'Target.detachedFromTarget' ? params['sessionId'] : sessionId))
    const target = targets[index]
    if (!target) return
    if (method === 'Target.detachedFromTarget') targets.splice(index, 1)
    else if (method === 'Inspector.targetCrashed') target.isRendererGone = true
    else if (method === 'Inspector.targetReloadedAfterCrash') target.isRendererGone = false
    else if (method === 'Page.javascriptDialogClosed') target.dialogs = 0
    else if (method === 'Page.javascriptDialogOpening') {
      // without a window nobody can answer it, and the page would wait for ever
      if (params['hasBrowserHandler'] === true) target.dialogs = 1
      else tell('Page.handleJavaScriptDialog', sessionId, { accept: false })
    } else if (method === 'Runtime.exceptionThrown' || (method === 'Network.loadingFailed' && params['canceled'] !== true)) {
      errors = [...errors.slice(1 - MAX_KEPT_ERRORS), clock.monotonicMs()]
      return
    }
    onChange()
  }

  function onFlood(domain: string): void {
    const isEnabled = ['Page', 'Runtime', 'Network'].includes(domain)
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

  link = await openLink({ devToolsUrl, clock, onEvent, onFlood, onClose: isFlood => (close(), onClose(isFlood)) })
  try {
    await link.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true, filter: [{ type: 'page' }] })
  } catch (error) {
    close()
    throw error
  }
  const evaluate = (expression: string, sessionId: string) =>
    link.send('Runtime.evaluate', { expression, returnByValue: true, silent: true }, sessionId, ANSWER_MS)

  return {
    close,
    async beat() {
      const target = targets[0]
      if (!target || isAsking) return
      isAsking = true
      try {
        page = readPageFacts(await evaluate(HEARTBEAT, target.sessionId))
        isFrozen = false
      } catch (error) {
        isFrozen = (error as Error).message === 'no answer' && targets[0] === target && !target.isRendererGone
      }
      isAsking = false
    },
    async look(lockExpression, isLockOver) {
      const target = targets[0]
      if (!target || !page || page.width === 0 || page.height === 0 || isAsking || isFrozen) return
      try {
        const held = lockExpression === undefined ? false : await evaluate(`!!(${lockExpression})`, target.sessionId)
        if (!isLockOver(held !== false && (held['result'] as { value?: unknown } | undefined)?.value === true)) return
        const clip = {
          x: 0,
          y: 0,
          width: page.width,
          height: page.height,
          scale: Math.min(1, PICTURE_WIDTH / Math.max(page.width, page.height)),
        }
        const taken = await link.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true, clip }, target.sessionId)
        const decoded = typeof taken['data'] === 'string' ? decodePng(Buffer.from(taken['data'], 'base64')) : null
        if (!decoded) return
        const next = mainColor(decoded)
        const isSame = picture !== null && picture.color === next.color && picture.share > 0.98 && next.share > 0.98
        picture = { ...next, sinceMs: isSame && picture ? picture.sinceMs : clock.monotonicMs() }
      } catch {
        // a page that goes away while its picture is taken
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
        errorsPerMinute: errors.length,
        flooded: isQuiet ? 'its log' : [...muted.keys()].join(', '),
        picture: picture && { share: picture.share, color: picture.color, sameForMs: nowMs - picture.sinceMs },
      }
    },
  }
}
