/** One clock for everything on the page that shows a time going by. */
import { useSyncExternalStore } from 'react'

type Clock = { nowMs: number; listeners: Set<() => void>; timer: ReturnType<typeof setInterval> | undefined }
const clocks = new Map<number, Clock>()

function clockOf(everyMs: number): Clock {
  const known = clocks.get(everyMs)
  if (known) return known
  const made: Clock = { nowMs: Date.now(), listeners: new Set(), timer: undefined }
  clocks.set(everyMs, made)
  return made
}

/** Now, told anew every `everyMs`. */
export function useNow(everyMs = 10_000): number {
  const clock = clockOf(everyMs)
  return useSyncExternalStore(
    listener => {
      clock.listeners.add(listener)
      clock.nowMs = Date.now()
      clock.timer ??= setInterval(() => {
        clock.nowMs = Date.now()
        for (const each of clock.listeners) each()
      }, everyMs)
      return () => {
        clock.listeners.delete(listener)
        if (clock.listeners.size > 0) return
        clearInterval(clock.timer)
        clock.timer = undefined
      }
    },
    () => clock.nowMs,
  )
}
