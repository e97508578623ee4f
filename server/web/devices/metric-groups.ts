/** Which metrics share a chart, and how their numbers are written. */

export type MetricGroup = { name: string; unit: string; metrics: string[]; max?: number }

const BYTE_STEPS = ['B', 'KB', 'MB', 'GB'] as const

/** A number with its unit, short. */
export function metricText(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '–'
  if (unit === 'B/s' || unit === 'B') {
    let step = 0
    let rest = value
    while (rest >= 1000 && step < BYTE_STEPS.length - 1) {
      rest /= 1000
      step += 1
    }
    return `${rest >= 100 || step === 0 ? Math.round(rest) : rest.toFixed(1)} ${BYTE_STEPS[step] ?? ''}${unit.slice(1)}`
  }
  const number = Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(unit === '' ? 2 : 1)
  return unit === '' ? number : `${number} ${unit}`
}

/** Name of one line: the component, or what the metric is. */
export function metricName(metric: string): string {
  const component = metric.split(':')[1]
  if (component) return component
  const names: Record<string, string> = {
    cpuPercent: 'CPU',
    memoryUsedPercent: 'Memory',
    swapUsedPercent: 'Swap',
    netRxBytesPerSecond: 'Received',
    netTxBytesPerSecond: 'Sent',
    loadAverage1m: 'Load, 1 min',
    psiCpuPercent: 'CPU',
    psiMemoryPercent: 'Memory',
    psiIoPercent: 'Disk',
    pageMemoryBytes: 'Memory',
    pageErrorsPerMinute: 'Errors',
  }
  return names[metric] ?? metric
}

const starts =
  (prefix: string) =>
  (metric: string): boolean =>
    metric === prefix || metric.startsWith(`${prefix}:`)
const KNOWN: readonly { name: string; unit: string; max?: number; has(metric: string): boolean }[] = [
  { name: 'CPU', unit: '%', max: 100, has: starts('cpuPercent') },
  { name: 'Memory', unit: '%', max: 100, has: metric => metric === 'memoryUsedPercent' || metric === 'swapUsedPercent' },
  { name: 'Disk used', unit: '%', max: 100, has: starts('diskUsedPercent') },
  { name: 'Temperature', unit: '°C', has: starts('temperatureC') },
  { name: 'Network', unit: 'B/s', has: metric => metric.startsWith('net') },
  { name: 'Memory of the page', unit: 'B', has: starts('pageMemoryBytes') },
  { name: 'Errors of the page, a minute', unit: '', has: starts('pageErrorsPerMinute') },
  { name: 'Load', unit: '', has: starts('loadAverage1m') },
  { name: 'Pressure: time work had to wait', unit: '%', has: metric => metric.startsWith('psi') },
]

/** Charts for what a device sends. Time since boot only ever rises and is told in words instead. */
export function metricGroups(metrics: readonly string[]): MetricGroup[] {
  const left = new Set(metrics)
  left.delete('uptimeSeconds')
  const groups: MetricGroup[] = []
  for (const known of KNOWN) {
    const found = [...left].filter(known.has).toSorted()
    for (const metric of found) left.delete(metric)
    if (found.length > 0)
      groups.push({ name: known.name, unit: known.unit, metrics: found, ...(known.max === undefined ? {} : { max: known.max }) })
  }
  for (const metric of [...left].toSorted()) groups.push({ name: metric, unit: '', metrics: [metric] })
  return groups
}
