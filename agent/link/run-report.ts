/** What the running agent leaves for `status` and `doctor`: written at each change of the line, not durable on purpose. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lane, LaneFill } from './spool-types.ts'
import type { LinkState } from './uplink-types.ts'

export type RunReport = {
  pid: number
  link: LinkState
  spool: Record<Lane, LaneFill>
  spoolMode: 'disk' | 'memory'
  failing: string[]
  writtenAtMs: number
}

const reportPath = (dataDir: string) => join(dataDir, 'run.json')

/** Leaves a report; a folder that cannot be written costs only the report. */
export function writeRunReport(dataDir: string, report: RunReport): void {
  try {
    writeFileSync(reportPath(dataDir), JSON.stringify(report), { mode: 0o600 })
  } catch {
    // a report for people: the link itself does not depend on it
  }
}

/** The report of this process, or null when there is none. */
export function readRunReport(dataDir: string, pid: number): RunReport | null {
  try {
    const report = JSON.parse(readFileSync(reportPath(dataDir), 'utf8')) as RunReport
    return report.pid === pid ? report : null
  } catch {
    return null
  }
}
