/** Time as a parameter: the wall clock, the monotonic clock since boot, and timers. Tests bring their own. */
export type Clock = {
  /** Wall clock, ms since 1970. May jump. */
  wallMs(): number
  /** Monotonic clock of this boot, ms. Shared by every process of the machine, so a record outlives an agent restart. */
  monotonicMs(): number
  /** Runs `action` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void
}

/** The clock of the machine. `hrtime` counts from boot on Linux, unlike `performance.now`. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => Math.round(Number(process.hrtime.bigint() / 1000n) / 1000),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}

/**
 * Wait until the next multiple of a period on the monotonic clock. Work of different periods then falls together: on an idle
 * machine waking up costs more than what is done then. Never below half a period, so that nothing runs twice in a row.
 */
export function untilNextMs(clock: Clock, periodMs: number): number {
  const restMs = periodMs - (clock.monotonicMs() % periodMs)
  return restMs < periodMs / 2 ? restMs + periodMs : restMs
}

/** Runs `action` every `periodMs()` until cancelled; the next run is planned only after the last one ended. */
export function every(clock: Clock, periodMs: () => number, action: () => Promise<void> | void): () => void {
  let stopped = false
  let cancel = () => {}
  const plan = () => {
    if (stopped) return
    cancel = clock.after(periodMs(), () => {
      const running = action()
      if (running) void running.finally(plan)
      else plan()
    })
  }
  plan()
  return () => {
    stopped = true
    cancel()
  }
}
