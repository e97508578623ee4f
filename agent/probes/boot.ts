/** Which boot this is. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readText, type Roots } from './read-file.ts'

/** Id of the current boot. A machine without one gets an id from its boot time, to the minute. */
export function readBootId(roots: Roots, nowMs: number): string {
  const id = readText(join(roots.proc, 'sys/kernel/random/boot_id'))?.trim()
  if (id) return id.slice(0, 64)
  const uptime = Number(readText(join(roots.proc, 'uptime'))?.split(' ')[0] ?? process.uptime())
  return `boot-${Math.round((nowMs - uptime * 1000) / 60_000)}`
}

/** When a file was last written, ms; 0 when it is not there. */
export function modifiedAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
