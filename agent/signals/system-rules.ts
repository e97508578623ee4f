/** Rules of the machine itself: disks, memory, processor, temperature, clock. Limits are those of the signal catalogue. */
import type { Memory } from '../probes/memory.ts'
import type { DiskUse, Mount } from '../probes/mounts.ts'
import type { Pressure } from '../probes/pressure.ts'
import type { Temperature } from '../probes/temperatures.ts'
import { hysteresis, type Reading, type WasFailing } from './reading.ts'

const GIB = 1024 ** 3
const DISK_FULL = { failAt: 98, clearAt: 90, freeBytes: GIB, clearFreeBytes: 1.5 * GIB }
/** Below this size "less than 1 GB free" says nothing: a boot partition is smaller than that when empty. */
const FREE_RULE_FROM_BYTES = 10 * GIB
const MEMORY_PSI = { failAt: 20, clearAt: 10 }
const MEMORY_AVAILABLE = { failBelow: 5, clearFrom: 8 }
const CPU_PSI = { failAt: 60, clearAt: 45 }
const TEMPERATURE_CLEAR_BELOW = 5
const CLOCK_DRIFT_MS = { failAt: 120_000, clearAt: 60_000 }

const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GB`

/** Mounts that count as full; one in `wasFull` must fall below the lower limit first. */
export function fullMounts(uses: readonly DiskUse[], wasFull: ReadonlySet<string>): DiskUse[] {
  return uses.filter(use => {
    const was = wasFull.has(use.path)
    if (hysteresis(was, use.usedPercent, DISK_FULL.failAt, DISK_FULL.clearAt) === 'failing') return true
    if (use.totalBytes < FREE_RULE_FROM_BYTES) return false
    return hysteresis(was, -use.freeBytes, -DISK_FULL.freeBytes + 1, -DISK_FULL.clearFreeBytes) === 'failing'
  })
}

/** disk.full over all mounts: any one full fails. `full` comes from `fullMounts`. */
export function judgeDiskFull(uses: readonly DiskUse[], full: readonly DiskUse[]): Reading {
  const key = 'disk.full'
  if (uses.length === 0) return { key, verdict: 'unknown', text: 'no file system could be read' }
  if (full.length === 0) return { key, verdict: 'ok', text: 'Enough room on every disk' }
  const text = full.map(use => `${use.path} is ${use.usedPercent} % full, ${gib(use.freeBytes)} free`).join('; ')
  return { key, verdict: 'failing', text: text.slice(0, 500), evidence: { mounts: full } }
}

/** filesystem.read-only: a mount that was writable (or that the kernel shut after errors) can no longer be written. `writable` are the paths seen writable before. */
export function judgeReadOnly(mounts: readonly Mount[], writable: ReadonlySet<string>): Reading {
  const key = 'filesystem.read-only'
  const shut = mounts.filter(mount => mount.emergency || (mount.readOnly && writable.has(mount.path)))
  if (shut.length === 0) return { key, verdict: 'ok', text: 'Every writable file system is writable' }
  return {
    key,
    verdict: 'failing',
    text: `Turned read-only: ${shut.map(mount => `${mount.path} (${mount.device})`).join(', ')}`.slice(0, 500),
    evidence: { mounts: shut },
  }
}

/** memory.pressure: work waits for memory (PSI some, last minute), or almost none is available. */
export function judgeMemory(memory: Memory | null, pressure: Pressure, wasFailing: WasFailing): Reading {
  const key = 'memory.pressure'
  const psi = pressure.memory?.avg60
  if (!memory && psi === undefined) return { key, verdict: 'unknown', text: 'memory cannot be read' }
  const was = wasFailing(key)
  const reasons: string[] = []
  if (psi !== undefined && hysteresis(was, psi, MEMORY_PSI.failAt, MEMORY_PSI.clearAt) === 'failing')
    reasons.push(`work waited ${psi} % of the last minute for memory`)
  const available = memory?.availablePercent
  if (available !== undefined && hysteresis(was, -available, -MEMORY_AVAILABLE.failBelow + 1e-9, -MEMORY_AVAILABLE.clearFrom) === 'failing')
    reasons.push(`${available} % of memory is available`)
  if (reasons.length === 0) return { key, verdict: 'ok', text: 'Enough memory' }
  return {
    key,
    verdict: 'failing',
    text: `Memory is short: ${reasons.join(', ')}`,
    evidence: { psiSomeAvg60: psi ?? null, availablePercent: available ?? null },
  }
}

/** cpu.saturated: work waited for a processor over most of five minutes. */
export function judgeCpu(pressure: Pressure, wasFailing: WasFailing): Reading {
  const key = 'cpu.saturated'
  const psi = pressure.cpu?.avg300
  if (psi === undefined) return { key, verdict: 'unknown', text: 'processor pressure cannot be read' }
  const verdict = hysteresis(wasFailing(key), psi, CPU_PSI.failAt, CPU_PSI.clearAt)
  return {
    key,
    verdict,
    text: verdict === 'ok' ? 'Processor time is enough' : `Work waited ${psi} % of five minutes for a processor`,
    ...(verdict === 'failing' && { evidence: { psiSomeAvg300: psi } }),
  }
}

/** Sensors over a limit the hardware names itself; one in `wasHot` must cool 5 °C below it first. */
export function hotSensors(temperatures: readonly Temperature[], wasHot: ReadonlySet<string>): Temperature[] {
  const over = (item: Temperature, limit: number | null) =>
    limit !== null && hysteresis(wasHot.has(item.zone), item.celsius, limit, limit - TEMPERATURE_CLEAR_BELOW) === 'failing'
  return temperatures.filter(item => over(item, item.hotAt) || over(item, item.criticalAt))
}

/** temperature.high; over a critical limit it is level 1. `hot` comes from `hotSensors`. */
export function judgeTemperatures(temperatures: readonly Temperature[] | null, hot: readonly Temperature[]): Reading {
  const key = 'temperature.high'
  if (temperatures === null) return { key, verdict: 'unknown', text: 'no sensor' }
  if (hot.length === 0) return { key, verdict: 'ok', text: 'Every sensor is below its limit' }
  const isCritical = hot.some(item => item.criticalAt !== null && item.celsius >= item.criticalAt)
  const text = `Too hot: ${hot.map(item => `${item.zone} ${item.celsius} °C (limit ${item.hotAt ?? item.criticalAt})`).join(', ')}`
  return { key, verdict: 'failing', text: text.slice(0, 500), ...(isCritical && { severity: 1 }), evidence: { sensors: hot } }
}

/** clock.drift: the device's wall clock differs from the server's by more than two minutes. */
export function judgeClock(offsetMs: number | null, wasFailing: WasFailing): Reading {
  const key = 'clock.drift'
  if (offsetMs === null) return { key, verdict: 'unknown', text: 'the server has not told its time' }
  const verdict = hysteresis(wasFailing(key), Math.abs(offsetMs), CLOCK_DRIFT_MS.failAt + 1, CLOCK_DRIFT_MS.clearAt)
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  if (verdict === 'ok') return { key, verdict, text: 'The clock is right' }
  return {
    key,
    verdict,
    text: `The clock is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} the server`,
    evidence: { offsetMs: Math.round(offsetMs) },
  }
}
