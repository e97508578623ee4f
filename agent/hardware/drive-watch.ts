/** Watches the health of drives, every few hours; what it knew of each outlives the agent in a small file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { makeHelperClient, type AskHelper } from '../helper/client.ts'
import type { Drive } from '../probes/drive/smart.ts'
import { readDrives } from '../probes/drive/smartctl.ts'
import { judgeDrives, rememberDrives, type DriveMemory } from '../signals/drive-rules.ts'
import type { Reading } from '../signals/reading.ts'

function readMemory(path: string): DriveMemory {
  try {
    const memory: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const isWhole = (item: unknown) => typeof (item as { counters?: unknown } | null)?.counters === 'object'
    return typeof memory === 'object' && memory !== null && Object.values(memory).every(isWhole) ? (memory as DriveMemory) : {}
  } catch {
    return {}
  }
}

/** Drives as root sees them: an agent in an account of its own has the helper look, and looks itself where there is none. */
export async function askDrives(helper: AskHelper, isRoot: boolean): Promise<Drive[] | null> {
  if (isRoot) return readDrives()
  try {
    const drives: unknown = JSON.parse(await helper('read-drives'))
    return Array.isArray(drives) ? (drives as Drive[]) : null
  } catch {
    return readDrives()
  }
}

/** Makes the watch; `path` is its file. Without the file it begins anew, which costs only the comparison with the time before. */
export function makeDriveWatch(path: string) {
  let memory = readMemory(path)
  return {
    async look(wallMs: number): Promise<Reading> {
      const drives = await askDrives(makeHelperClient(), process.getuid?.() === 0)
      if (drives) {
        memory = rememberDrives(memory, drives, wallMs)
        try {
          writeFileSync(path, JSON.stringify(memory), { mode: 0o600 })
        } catch {
          // a full or read-only disk has its own signal
        }
      }
      return judgeDrives(drives, memory)
    },
  }
}
