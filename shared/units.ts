/** Lengths of time, ms. */
export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
/** Twenty-four hours; a local day can be longer or shorter. */
export const DAY_MS = 24 * HOUR_MS
