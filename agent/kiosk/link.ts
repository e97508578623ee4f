/** One WebSocket to the browser of the kiosk (Chrome DevTools protocol), on this machine only. What a page can send is limited: a domain that floods is switched off for a while. */
import { WebSocket, type RawData } from 'ws'
import type { Clock } from '../platform/agent-clock.ts'
import { isLoopback, sendJson } from '../link/http-json.ts'

const CONNECT_LIMIT_MS = 3_000
/** Larger than any answer asked for; a page can print more than this in one line, which ends the connection. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024
const WINDOW_MS = 2_000
const MAX_WINDOW_MESSAGES = 3_000
const MAX_WINDOW_BYTES = 4 * 1024 * 1024
/** How long a domain that floods is not listened to. */
export const MUTE_MS = 60_000
const MAX_WAITING = 64
const HEAD_BYTES = 80

/** Events worth parsing; of all others only the head is read. */
const HEARD = new Set([
  'Target.attachedToTarget',
  'Target.detachedFromTarget',
  'Inspector.targetCrashed',
  'Inspector.targetReloadedAfterCrash',
  'Page.javascriptDialogOpening',
  'Page.javascriptDialogClosed',
  'Page.frameNavigated',
  'Page.screencastFrame',
  'Runtime.exceptionThrown',
  'Log.entryAdded',
])
const CONSOLE_ERROR = '{"method":"Runtime.consoleAPICalled","params":{"type":"error"'

export type DevToolsEvent = { method: string; params: Record<string, unknown>; sessionId: string }
export type LinkOptions = {
  devToolsUrl: string
  clock: Clock
  onEvent(event: DevToolsEvent): void
  /** A domain floods: its events are thrown away from now on. */
  onFlood(domain: string): void
  /** The connection ended by itself; with `isFlood` because a page sent too much. */
  onClose(isFlood: boolean): void
}
export type Link = {
  /** Asks the browser; rejects with the reason when it refuses, `no answer` after the limit, or `closed`. */
  send(method: string, params?: object, sessionId?: string, limitMs?: number): Promise<Record<string, unknown>>
  /** Listens to a domain again. */
  unmute(domain: string): void
  close(): void
}

/** Address of the browser's endpoint; rejects with a sentence when there is none. */
async function findEndpoint(devToolsUrl: string): Promise<string> {
  const base = URL.canParse(devToolsUrl) ? new URL(devToolsUrl) : null
  if (base?.protocol !== 'http:' || !isLoopback(base.hostname))
    throw new Error('devToolsUrl must be an http address of this machine (http://127.0.0.1:9222)')
  const answer = await sendJson(new URL('/json/version', base), { method: 'GET', caPem: null, timeLimitMs: CONNECT_LIMIT_MS })
  if (!answer.ok)
    throw new Error(answer.code === 'ECONNREFUSED' ? `nothing answers at ${base.host}` : `no answer from ${base.host} (${answer.code})`)
  const given = (answer.body as { webSocketDebuggerUrl?: unknown } | null)?.webSocketDebuggerUrl
  if (typeof given !== 'string' || !URL.canParse(given)) throw new Error(`what answers at ${base.host} is no browser`)
  // only the path is the browser's to choose
  return `ws://${base.host}${new URL(given).pathname}`
}

function openSocket(address: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, {
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: CONNECT_LIMIT_MS,
      followRedirects: false,
    })
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Method of an event, or null of an answer. Chrome writes it first, so a message need not be parsed to be thrown away. */
function methodOf(data: Buffer): string | null {
  return /^\{"method":"(\w+\.\w+)"/.exec(data.toString('latin1', 0, HEAD_BYTES))?.[1] ?? null
}

/** Counts what comes within a window; answers the domain with most bytes once it is too much. */
function makeMeter(clock: Clock) {
  let sinceMs = clock.monotonicMs()
  let messages = 0
  let bytes = 0
  let byDomain = new Map<string, number>()
  return (domain: string, size: number): string | null => {
    const nowMs = clock.monotonicMs()
    if (nowMs - sinceMs > WINDOW_MS) {
      sinceMs = nowMs
      messages = 0
      bytes = 0
      byDomain = new Map()
    }
    messages++
    bytes += size
    // a message costs something whatever its size
    byDomain.set(domain, (byDomain.get(domain) ?? 0) + size + 500)
    if (messages <= MAX_WINDOW_MESSAGES && bytes <= MAX_WINDOW_BYTES) return null
    messages = 0
    bytes = 0
    return [...byDomain].reduce((most, next) => (next[1] > most[1] ? next : most))[0]
  }
}

/** Connects; rejects with a sentence when there is no browser to speak to. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { clock } = options
  const socket = await openSocket(await findEndpoint(options.devToolsUrl))
  const waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>()
  const muted = new Set<string>()
  const meter = makeMeter(clock)
  let lastId = 0
  let isClosing = false
  let isFlood = false

  function hear(data: RawData): void {
    if (!Buffer.isBuffer(data) || isClosing) return
    const method = methodOf(data)
    if (method !== null) {
      const domain = method.slice(0, method.indexOf('.'))
      if (muted.has(domain)) return
      const loudest = meter(domain, data.length)
      if (loudest !== null) {
        muted.add(loudest)
        options.onFlood(loudest)
      }
      if (!HEARD.has(method) && data.toString('latin1', 0, CONSOLE_ERROR.length) !== CONSOLE_ERROR) return
    }
    let message: { id?: unknown; method?: unknown; params?: unknown; sessionId?: unknown; result?: unknown; error?: { message?: unknown } }
    try {
      message = JSON.parse(data.toString('utf8')) as typeof message
    } catch {
      return
    }
    if (method !== null) {
      options.onEvent({
        method,
        params: (message.params ?? {}) as Record<string, unknown>,
        sessionId: typeof message.sessionId === 'string' ? message.sessionId : '',
      })
      return
    }
    const asked = waiting.get(Number(message.id))
    if (message.error) asked?.reject(new Error(String(message.error.message)))
    else asked?.resolve((message.result ?? {}) as Record<string, unknown>)
  }

  socket.on('message', hear)
  socket.on('error', (error: NodeJS.ErrnoException) => {
    isFlood ||= error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  })
  socket.on('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('closed'))
    if (!isClosing) options.onClose(isFlood)
  })
  return {
    send(method, params = {}, sessionId, limitMs = CONNECT_LIMIT_MS) {
      if (waiting.size >= MAX_WAITING || socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('closed'))
      const id = ++lastId
      const answered = new Promise<Record<string, unknown>>((resolve, reject) => waiting.set(id, { resolve, reject }))
      const cancel = clock.after(limitMs, () => waiting.get(id)?.reject(new Error('no answer')))
      socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }))
      return answered.finally(() => {
        cancel()
        waiting.delete(id)
      })
    },
    unmute: domain => void muted.delete(domain),
    close() {
      isClosing = true
      socket.terminate()
    },
  }
}
