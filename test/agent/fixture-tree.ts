/** Writes a small /proc, /sys or /etc for a probe: paths and their contents. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Roots } from '../../agent/probes/read-file.ts'

/** A folder with these files (`proc/stat`, `sys/class/...`), as roots for probes. The caller removes `folder`. */
export function fixtureTree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kk-probe-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return { folder, proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: join(folder, 'etc'), dev: join(folder, 'dev') }
}
