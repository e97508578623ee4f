/** What the demo remembers between two starts, in its data folder; it holds passwords of simulated devices and of the demo's login. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sync as writeFileAtomicSync } from 'write-file-atomic'
import type { DemoPerson } from './demo-people.ts'
import type { DemoLogin } from './demo-device.ts'

export type DemoState = {
  /** `building` that is found at a start: the last one was interrupted. */
  state: 'building' | 'ready'
  logins: DemoLogin[]
  here: { customerId: string; siteId: string } | null
  admin: { email: string; password: string } | null
  /** Made at the first start; a demo of before has none. */
  people?: DemoPerson[]
}
const fileIn = (dataDir: string): string => join(dataDir, 'demo.json')

/** Writes the state, readable by its owner only. */
export function writeDemoState(dataDir: string, state: DemoState): void {
  writeFileAtomicSync(fileIn(dataDir), `${JSON.stringify(state)}\n`, { mode: 0o600 })
}

/**
 * The state of a finished demo, or null when it has to be made; what an interrupted start left is removed. Throws when the folder
 * holds an installation that is no demo: nobody's real data is touched.
 */
export function openDemoState(dataDir: string): DemoState | null {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const database = join(dataDir, 'kioskeeper.db')
  if (!existsSync(fileIn(dataDir))) {
    if (existsSync(database))
      throw new Error(`${dataDir} holds an installation that is not a demo. Set KIOSKEEPER_DATA_DIR to another folder.`)
    return null
  }
  const state = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as DemoState
  if (state.state === 'ready') return state
  for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true })
  return null
}
