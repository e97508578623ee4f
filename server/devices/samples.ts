/** Reading samples at the resolution that fits the span, rolling them up, and letting old ones go. */
import type { Samples } from '../../shared/api/devices/device-api.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import { decodeRollup, encodeRollup, mergeRollups, sampleAsRollup, sampleValue, unitOf } from './rules/sample-codec.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice, lastDeviceNo } from './store/device-store.ts'
import { readFact, writeFact } from '../database/instance-store.ts'
import { deleteSamplesBefore, findSlot, readRollups, readSamples, writeRollups, listSampledDevices } from './store/sample-store.ts'
import type { RollupRow } from '../database/tables/schema.ts'
import { deleteQuarantineBefore, deleteTimelineBefore } from './store/timeline-store.ts'
import { MINUTE_MS, HOUR_MS, DAY_MS } from '../../shared/units.ts'

export const FIVE_MINUTES_MS = 5 * MINUTE_MS
/** Samples up to this span come as they were sent; above, five-minute roll-ups; above 14 days, hourly ones. */
const RAW_SPAN_MS = 26 * HOUR_MS
const FIVE_MINUTE_SPAN_MS = 14 * DAY_MS
const MAX_SPAN_MS = 800 * DAY_MS
const DEVICES_PER_SLICE = 50

export type Retention = { sampleDays: number; rollup5mDays: number; rollup1hDays: number; timelineDays: number }
/** What else ends with the timeline: deletes what is older than `beforeMs` of devices whose number is in `deviceNos`, in the same transaction. */
export type ForgetBefore = (tx: Tx, beforeMs: number, deviceNos: { from: number; to: number }) => Promise<void>
type Point = [string, number, number, number]

const round = (value: number): number => Math.round(value * 1000) / 1000
const point = (atMs: number, min: number, avg: number, max: number): Point => [
  new Date(atMs).toISOString(),
  round(min),
  round(avg),
  round(max),
]
const floorTo = (ms: number, bucketMs: number): number => Math.floor(ms / bucketMs) * bucketMs

/** Makes the samples service. */
export function makeSamples(deps: { db: Database; now: () => number; retention: Retention; forgetWithTimeline: ForgetBefore }) {
  const { db, now, retention, forgetWithTimeline } = deps
  /** Devices that sent samples of a span that is rolled up already: oldest instant each. */
  const late = new Map<number, number>()
  let isFirstRun = true

  /** Rolls one device's span up: five minutes from samples, hours from five minutes. */
  const rollUpDevice = async (deviceNo: number, fromMs: number, toMs: number): Promise<void> => {
    const from5 = floorTo(fromMs, FIVE_MINUTES_MS)
    const fromHour = floorTo(fromMs, HOUR_MS)
    const samples = await readSamples(db, deviceNo, from5, toMs)
    if (samples.length === 0) return
    const buckets = Map.groupBy(samples, sample => floorTo(sample.at, FIVE_MINUTES_MS))
    const fine: RollupRow[] = [...buckets].map(([at, rows]) => ({
      device_no: deviceNo,
      bucket_ms: FIVE_MINUTES_MS,
      at,
      data: encodeRollup(mergeRollups(rows.map(row => sampleAsRollup(row.data)))),
    }))
    const earlier = await readRollups(db, deviceNo, FIVE_MINUTES_MS, fromHour, from5)
    const hours = Map.groupBy([...earlier, ...fine], row => floorTo(row.at, HOUR_MS))
    const coarse: RollupRow[] = [...hours].map(([at, rows]) => ({
      device_no: deviceNo,
      bucket_ms: HOUR_MS,
      at,
      data: encodeRollup(mergeRollups(rows.map(row => decodeRollup(row.data)))),
    }))
    await inTransaction(db, tx => writeRollups(tx, [...fine, ...coarse]))
  }

  return {
    /** One metric of one device. Without a span: the last 24 hours. */
    async read(deviceId: string, query: { metric: string; fromMs: number | null; toMs: number | null }): Promise<Samples> {
      const device = await findDevice(db, deviceId)
      if (!device) throw notFound('device')
      const toMs = query.toMs ?? now()
      const fromMs = query.fromMs ?? toMs - DAY_MS
      if (!(fromMs < toMs) || toMs - fromMs > MAX_SPAN_MS)
        throw invalidInput([{ path: 'querystring/from', message: 'must be before `to`, at most 800 days' }])
      const slot = await findSlot(db, device.device_no, query.metric)
      const points: Point[] = []
      if (slot !== null) {
        const span = toMs - fromMs
        if (span <= RAW_SPAN_MS && fromMs > now() - retention.sampleDays * DAY_MS) {
          for (const row of await readSamples(db, device.device_no, fromMs, toMs)) {
            const value = sampleValue(row.data, slot)
            if (value !== null) points.push(point(row.at, value, value, value))
          }
        } else {
          const bucketMs = span <= FIVE_MINUTE_SPAN_MS && fromMs > now() - retention.rollup5mDays * DAY_MS ? FIVE_MINUTES_MS : HOUR_MS
          for (const row of await readRollups(db, device.device_no, bucketMs, floorTo(fromMs, bucketMs), toMs)) {
            const value = decodeRollup(row.data).find(item => item.slot === slot)
            if (value) points.push(point(row.at, value.min, value.avg, value.max))
          }
        }
      }
      return { metric: query.metric, unit: unitOf(query.metric), points }
    },

    /** Told by ingest: a device sent samples older than an hour (it was offline); their buckets are computed again. */
    noteLate(deviceNo: number, atMs: number): void {
      late.set(deviceNo, Math.min(late.get(deviceNo) ?? atMs, atMs))
    },

    /**
     * Rolls up what came since the last time and answers how many devices it touched. The mark moves only after everything
     * is written, so a crash repeats work and loses none; the first run after a start looks a day back for late samples.
     */
    async rollUp(): Promise<number> {
      const mark = Number((await readFact(db, 'rollup-until')) ?? 0)
      const until = floorTo(now(), FIVE_MINUTES_MS)
      if (until <= mark) return 0
      const from = isFirstRun ? until - DAY_MS : mark - HOUR_MS
      const touched = await listSampledDevices(db, from, until)
      for (const deviceNo of touched) await rollUpDevice(deviceNo, from, until)
      const overdue = [...late]
      late.clear()
      for (const [deviceNo, atMs] of overdue) if (atMs < from) await rollUpDevice(deviceNo, atMs, from + HOUR_MS)
      isFirstRun = false
      await writeFact(db, 'rollup-until', String(until))
      return touched.length
    },

    /** Deletes what is older than the settings keep, a few devices per transaction so that messages never wait long. */
    async forget(): Promise<void> {
      const last = await lastDeviceNo(db)
      for (let from = 0; from <= last; from += DEVICES_PER_SLICE) {
        const slice = { from, to: from + DEVICES_PER_SLICE }
        await inTransaction(db, async tx => {
          await deleteSamplesBefore(tx, 'samples', now() - retention.sampleDays * DAY_MS, 0, slice)
          await deleteSamplesBefore(tx, 'rollups', now() - retention.rollup5mDays * DAY_MS, FIVE_MINUTES_MS, slice)
          await deleteSamplesBefore(tx, 'rollups', now() - retention.rollup1hDays * DAY_MS, HOUR_MS, slice)
          await deleteTimelineBefore(tx, now() - retention.timelineDays * DAY_MS, slice)
          await forgetWithTimeline(tx, now() - retention.timelineDays * DAY_MS, slice)
        })
      }
      await inTransaction(db, tx => deleteQuarantineBefore(tx, now() - retention.timelineDays * DAY_MS))
    },
  }
}
export type SampleReader = ReturnType<typeof makeSamples>
