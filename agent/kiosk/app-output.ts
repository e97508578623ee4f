/** What the kiosk app prints: a file the app writes into itself, so that it can outlive the agent; cut when it grows. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'

const MAX_BYTES = 256 * 1024
/** Read at once; of more that came between two looks only the end. */
const READ_BYTES = 8 * 1024
const KEPT_LINES = 5
const KEPT_CHARS = 300

/** Follows the output in a file; `onLine` gets each line that came since the last look, up to 8 KB of them. */
export function makeAppOutput(path: string, onLine: (line: string) => void) {
  let readTo = -1
  let lines: string[] = []

  function read(file: number): void {
    const { size } = fstatSync(file)
    // what an earlier run printed is old
    if (readTo === -1) readTo = size
    if (size < readTo) readTo = 0
    if (size > readTo) {
      const bytes = Buffer.alloc(Math.min(READ_BYTES, size - readTo))
      const count = readSync(file, bytes, 0, bytes.length, size - bytes.length)
      readTo = size
      const added = bytes.toString('utf8', 0, count).split('\n')
      for (const line of added) {
        if (line.trim() === '') continue
        onLine(`app: ${line}`)
        lines = [...lines.slice(1 - KEPT_LINES), line.trim().slice(0, KEPT_CHARS)]
      }
    }
    // the app appends: after the cut it goes on at the beginning
    if (size > MAX_BYTES) {
      ftruncateSync(file)
      readTo = 0
    }
  }

  return {
    /** Opens the file for the app to write into; a file that cannot be is replaced by nothing. */
    open(): number | 'ignore' {
      try {
        const file = openSync(path, 'a', 0o600)
        if (readTo === -1) readTo = fstatSync(file).size
        return file
      } catch {
        return 'ignore'
      }
    },
    close(file: number | 'ignore'): void {
      if (file !== 'ignore') closeSync(file)
    },
    /** Reads what is new. */
    look(): void {
      let file: number
      try {
        file = openSync(path, 'r+')
      } catch {
        return
      }
      try {
        read(file)
      } finally {
        closeSync(file)
      }
    },
    lastLines: () => [...lines],
  }
}
