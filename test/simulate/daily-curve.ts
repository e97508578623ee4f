/** Believable metrics of a kiosk: busy in the day, quiet at night, a little noise, each device with its own character. Pure. */

/** A number in [0, 1) that is always the same for the same three: noise that can be computed at any instant. */
export function noise(seed: number, step: number, channel: number): number {
  let hash = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b) ^ Math.imul(channel + 1, 0xc2b2ae35)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}

/** How busy the place is at an hour of the local day: 0 at night, peaks at noon and in the early evening. */
export function busyness(hour: number): number {
  const peak = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2))
  return Math.min(1, 0.9 * peak(12.5, 2.6) + peak(17.5, 2.4) + 0.35 * peak(9, 1.6))
}

const DAY_MS = 86_400_000
const tenth = (value: number): number => Math.round(value * 10) / 10

/** Every metric of an agent at an instant. `seed` is the device's character; `offsetHours` its local time less UTC. */
export function metricsAt(seed: number, atMs: number, offsetHours = 0): Record<string, number> {
  const minute = Math.floor(atMs / 60_000)
  const hour = (((atMs / 3_600_000 + offsetHours) % 24) + 24) % 24
  const busy = busyness(hour) * (0.7 + 0.6 * noise(seed, Math.floor(atMs / DAY_MS), 1))
  const jitter = (channel: number): number => noise(seed, minute, channel) - 0.5
  const cpu = 4 + 6 * noise(seed, 0, 2) + 38 * busy + 14 * jitter(3) * (0.3 + busy)
  const memory = 38 + 20 * noise(seed, 0, 4) + 7 * busy + 2 * jitter(5)
  // The disk fills slowly and is cleaned every nine days.
  const disk = 41 + 18 * noise(seed, 0, 6) + ((atMs / DAY_MS + 9 * noise(seed, 0, 7)) % 9) * 1.1
  return {
    cpuPercent: tenth(Math.min(100, Math.max(0.5, cpu))),
    memoryUsedPercent: tenth(memory),
    swapUsedPercent: tenth(Math.max(0, 3 * noise(seed, 0, 8) + jitter(9))),
    'diskUsedPercent:root': tenth(disk),
    'temperatureC:cpu': tenth(39 + 8 * noise(seed, 0, 10) + 13 * busy + 2 * jitter(11)),
    netRxBytesPerSecond: Math.round(900 + 42_000 * busy * (1 + jitter(12))),
    netTxBytesPerSecond: Math.round(400 + 9_000 * busy * (1 + jitter(13))),
    loadAverage1m: Math.round((0.1 + cpu / 42) * 100) / 100,
    psiCpuPercent: tenth(Math.max(0, 3 * busy + jitter(14))),
    psiMemoryPercent: 0,
    psiIoPercent: tenth(Math.max(0, busy + jitter(15))),
    uptimeSeconds: Math.round((atMs % (9 * DAY_MS)) / 1000),
  }
}
