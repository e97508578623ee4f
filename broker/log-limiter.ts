/** One log line per client and minute, with a count: a device in a loop must not fill the disk. */
import type { Logger } from 'pino'
import { MINUTE_MS } from '../shared/units.ts'

const MAX_LINES_A_MINUTE = 300
const MAX_CLIENTS = 10_000

type Level = 'info' | 'warn' | 'error'
export type LogLimiter = (level: Level, client: string, fields: object, text: string) => void

/** Makes the limiter. A line carries `repeats`: how many of this client's lines were left out since its last one. */
export function makeLogLimiter({ log, nowMs }: { log: Logger; nowMs: () => number }): LogLimiter {
  const clients = new Map<string, { sinceMs: number; repeats: number }>()
  let minuteStartMs = 0
  let lines = 0
  return (level, client, fields, text) => {
    const now = nowMs()
    if (now - minuteStartMs >= MINUTE_MS) {
      minuteStartMs = now
      lines = 0
    }
    const known = clients.get(client)
    if ((known && now - known.sinceMs < MINUTE_MS) || lines >= MAX_LINES_A_MINUTE) {
      if (known) known.repeats++
      return
    }
    lines++
    clients.delete(client)
    if (clients.size >= MAX_CLIENTS) clients.clear()
    clients.set(client, { sinceMs: now, repeats: 0 })
    log[level]({ ...fields, repeats: known?.repeats ?? 0 }, text)
  }
}
