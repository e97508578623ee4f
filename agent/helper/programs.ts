/** Runs the few programs the helper uses: fixed names found in fixed folders, arguments as a list, no shell, no inherited environment. */
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { childProcess } from '../platform/builtin.ts'

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
const LIMIT_MS = 60_000

export type Ran = { code: number; text: string }
export type Programs = {
  /** Is the program installed? */
  has(name: string): boolean
  /** Runs it to its end; `text` is what it printed, for a sentence. Never rejects. */
  run(name: string, args: readonly string[], environment?: Record<string, string>): Promise<Ran>
}

/** Programs of the machine; tests give other folders. */
export function makePrograms(folders: readonly string[] = FOLDERS): Programs {
  const find = (name: string): string | null => {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // not here
      }
    }
    return null
  }
  return {
    has: name => find(name) !== null,
    run: (name, args, environment = {}) =>
      new Promise(resolve => {
        const path = find(name)
        if (path === null) return resolve({ code: 127, text: `${name} is not installed` })
        const env = { PATH: folders.join(':'), LC_ALL: 'C', ...environment }
        childProcess().execFile(path, args, { timeout: LIMIT_MS, maxBuffer: 1024 * 1024, cwd: '/', env }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
          resolve({ code, text: `${stdout}${stderr}`.trim().slice(0, 400) || (error === null ? '' : 'it ended without a word') })
        })
      }),
  }
}
