/** One sample of the machine: names and units are the wire contract's. */
import { cpuPercent, readCpuTimes, readLoad1m, readUptimeSeconds, type CpuTimes } from './cpu.ts'
import { readMemory } from './memory.ts'
import type { DiskUse } from './mounts.ts'
import { networkRates, readNetworkBytes, type NetworkBytes } from './network.ts'
import { readPressure } from './pressure.ts'
import type { Roots } from './read-file.ts'
import type { Temperature } from './temperatures.ts'

export type Metrics = Record<string, number>

/** Takes samples; rates are over the time since the sample before. What cannot be read is left out. */
export function makeSampler(roots: Roots) {
  let cpuBefore: CpuTimes | null = readCpuTimes(roots)
  let networkBefore: { bytes: NetworkBytes; atMs: number } | null = null
  return (now: { monotonicMs: number; disks: readonly DiskUse[]; temperatures: readonly Temperature[] }): Metrics => {
    const metrics: Metrics = {}
    const put = (name: string, value: number | null | undefined) => {
      if (value !== null && value !== undefined && Number.isFinite(value)) metrics[name] = value
    }
    const cpuNow = readCpuTimes(roots)
    if (cpuBefore && cpuNow) put('cpuPercent', cpuPercent(cpuBefore, cpuNow))
    cpuBefore = cpuNow
    const memory = readMemory(roots)
    put('memoryUsedPercent', memory?.usedPercent)
    put('swapUsedPercent', memory?.swapUsedPercent)
    const bytes = readNetworkBytes(roots)
    const rates = bytes && networkBefore ? networkRates(networkBefore.bytes, bytes, now.monotonicMs - networkBefore.atMs) : null
    networkBefore = bytes && { bytes, atMs: now.monotonicMs }
    put('netRxBytesPerSecond', rates?.rx)
    put('netTxBytesPerSecond', rates?.tx)
    put('loadAverage1m', readLoad1m(roots))
    const pressure = readPressure(roots)
    put('psiCpuPercent', pressure.cpu?.avg60)
    put('psiMemoryPercent', pressure.memory?.avg60)
    put('psiIoPercent', pressure.io?.avg60)
    put('uptimeSeconds', readUptimeSeconds(roots))
    for (const disk of now.disks) put(`diskUsedPercent:${disk.name}`, disk.usedPercent)
    for (const sensor of now.temperatures) put(`temperatureC:${sensor.zone}`, sensor.celsius)
    return metrics
  }
}
