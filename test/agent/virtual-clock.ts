/** A clock that a test moves: timers run in their order, and what they begin is let run before the next. */
import type { Clock } from '../../agent/platform/agent-clock.ts'

export type VirtualClock = Clock & {
  /** Lets time pass. */
  pass(ms: number): Promise<void>
}

/** Lets everything that waits for no timer run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve()
}

/** Makes a clock that shows `wallMs`, some time after boot. */
export function virtualClock(wallMs: number, upMs = 100_000): VirtualClock {
  let now = 0
  let timers: { atMs: number; action: () => void }[] = []
  return {
    wallMs: () => wallMs + now,
    monotonicMs: () => upMs + now,
    after(delayMs, action) {
      const timer = { atMs: now + Math.max(0, delayMs), action }
      timers.push(timer)
      return () => void (timers = timers.filter(other => other !== timer))
    },
    async pass(ms) {
      const endMs = now + ms
      await settle()
      for (;;) {
        const next = timers.toSorted((one, other) => one.atMs - other.atMs)[0]
        if (!next || next.atMs > endMs) break
        timers = timers.filter(other => other !== next)
        now = next.atMs
        next.action()
        await settle()
      }
      now = endMs
    },
  }
}
