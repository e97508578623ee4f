/** The history on disk: written whole before an attempt is made, so that a crash loop of the agent repeats nothing beyond its limits. */
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import writeFileAtomic from 'write-file-atomic'
import { EMPTY_HISTORY, parseHistory, type History } from './remedy-attempts.ts'

export type HistoryFile = {
  readonly history: History
  /** False when it could not be written (full or read-only disk): the limits then last only as long as this process. */
  save(): Promise<boolean>
}

/** Opens the history of a data folder; a broken file counts as none. */
export function openHistory(path: string, log: Logger): HistoryFile {
  let history = structuredClone(EMPTY_HISTORY)
  try {
    history = parseHistory(readFileSync(path, 'utf8')) ?? history
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn({ err: error }, 'history of remedies could not be read')
  }
  let queue = Promise.resolve(true)
  const write = async (): Promise<boolean> => {
    try {
      await writeFileAtomic(path, JSON.stringify(history), { mode: 0o600 })
      return true
    } catch (error) {
      log.warn({ err: error }, 'history of remedies could not be written')
      return false
    }
  }
  return {
    history,
    save: () => (queue = queue.then(write)),
  }
}
