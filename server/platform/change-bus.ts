/** What changed, told after the commit to whoever listens (the console's event stream). */

/**
 * `customerId` is empty for what concerns the whole platform: only callers who see everybody hear of it. Of `attendance` (who is
 * at a ticket), defects and major incidents only staff hears.
 */
export type Change = { kind: 'device' | 'ticket' | 'site' | 'visit' | 'attendance' | 'defect' | 'major'; id: string; customerId: string }
export type ChangeListener = (changes: readonly Change[]) => void
export type ChangeBus = { publish(changes: readonly Change[]): void; subscribe(listener: ChangeListener): () => void }

/** A bus inside this process. Listeners must not throw and must not wait. */
export function makeChangeBus(): ChangeBus {
  const listeners = new Set<ChangeListener>()
  return {
    publish: changes => {
      if (changes.length === 0) return
      for (const listener of listeners) listener(changes)
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
