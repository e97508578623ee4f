/** Instants on the wire. */

/** RFC 3339 in UTC. */
export const iso = (atMs: number): string => new Date(atMs).toISOString()
/** The same, and null for none. */
export const isoOrNull = (atMs: number | null | undefined): string | null => (atMs === null || atMs === undefined ? null : iso(atMs))
