/** What the installer put where: a file beside the program names it, so that nothing is left when it goes. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type Installation = { home: string; wrapper: string; unit: string | null; dataDir: string }

/** The installation this program belongs to, or null when it runs from the sources or a bundle alone. */
export function readInstallation(entryPath: string): Installation | null {
  const home = dirname(entryPath)
  try {
    const parsed = JSON.parse(readFileSync(join(home, 'installation.json'), 'utf8')) as Partial<Installation>
    if (parsed.home !== home || typeof parsed.wrapper !== 'string' || typeof parsed.dataDir !== 'string') return null
    return { home, wrapper: parsed.wrapper, unit: parsed.unit ?? null, dataDir: parsed.dataDir }
  } catch {
    return null
  }
}
