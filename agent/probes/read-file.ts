/** Reading /proc and /sys: whole small files, and `null` for what is not there or cannot be read. A probe never throws. */
import { opendirSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Root folders of the kernel's files; tests give their own. */
export type Roots = { proc: string; sys: string; etc: string; dev: string }
/** The folders of a real machine. */
export const MACHINE_ROOTS: Roots = { proc: '/proc', sys: '/sys', etc: '/etc', dev: '/dev' }

/** Text of a file, or null. For /proc, whose files never wait for a device. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Text of a file that may wait for hardware (sensors), or null after `timeLimitMs`. */
export async function readTextWithin(path: string, timeLimitMs: number): Promise<string | null> {
  try {
    return await readFile(path, { encoding: 'utf8', signal: AbortSignal.timeout(timeLimitMs) })
  } catch {
    return null
  }
}

/** Names in a folder, or none. */
export function listNames(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Names in a folder of devices, sorted, or none. Through opendir: that way a recorded device shown by umockdev is seen like a real one. */
export function listDevices(path: string): string[] {
  try {
    const folder = opendirSync(path)
    try {
      const names: string[] = []
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) names.push(entry.name)
      return names.toSorted()
    } finally {
      folder.closeSync()
    }
  } catch {
    return []
  }
}

/** A text of one line without its end; null when there is none or it is empty. */
export function readLine(path: string): string | null {
  return readText(path)?.trim() || null
}

/** A finite number in a text, or null. */
export function parseNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === '') return null
  const value = Number(text.trim())
  return Number.isFinite(value) ? value : null
}

/** A component of a metric name: no space, slash or control character, at most 64 long. */
export function componentName(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  return text.replace(/[\s/\u0000-\u001f]+/g, '-').slice(0, 64)
}

/** Two decimals are enough for every metric and halve the bytes of a sample. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100
}
