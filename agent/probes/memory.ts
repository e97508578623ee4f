/** Memory, swap, and how often the kernel killed a process for want of memory. */
import { join } from 'node:path'
import { readText, round2, type Roots } from './read-file.ts'

export type Memory = { usedPercent: number; availablePercent: number; swapUsedPercent: number; totalBytes: number }

/** /proc/meminfo. Used = what is not available, so caches do not count; without swap its share is 0. Null when unreadable. */
export function readMemory(roots: Roots): Memory | null {
  const text = readText(join(roots.proc, 'meminfo'))
  if (text === null) return null
  const kilobytes = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)
    return match ? Number(match[1]) : null
  }
  const total = kilobytes('MemTotal')
  // kernels before 3.14 have no MemAvailable
  const available = kilobytes('MemAvailable') ?? (kilobytes('MemFree') ?? 0) + (kilobytes('Buffers') ?? 0) + (kilobytes('Cached') ?? 0)
  if (!total) return null
  const swapTotal = kilobytes('SwapTotal') ?? 0
  const swapFree = kilobytes('SwapFree') ?? 0
  const availablePercent = round2(Math.min(100, (available / total) * 100))
  return {
    usedPercent: round2(100 - availablePercent),
    availablePercent,
    swapUsedPercent: swapTotal > 0 ? round2(((swapTotal - swapFree) / swapTotal) * 100) : 0,
    totalBytes: total * 1024,
  }
}

/** Processes killed for want of memory since boot (/proc/vmstat oom_kill); null on kernels that do not count (before 4.13). */
export function readOomKills(roots: Roots): number | null {
  const text = readText(join(roots.proc, 'vmstat'))
  const match = text === null ? null : /^oom_kill (\d+)$/m.exec(text)
  return match ? Number(match[1]) : null
}
