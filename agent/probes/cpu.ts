/** Processor load: share of time not idle between two readings, and the load average. */
import { join } from 'node:path'
import { parseNumber, readText, round2, type Roots } from './read-file.ts'

export type CpuTimes = { busy: number; total: number }

/** Jiffies since boot from the first line of /proc/stat. Waiting for disks counts as idle; guest time is already in user time. */
export function readCpuTimes(roots: Roots): CpuTimes | null {
  const text = readText(join(roots.proc, 'stat'))
  if (!text?.startsWith('cpu ')) return null
  const end = text.indexOf('\n')
  const fields = text
    .slice(4, end < 0 ? undefined : end)
    .trim()
    .split(/\s+/)
    .map(Number)
  if (fields.length < 4 || fields.some(value => !Number.isFinite(value))) return null
  const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0)
  return { total, busy: total - (fields[3] ?? 0) - (fields[4] ?? 0) }
}

/** Percent of all processors busy between two readings; null without time in between, or when the counters went back. */
export function cpuPercent(before: CpuTimes, after: CpuTimes): number | null {
  const total = after.total - before.total
  if (total <= 0) return null
  return round2(Math.min(100, Math.max(0, ((after.busy - before.busy) / total) * 100)))
}

/** Load average of the last minute. */
export function readLoad1m(roots: Roots): number | null {
  return parseNumber(readText(join(roots.proc, 'loadavg'))?.split(' ')[0])
}

/** Seconds since boot. */
export function readUptimeSeconds(roots: Roots): number | null {
  return parseNumber(readText(join(roots.proc, 'uptime'))?.split(' ')[0])
}
