/** How often somebody may try: failures of one name are counted in this process, whether there is such a name or not. */
import { sha256Hex } from '../../shared/ids.ts'
import { DomainError } from '../platform/errors.ts'

/** More names at a time are somebody who tries names; the oldest are forgotten, their addresses are slowed elsewhere. */
const MOST_NAMES = 20_000

/** Makes a counter of `most` failures in `windowMs`. */
export function makeTries({ most, windowMs, now }: { most: number; windowMs: number; now: () => number }) {
  const counts = new Map<string, { failures: number; untilMs: number }>()
  return {
    /** Throws too-many-requests when there were too many. */
    mustBeFree(name: string): void {
      const count = counts.get(sha256Hex(name))
      if (count && count.failures >= most && count.untilMs > now()) {
        const minutes = Math.ceil((count.untilMs - now()) / 60_000)
        throw new DomainError('too-many', 'too-many-requests', `Too many tries. Wait ${minutes} min, then try again.`)
      }
    },
    /** Counts one; the window begins with the first. */
    failed(name: string): void {
      const key = sha256Hex(name)
      const before = counts.get(key)
      counts.delete(key)
      counts.set(
        key,
        before && before.untilMs > now()
          ? { failures: before.failures + 1, untilMs: before.untilMs }
          : { failures: 1, untilMs: now() + windowMs },
      )
      const oldest = counts.keys().next()
      if (counts.size > MOST_NAMES && !oldest.done) counts.delete(oldest.value)
    },
    worked(name: string): void {
      counts.delete(sha256Hex(name))
    },
  }
}
