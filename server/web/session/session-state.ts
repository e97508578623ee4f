/** Whether the session ended while somebody was at work: the page stays as it is and a login comes over it. */
import { useSyncExternalStore } from 'react'

let hasEnded = false
const listeners = new Set<() => void>()

function set(value: boolean): void {
  if (value === hasEnded) return
  hasEnded = value
  for (const listener of listeners) listener()
}
/** The server said that nobody is logged in. */
export const markSessionEnded = (): void => set(true)
/** Somebody logged in again. */
export const markSessionAlive = (): void => set(false)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
/** Follows whether the session ended. */
export function useSessionEnded(): boolean {
  return useSyncExternalStore(subscribe, () => hasEnded)
}
