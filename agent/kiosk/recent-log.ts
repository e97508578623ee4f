/** The last lines the kiosk app said: errors of its page, failed requests, output of its process. What may be secret in an address is left out. */

const MAX_LINES = 100
const MAX_CHARS = 300

export type LogLine = { at: number; text: string }
export type RecentLog = {
  /** Keeps one line; `at` is wall time in ms. */
  add(at: number, text: string): void
  /** Oldest first, at most 100. */
  lines(): LogLine[]
}

/** A log that forgets its oldest line. */
export function makeRecentLog(): RecentLog {
  const kept: LogLine[] = []
  return {
    add(at, text) {
      const line = text
        .slice(0, 4 * MAX_CHARS)
        .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
        // user names, passwords and parameters of addresses
        .replace(/(\b\w+:\/\/)[^\s/@]*@/g, '$1')
        .replace(/(\b\w+:\/\/[^\s?#"')]*)[?#][^\s"')]*/g, '$1')
        .trim()
        .slice(0, MAX_CHARS)
      if (line === '') return
      kept.push({ at, text: line })
      if (kept.length > MAX_LINES) kept.shift()
    },
    lines: () => [...kept],
  }
}
