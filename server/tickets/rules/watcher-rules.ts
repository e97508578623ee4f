/** Who watches a ticket hears what: colleagues everything that happens, contacts what its customer is told. */
import type { LetterKind } from './staff-letter.ts'

export type WatcherKind = 'staff' | 'contact' | 'reporter'

/** Reminders of deadlines are for those at work on it, not for those who look on. */
const NOT_FOR_WATCHERS: readonly LetterKind[] = [
  'clock-warning',
  'update-reminder',
  'close-reminder',
  'information-missing',
  'visit-needs-desk',
]

/** Whether a watcher hears of a letter. `isForCustomer`: the customer of the ticket is told the same. */
export function watcherHears(watcher: WatcherKind, letter: LetterKind, isForCustomer: boolean): boolean {
  if (NOT_FOR_WATCHERS.includes(letter)) return false
  return watcher === 'staff' || isForCustomer
}
