/** app.* and screen.*: does the customer see what they should? From what the kiosk's browser says. */
import type { KioskApp } from '../../shared/profile.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import { hysteresis, type Reading, type WasFailing } from './reading.ts'

export const KIOSK_SIGNALS = [
  'app.crashed',
  'app.frozen',
  'app.errors',
  'screen.error-page',
  'screen.blank',
] as const satisfies readonly AgentSignal[]
const BLANK_SHARE = 0.98
const BLANK_MS = 60_000
const ERRORS_FAIL = 10
const ERRORS_CLEAR = 3
/** An app that crashed is well again when it has run for so long. */
const SETTLED_MS = 5_000
/** An empty page this long after the start of the app is no longer one that is about to go to its address. */
const OPENING_MS = 10_000
const LOGIN = /log-?in|sign-?in|\bauth|\bsso\b/i

export type PageState = {
  url: string
  title: string
  status: number
  errorName: string
  hasPasswordField: boolean
}
export type KioskFacts = {
  /** Null: not looked for. */
  isProcessRunning: boolean | null
  /** Why the browser cannot be asked; '' when it can. */
  linkFault: string
  isRendererGone: boolean
  isFrozen: boolean
  hasDialog: boolean
  page: PageState | null
  errorsPerMinute: number
  /** A domain that is not listened to because a page floods it. */
  flooded: string
  picture: { share: number; color: string; sameForMs: number } | null
  /** For how long what must change did not, of how long it may; null when nothing must or nothing was seen. */
  standstill: { forMs: number; limitMs: number } | null
  /** The screen shows something else than the browser does. */
  isCovered: boolean
  /** How long it runs since the agent started it, ms; null when somebody else did. */
  startedForMs: number | null
  /** The app crashes again and again: its starts within these minutes. */
  loop: { starts: number; minutes: number } | null
  /** How the app ended last; '' when unknown. */
  lastExit: string
  /** What it printed last. */
  lastLines: string[]
}

/** An address as evidence: without what may be secret. */
export function bareUrl(text: string): string {
  if (!URL.canParse(text)) return ''
  const url = new URL(text)
  return `${url.origin === 'null' ? url.protocol : url.origin}${url.pathname}`.slice(0, 300)
}

/** Does an address fit a pattern? With `*` for any text, else the same origin and a path that begins with the pattern's. */
export function fitsAddress(address: string, pattern: string): boolean {
  if (!pattern.includes('*')) {
    if (!URL.canParse(pattern) || !URL.canParse(address)) return false
    const [wanted, given] = [new URL(pattern), new URL(address)]
    return wanted.origin === given.origin && given.pathname.startsWith(wanted.pathname)
  }
  const parts = pattern.split('*')
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (!address.startsWith(first) || !address.endsWith(last) || address.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = address.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= address.length - last.length
}

/** What a net error of the browser means. */
export function explainError(name: string): string {
  if (/^DNS_|NAME_(NOT_RESOLVED|RESOLUTION)/.test(name)) return 'the name of the server cannot be resolved (DNS)'
  if (name.includes('CONNECTION_REFUSED')) return 'the server refuses the connection'
  if (/CERT|SSL|TLS/.test(name)) return 'the certificate or encryption of the server is not accepted (TLS)'
  if (name.startsWith('HTTP ERROR')) return `the server answers with status ${name.slice('HTTP ERROR '.length)}`
  return 'the page cannot be loaded'
}

function isWrongAddress(url: string, app: KioskApp): boolean {
  const allowed = app.allowedUrls ?? []
  if (allowed.length > 0) return ![...allowed, ...(app.url === undefined ? [] : [app.url])].some(pattern => fitsAddress(url, pattern))
  return app.url !== undefined && URL.canParse(app.url) && (!URL.canParse(url) || new URL(url).origin !== new URL(app.url).origin)
}

/** What is wrong with what the page shows, as a sentence; null when nothing is. */
function pageFault(page: PageState, app: KioskApp): string | null {
  if (page.errorName !== '' || page.url.startsWith('chrome-error:'))
    return `The screen shows a browser error: ${explainError(page.errorName)} (${page.errorName || 'no name'})`
  if (page.status >= 400) return `The screen shows an error page: the server answered with status ${page.status}`
  if (isWrongAddress(page.url, app)) return `The screen shows a wrong address: ${bareUrl(page.url)}`
  const hasLogin = [app.url ?? '', ...(app.allowedUrls ?? [])].some(address => LOGIN.test(address))
  return page.hasPasswordField && !hasLogin ? 'The screen asks for a password: a login page instead of the app' : null
}

function judgeProcess({ isProcessRunning, loop, lastExit, lastLines }: KioskFacts): Reading {
  const key = 'app.crashed'
  const how = lastExit === '' ? '' : ` (${lastExit})`
  const evidence = { ...(lastExit !== '' && { lastExit }), ...(lastLines.length > 0 && { lastLines }) }
  if (loop) {
    const text = `The kiosk app crashes again and again, crash loop: ${loop.starts} starts in ${loop.minutes} min${how}`
    return { key, verdict: 'failing', text, evidence: { cause: 'crash loop', starts: loop.starts, minutes: loop.minutes, ...evidence } }
  }
  const verdict = isProcessRunning === false ? 'failing' : 'ok'
  return { key, verdict, text: `The kiosk app is not running${how}`, evidence: { cause: 'process gone', ...evidence } }
}

function judgeCrashed(facts: KioskFacts, wasFailing: WasFailing): Reading {
  const key = 'app.crashed'
  const { linkFault, isRendererGone } = facts
  const process = judgeProcess(facts)
  if (process.verdict !== 'ok') return process
  if (wasFailing(key) && facts.startedForMs !== null && facts.startedForMs < SETTLED_MS)
    return { key, verdict: 'unknown', text: 'just started' }
  if (isRendererGone)
    return {
      key,
      verdict: 'failing',
      text: 'The page of the kiosk app crashed; the browser still runs',
      evidence: { cause: 'page crashed' },
    }
  if (linkFault !== '')
    return { key, verdict: 'failing', text: `The browser of the kiosk app is gone: ${linkFault}`, evidence: { cause: 'browser gone' } }
  return { key, verdict: 'ok', text: 'The kiosk app runs' }
}

function judgeFrozen({ isFrozen, page, standstill }: KioskFacts): Reading {
  const key = 'app.frozen'
  const url = bareUrl(page?.url ?? '')
  if (isFrozen)
    return { key, verdict: 'failing', text: 'The page does not answer for 10 s: it is frozen', evidence: { cause: 'no answer', url } }
  if (standstill && standstill.forMs >= standstill.limitMs) {
    const [seconds, limitSeconds] = [Math.round(standstill.forMs / 1000), standstill.limitMs / 1000]
    const text = `The screen stands still for ${seconds} s, although it should change at least every ${limitSeconds} s`
    return { key, verdict: 'failing', text, evidence: { cause: 'stands still', url, seconds, limitSeconds } }
  }
  return { key, verdict: page || standstill ? 'ok' : 'unknown', text: 'The page answers' }
}

function judgeErrorPage({ isRendererGone, hasDialog, isCovered, page, startedForMs }: KioskFacts, app: KioskApp): Reading {
  const key = 'screen.error-page'
  if (isRendererGone)
    return { key, verdict: 'failing', text: 'The screen shows the crash page of the browser', evidence: { page: 'crash' } }
  if (hasDialog) return { key, verdict: 'failing', text: 'A dialog of the browser covers the page', evidence: { page: 'dialog' } }
  if (!page) return { key, verdict: 'unknown', text: 'the page has not answered yet' }
  // a browser that comes up shows an empty page for a moment
  if (page.url === 'about:blank' && startedForMs !== null && startedForMs < OPENING_MS)
    return { key, verdict: 'unknown', text: 'just started' }
  const fault = pageFault(page, app)
  if (fault === null && isCovered) {
    const text = 'Something covers the kiosk: the desktop or a system dialog'
    return { key, verdict: 'failing', text, evidence: { page: 'covered', url: bareUrl(page.url) } }
  }
  if (fault === null) return { key, verdict: 'ok', text: 'The screen shows the kiosk app' }
  const { title, status, errorName } = page
  const evidence = { url: bareUrl(page.url), title, ...(status > 0 && { status }), ...(errorName !== '' && { errorName }) }
  return { key, verdict: 'failing', text: fault, evidence }
}

function judgeErrors({ page, errorsPerMinute, flooded }: KioskFacts, wasFailing: WasFailing): Reading {
  const key = 'app.errors'
  if (flooded !== '') {
    const text = `Cannot know: a page floods the browser (${flooded}), which is not listened to for a minute`
    return { key, verdict: 'unknown', isLasting: true, text }
  }
  if (!page) return { key, verdict: 'unknown', text: 'the page has not answered yet' }
  const verdict = hysteresis(wasFailing(key), errorsPerMinute, ERRORS_FAIL, ERRORS_CLEAR)
  const text = `${errorsPerMinute} script errors and failed requests in a minute`
  return { key, verdict, text, evidence: { errorsPerMinute, limit: ERRORS_FAIL } }
}

function judgeBlank({ picture }: KioskFacts): Reading {
  const key = 'screen.blank'
  if (!picture) return { key, verdict: 'unknown', text: 'no picture yet' }
  if (picture.share <= BLANK_SHARE) return { key, verdict: 'ok', text: 'The screen shows a picture' }
  if (picture.sameForMs < BLANK_MS) return { key, verdict: 'unknown', text: 'one colour, but not for long' }
  const [percent, seconds] = [Math.floor(picture.share * 100), Math.round(picture.sameForMs / 1000)]
  const text = `The screen shows one colour (${picture.color}, ${percent} % of it) for ${seconds} s`
  return { key, verdict: 'failing', text, evidence: { color: picture.color, percent, seconds } }
}

/** All signals of the kiosk app. What cannot be seen through a crashed or frozen page stays as it was. */
export function judgeKiosk(facts: KioskFacts, app: KioskApp, wasFailing: WasFailing): Reading[] {
  const crashed = judgeCrashed(facts, wasFailing)
  if (crashed.verdict === 'failing' && !facts.isRendererGone) return [crashed]
  const frozen = judgeFrozen(facts)
  if (facts.isRendererGone || facts.hasDialog) return [crashed, judgeErrorPage(facts, app)]
  if (facts.isFrozen) return [crashed, frozen]
  return [crashed, frozen, judgeErrorPage(facts, app), judgeErrors(facts, wasFailing), judgeBlank(facts)]
}
