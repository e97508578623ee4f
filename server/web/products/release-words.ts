/** Releases in order and their dates in words. */
import type { Product } from '../../../shared/api/plans/product-api.ts'

/** The newest release first; of one day the higher version. */
export function newestFirst(releases: Product['releases']): Product['releases'] {
  return releases.toSorted(
    (one, other) =>
      other.releasedOn.localeCompare(one.releasedOn) || other.version.localeCompare(one.version, undefined, { numeric: true }),
  )
}

/** `2026-12-25` as `25 Dec 2026`. */
export function dateWords(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`))
}
