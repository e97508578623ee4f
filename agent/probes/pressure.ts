/** Pressure stall information: share of time in which work waited for processor, memory or disk. */
import { join } from 'node:path'
import { readText, type Roots } from './read-file.ts'

export type PressureAverages = { avg10: number; avg60: number; avg300: number }
export type Pressure = { cpu: PressureAverages | null; memory: PressureAverages | null; io: PressureAverages | null }

/** The `some` line of one /proc/pressure file; null on kernels without it (before 4.20, or switched off). */
export function parsePressure(text: string | null): PressureAverages | null {
  const match = text === null ? null : /^some avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+)/m.exec(text)
  return match ? { avg10: Number(match[1]), avg60: Number(match[2]), avg300: Number(match[3]) } : null
}

/** All three pressures, in percent of time. */
export function readPressure(roots: Roots): Pressure {
  const read = (name: string) => parsePressure(readText(join(roots.proc, 'pressure', name)))
  return { cpu: read('cpu'), memory: read('memory'), io: read('io') }
}
