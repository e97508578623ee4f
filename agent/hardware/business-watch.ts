/** Watches the heartbeat of the business: how long since the last transaction, and how many in the last hour. */
import type { Logger } from 'pino'
import type { Business } from '../../shared/profile.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { openBusinessDoor, readBusinessFile } from '../probes/business.ts'
import { addTransactions, judgeBusiness } from '../signals/business-rules.ts'
import type { Reading } from '../signals/reading.ts'

export type BusinessWatch = {
  /** Begins anew with what the profile says; undefined = nothing to watch. */
  setBusiness(business: Business | undefined): Promise<void>
  look(): Reading[]
  /** Transactions of the last hour; null when nothing is watched. */
  perHour(): number | null
  stop(): void
}

/** Makes the watch. Silence is counted on the monotonic clock, so that a wrong wall clock silences nobody. */
export function makeBusinessWatch(clock: Clock, log: Logger): BusinessWatch {
  let business: Business | undefined
  let moments: number[] = []
  let lastAtMs = clock.monotonicMs()
  let hasTransaction = false
  let changedAtMs: number | null = null
  let door: { close(): void } | null = null
  let doorFault: string | null = null

  function take(): void {
    lastAtMs = clock.monotonicMs()
    hasTransaction = true
    moments = addTransactions(moments, 1, lastAtMs)
  }

  /** The first look tells how long ago, later ones that there was another. */
  function readFile(path: string, isFirst: boolean): void {
    const atMs = readBusinessFile(path)
    if (atMs === null || atMs === changedAtMs) return
    changedAtMs = atMs
    if (!isFirst) take()
    else {
      hasTransaction = true
      lastAtMs = clock.monotonicMs() - Math.max(0, clock.wallMs() - atMs)
    }
  }

  function stop(): void {
    door?.close()
    door = null
    business = undefined
  }

  return {
    stop,
    async setBusiness(next) {
      if (JSON.stringify(next) === JSON.stringify(business)) return
      stop()
      business = next
      moments = []
      hasTransaction = false
      changedAtMs = null
      doorFault = null
      lastAtMs = clock.monotonicMs()
      if (next?.file !== undefined) readFile(next.file, true)
      if (next?.port === undefined) return
      try {
        const opened = await openBusinessDoor(next.port, clock.monotonicMs, take)
        // another profile may have come in the meantime
        if (business === next) door = opened
        else opened.close()
      } catch (error) {
        doorFault = `port ${next.port} of this machine cannot be opened (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`
        log.warn({ err: error, port: next.port }, 'no door for business heartbeats')
      }
    },
    look() {
      if (!business) return []
      if (business.file !== undefined) readFile(business.file, false)
      if (doorFault !== null && business.file === undefined)
        return [{ key: 'business.silent', verdict: 'unknown', isLasting: true, text: `Cannot know: ${doorFault}` }]
      return [judgeBusiness(clock.monotonicMs() - lastAtMs, business.silentMinutes, hasTransaction)]
    },
    perHour() {
      if (!business) return null
      moments = addTransactions(moments, 0, clock.monotonicMs())
      return moments.length
    },
  }
}
