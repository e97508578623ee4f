/** One clock for everything on the page that shows a time going by. */
import { useSyncExternalStore } from 'react'

type Clock = { subscribe(listener: () => void): () => void; read(): number }
const clocks = new Map<number, Clock>()

/** Runs only while somebody listens. Its functions stay the same, or React would subscribe anew at each render. */
function makeClock(everyMs: number): Clock {
  const listeners = new Set<() => void>()
  let nowMs = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  return {
    read: () => nowMs,
    subscribe: listener => {
      listeners.add(listener)
      if (timer === undefined) {
        nowMs = Date.now()
        timer = setInterval(() => {
          nowMs = Date.now()
          for (const each of listeners) each()
        }, everyMs)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

/** Now, told anew every `everyMs`. */
export function useNow(everyMs = 10_000): number {
  let clock = clocks.get(everyMs)
  if (!clock) {
    clock = makeClock(everyMs)
    clocks.set(everyMs, clock)
  }
  return useSyncExternalStore(clock.subscribe, clock.read)
}
