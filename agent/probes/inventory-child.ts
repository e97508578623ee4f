/** Runs the inventory in a child process that exits, so that its library never enters the memory of the agent. */
import { readFileSync } from 'node:fs'
import { childProcess } from '../platform/builtin.ts'
import { withRuntimeLibraries } from '../install/runtime-libraries.ts'
import type { Inventory } from './inventory.ts'

const TIME_LIMIT_MS = 60_000
const MAX_BYTES = 256 * 1024

/** Runs `inventory` of this program in a child process; null when it fails or takes over a minute. */
export function collectInventoryInChild(entryPath: string): Promise<Inventory | null> {
  return new Promise(resolve => {
    const child = childProcess().spawn(process.execPath, [entryPath, 'inventory'], {
      env: withRuntimeLibraries(process.env),
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (text.length < MAX_BYTES) text += chunk.toString('utf8')
    })
    child.on('error', () => resolve(null))
    child.on('close', code => {
      try {
        resolve(code === 0 ? (JSON.parse(text) as Inventory) : null)
      } catch {
        resolve(null)
      }
    })
  })
}

/** The inventory kept from an earlier start; null when there is none, or none that can be read. */
export function readKeptInventory(path: string): Inventory | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Inventory
  } catch {
    return null
  }
}
