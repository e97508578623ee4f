/** How long to wait before the next connection attempt. Pure: the random number is a parameter. */

const BASE_MS = 1_000
const CAP_MS = 120_000
const REFUSED_FLOOR_MS = 5 * 60_000
const REFUSED_CAP_MS = 60 * 60_000
/** A session that lived this long counts as stable: the next loss starts from the shortest wait again. */
export const STABLE_MS = 60_000

export type BackoffReason = 'network' | 'credentials'

/** Wait in ms after the `failures`-th failure in a row (from 1). Full jitter, so a thousand devices do not come back as one;
 * refused credentials wait 5 min to 60 min, because only a person can help. `random` in [0, 1). Source: the AWS full-jitter rule. */
export function backoffMs(reason: BackoffReason, failures: number, random: number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), 30)
  if (reason === 'credentials') {
    const cap = Math.min(REFUSED_CAP_MS, REFUSED_FLOOR_MS * 2 ** doublings)
    return Math.round(REFUSED_FLOOR_MS + random * (cap - REFUSED_FLOOR_MS))
  }
  return Math.round(random * Math.min(CAP_MS, BASE_MS * 2 ** (doublings + 1)))
}
