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
