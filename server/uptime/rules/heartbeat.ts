/** The server's own heartbeat: what one beat does to the log. Two clocks, because only one of them can be set by people. */

/** A run that is written down: `lastMs` is the newest beat (wall clock). */
export type Run = { id: string; lastMs: number; monotonicMs: number }
export type Beat = { wallMs: number; monotonicMs: number }

/** Longer than this between two beats, and the server was not there in between. */
export const LONGEST_PAUSE_MS = 3_000

/**
 * `extend` moves the end of the run; `new` begins another, because the process stood still (suspended, starved) or the clock of
 * the machine was set back. A clock that was set forward leaves no gap: monotonic time tells that nothing was missed.
 */
export function takeBeat(run: Run, beat: Beat): { kind: 'extend' } | { kind: 'new'; ended: string } {
  const pauseMs = beat.monotonicMs - run.monotonicMs
  if (pauseMs > LONGEST_PAUSE_MS) return { kind: 'new', ended: `the server stood still for ${Math.round(pauseMs / 1000)} s` }
  if (beat.wallMs < run.lastMs) return { kind: 'new', ended: 'the clock of the server was set back' }
  return { kind: 'extend' }
}
