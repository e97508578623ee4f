/** disk.filling: a straight line through the last hour says when a disk will be full. */
import type { DiskUse } from '../probes/mounts.ts'
import type { Reading, WasFailing } from './reading.ts'
import { HOUR_MS } from '../../shared/units.ts'

export type TrendPoint = { atMs: number; freeBytes: number }

const WINDOW_MS = HOUR_MS
const MIN_SPAN_MS = 10 * 60_000
const MIN_POINTS = 10
const POINT_EVERY_MS = 60_000
/** Growth that matters: below it a slope is rotation and caches. */
const MIN_GROWTH_SHARE = 0.005
/** How straight the line must be (coefficient of determination): a single jump is no trend. */
const MIN_FIT = 0.8
const FAIL_HOURS = 8
const CLEAR_HOURS = 12
const URGENT_HOURS = 2

/** Adds a reading at most once a minute and forgets what is older than an hour. */
export function addTrendPoint(points: readonly TrendPoint[], point: TrendPoint): TrendPoint[] {
  const last = points.at(-1)
  if (last && point.atMs - last.atMs < POINT_EVERY_MS) return [...points]
  return [...points.filter(item => point.atMs - item.atMs <= WINDOW_MS), point]
}

/** Hours until the free space is gone at the pace of the window; null when it is not clearly shrinking. */
export function hoursUntilFull(points: readonly TrendPoint[], totalBytes: number): number | null {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last || points.length < MIN_POINTS || last.atMs - first.atMs < MIN_SPAN_MS) return null
  if (first.freeBytes - last.freeBytes < totalBytes * MIN_GROWTH_SHARE) return null
  const count = points.length
  const meanX = points.reduce((sum, point) => sum + (point.atMs - first.atMs), 0) / count
  const meanY = points.reduce((sum, point) => sum + point.freeBytes, 0) / count
  let xy = 0
  let xx = 0
  let yy = 0
  for (const point of points) {
    const x = point.atMs - first.atMs - meanX
    const y = point.freeBytes - meanY
    xy += x * y
    xx += x * x
    yy += y * y
  }
  if (xx === 0 || yy === 0 || (xy * xy) / (xx * yy) < MIN_FIT) return null
  const slope = xy / xx
  return slope >= 0 ? null : last.freeBytes / -slope / HOUR_MS
}

/** disk.filling over all mounts; within two hours it is level 2. */
export function judgeDiskFilling(
  uses: readonly DiskUse[],
  trends: ReadonlyMap<string, readonly TrendPoint[]>,
  wasFailing: WasFailing,
): Reading {
  const key = 'disk.filling'
  if (uses.length === 0) return { key, verdict: 'unknown', text: 'no file system could be read' }
  const limit = wasFailing(key) ? CLEAR_HOURS : FAIL_HOURS
  const filling = uses
    .map(use => ({ path: use.path, usedPercent: use.usedPercent, hours: hoursUntilFull(trends.get(use.path) ?? [], use.totalBytes) }))
    .filter((item): item is { path: string; usedPercent: number; hours: number } => item.hours !== null && item.hours <= limit)
  if (filling.length === 0) return { key, verdict: 'ok', text: 'No disk is filling up' }
  const isUrgent = filling.some(item => item.hours <= URGENT_HOURS)
  const text = filling.map(item => `${item.path} will be full in ${item.hours.toFixed(1)} h at this pace`).join('; ')
  return { key, verdict: 'failing', text: text.slice(0, 500), ...(isUrgent && { severity: 2 }), evidence: { mounts: filling } }
}
