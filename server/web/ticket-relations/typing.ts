/** Tells whoever follows that something is typed on a ticket. */

const listeners = new Set<(ticketId: string) => void>()

/** Something was typed. */
export function noteTyping(ticketId: string): void {
  for (const listener of listeners) listener(ticketId)
}

/** Calls back at each key; the answer unsubscribes. */
export function onTyping(listener: (ticketId: string) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
