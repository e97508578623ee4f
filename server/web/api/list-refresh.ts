/** Lists that many changes touch are read anew at most every few seconds: a hundred consoles must not all ask at each change. */
import { keys } from './query-keys.ts'

const EVERY_MS = 3_000
/** Consoles that heard of the same change ask spread over this. */
const SPREAD_MS = 1_000

type Asked = { queryKey: readonly unknown[] }

/** Is it a list or a count of tickets, and not one ticket's page? */
export function isListOfTickets({ queryKey }: Asked): boolean {
  return queryKey[0] === keys.tickets[0] && queryKey[1] !== 'one'
}

/** Does it show visits of a ticket? */
export function isOfVisits({ queryKey }: Asked): boolean {
  return queryKey[0] === 'visits' || (queryKey[0] === keys.tickets[0] && queryKey[3] === 'visits')
}

/** Calls `refresh` soon after a change, and once for all that come within the next seconds. */
export function makeListRefresh(refresh: () => void): { changed(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let refreshedAtMs = -Infinity
  return {
    changed() {
      if (timer !== null) return
      const waitMs = Math.max(0, refreshedAtMs + EVERY_MS - performance.now()) + Math.random() * SPREAD_MS
      timer = setTimeout(() => {
        timer = null
        refreshedAtMs = performance.now()
        refresh()
      }, waitMs)
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
