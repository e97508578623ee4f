/** Which signals make tickets nobody acts on, and what could be done about each. */

export type NoiseTicket = { signal: string; createdAtMs: number; resolvedAtMs: number | null; acted: boolean }
export type Noise = { signal: string; tickets: number; acted: number; unacted: number; medianMs: number | null; lengthsMs: number[] }

/** At least this many tickets nobody acted on make a signal worth a line. */
const MIN_UNACTED = 2
/** Holds people think in, seconds. */
const HOLDS = [30, 60, 120, 180, 300, 600, 900, 1_800, 3_600]

/** Signals with unanswered tickets, the most unanswered first. Open tickets are not counted: somebody may still act. */
export function measureNoise(tickets: readonly NoiseTicket[]): Noise[] {
  const over = tickets.filter(ticket => ticket.resolvedAtMs !== null)
  return [...Map.groupBy(over, ticket => ticket.signal)]
    .map(([signal, list]): Noise => {
      const unacted = list.filter(ticket => !ticket.acted)
      const lengthsMs = unacted.map(ticket => (ticket.resolvedAtMs ?? 0) - ticket.createdAtMs).toSorted((one, other) => one - other)
      return {
        signal,
        tickets: list.length,
        acted: list.length - unacted.length,
        unacted: unacted.length,
        medianMs: lengthsMs[lengthsMs.length >> 1] ?? null,
        lengthsMs,
      }
    })
    .filter(noise => noise.unacted >= MIN_UNACTED && noise.unacted > noise.acted)
    .toSorted((one, other) => other.unacted - one.unacted || (one.signal < other.signal ? -1 : 1))
}

/** Holds longer than the one in force that are worth trying, shortest first: the first that keeps what was real and swallows noise wins. */
export function holdsToTry(noise: Noise, holdSeconds: number): number[] {
  const longestMs = noise.lengthsMs.at(-1) ?? 0
  const enough = HOLDS.filter(hold => hold > holdSeconds)
  // beyond the longest unanswered fault a longer hold swallows nothing more
  const last = enough.findIndex(hold => hold * 1000 >= longestMs + holdSeconds * 1000)
  return last < 0 ? enough : enough.slice(0, last + 1)
}

/** Whether a fix is worth a click: it loses nothing real and takes at least half of the noise away. */
export function isWorthIt(before: { noise: number }, after: { noise: number }, missed: number): boolean {
  return missed === 0 && before.noise > 0 && after.noise * 2 <= before.noise
}
