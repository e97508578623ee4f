/** Whether the jump box was asked for; its code is loaded the first time. */
import { useSyncExternalStore } from 'react'

let asked = 0
const listeners = new Set<() => void>()

/** Opens the jump box, loading it first if need be. */
export function openJumpBox(): void {
  asked += 1
  for (const listener of listeners) listener()
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
/** How often it was asked for. */
export function useJumpAsked(): number {
  return useSyncExternalStore(subscribe, () => asked)
}
