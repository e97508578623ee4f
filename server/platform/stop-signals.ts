/** Ctrl-C and SIGTERM for a program that has something to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** Signals that come this soon after the first, ms, are the same wish: a terminal tells every process of a line, and npm passes on what it gets. */
const SAME_WISH_MS = 1000
/** What shells show for a program ended by Ctrl-C. */
const ENDED_BY_SIGNAL = 130

/**
 * Calls `end` once, at the first signal; it has the process end when all is done.
 * A second wish means that somebody does not want to wait: the process ends at once, with 130.
 */
export function onStopSignal(end: () => void): void {
  let firstMs: number | null = null
  const onSignal = (): void => {
    const nowMs = performance.now()
    if (firstMs !== null) {
      if (nowMs - firstMs > SAME_WISH_MS) process.exit(ENDED_BY_SIGNAL)
      return
    }
    firstMs = nowMs
    end()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
}
