/** An outside probe: looks at `/readyz` from where customers are, remembers what it saw on disk, and tells the server when it is there. */
import { readFileSync } from 'node:fs'
import writeFileAtomic from 'write-file-atomic'
import { addLook, EMPTY_LOOK_LOG, type Look, type LookLog } from '../uptime/rules/probe-log.ts'

export type ProbeOptions = {
  /** Address of the server as customers reach it. */
  url: string
  name: string
  token: string
  everyMs: number
  stateFile: string
  now: () => number
  say(text: string): void
}
export type Probe = { stop(): Promise<void> }

const MAX_SPANS_SENT = 1_000
/** Spans the server has not taken yet; the oldest go when there are more (years of a flapping line). */
const MAX_SPANS_KEPT = 100_000
const LOOK_LIMIT_MS = 5_000
/** A look speaks for the time since the one before, unless the probe itself was away for so many intervals. */
const REACH_INTERVALS = 3

function readLog(file: string): LookLog {
  try {
    const { spans, last, coveredToMs, doubtful } = JSON.parse(readFileSync(file, 'utf8')) as LookLog
    if (Array.isArray(spans) && typeof coveredToMs === 'number') return { spans, last, coveredToMs, doubtful }
  } catch {
    // No file yet, or a broken one: what it held is lost, what comes now is not.
  }
  return EMPTY_LOOK_LOG
}

async function look(url: string, atMs: number): Promise<Look> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(LOOK_LIMIT_MS), redirect: 'error' })
    await response.body?.cancel()
    return { atMs, isUp: response.ok, reason: response.ok ? null : `/readyz answered ${response.status}` }
  } catch (error) {
    const cause = (error as Error).cause
    const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : (error as Error).message
    return { atMs, isUp: false, reason: reason.slice(0, 200) }
  }
}

/** Sends what is settled; gives how many of the spans from the front the server has for good. Throws when it takes none. */
async function tell(options: ProbeOptions, log: LookLog): Promise<number> {
  const spans = log.spans.slice(0, MAX_SPANS_SENT)
  if (spans.length === 0) return 0
  const body = spans.map(({ fromMs, toMs, isUp, reason }) => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    isUp,
    ...(reason === null ? {} : { reason }),
  }))
  const response = await fetch(new URL(`/api/v1/uptime/probes/${encodeURIComponent(options.name)}/results`, options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ spans: body }),
    signal: AbortSignal.timeout(LOOK_LIMIT_MS),
  })
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`)
  // The newest span may still grow: it is kept and sent again, longer.
  return spans.length === log.spans.length ? spans.length - 1 : spans.length
}

/** Starts looking; goes on until `stop`. */
export function startProbe(options: ProbeOptions): Probe {
  let log = readLog(options.stateFile)
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let wasUp: boolean | null = null
  let told = ''

  const turn = async (): Promise<void> => {
    const seen = await look(options.url, options.now())
    log = addLook(log, seen, REACH_INTERVALS * options.everyMs + LOOK_LIMIT_MS)
    if (seen.isUp !== wasUp) options.say(seen.isUp ? 'up' : `down: ${seen.reason ?? ''}`)
    wasUp = seen.isUp
    if (seen.isUp) {
      try {
        log = { ...log, spans: log.spans.slice(await tell(options, log)) }
        told = ''
      } catch (error) {
        const text = `the server did not take the results: ${(error as Error).message}`
        if (text !== told) options.say(text)
        told = text
      }
    }
    log = { ...log, spans: log.spans.slice(-MAX_SPANS_KEPT) }
    await writeFileAtomic(options.stateFile, JSON.stringify(log), { mode: 0o600 })
  }
  let running = Promise.resolve()
  const next = (): void => {
    running = turn()
      .catch((error: unknown) => options.say(`the probe could not keep its file: ${(error as Error).message}`))
      .then(() => {
        if (!isStopped) timer = setTimeout(next, options.everyMs)
      })
  }
  next()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
