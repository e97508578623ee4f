/** Samples of one group on their way into the store: metric names become slots, values bytes. */
import type { MetricsMessage } from '../../shared/messages.ts'
import { correctedAtMs } from '../devices/rules/device-clock.ts'
import { encodeSample, MAX_SLOTS, type SlotValue } from '../devices/rules/sample-codec.ts'
import type { Tx } from '../database/database.ts'
import { insertSamples, insertSlots, readSlots } from '../devices/store/sample-store.ts'
import type { DeviceMetricRow, SampleRow } from '../database/tables/schema.ts'
import type { DeviceLink } from './device-marks.ts'

const LATE_MS = 3_600_000

type Pending = { deviceNo: number; atMs: number; metrics: Record<string, number> }

/** Makes the writer. Like the link memory, it believes its slots only after the commit. */
export function makeSampleWriter(deps: { noteLate(deviceNo: number, atMs: number): void }) {
  const slots = new Map<number, Map<string, number>>()
  let pending: Pending[] = []
  let newSlots: DeviceMetricRow[] = []

  const loadSlots = async (tx: Tx): Promise<void> => {
    const missing = [...new Set(pending.map(sample => sample.deviceNo))].filter(deviceNo => !slots.has(deviceNo))
    if (missing.length === 0) return
    for (const deviceNo of missing) slots.set(deviceNo, new Map())
    for (const row of await readSlots(tx, missing)) slots.get(row.device_no)?.set(row.name, row.slot)
  }

  /** Slot of a metric; null when the device has as many metrics as one may have. */
  const slotOf = (deviceNo: number, name: string): number | null => {
    const known = slots.get(deviceNo)
    const slot = known?.get(name)
    if (slot !== undefined || !known) return slot ?? null
    if (known.size >= MAX_SLOTS) return null
    newSlots.push({ device_no: deviceNo, slot: known.size, name })
    known.set(name, known.size)
    return known.size - 1
  }

  return {
    /** Takes the samples of one message; answers the newest with its instant. */
    take(link: DeviceLink, message: MetricsMessage, receivedAtMs: number): { atMs: number; metrics: Record<string, number> } | null {
      let newest: { atMs: number; metrics: Record<string, number> } | null = null
      for (const sample of message.d.samples) {
        const atMs = correctedAtMs(message, sample.up, link, receivedAtMs)
        pending.push({ deviceNo: link.deviceNo, atMs, metrics: sample.m })
        if (receivedAtMs - atMs > LATE_MS) deps.noteLate(link.deviceNo, atMs)
        if (!newest || atMs >= newest.atMs) newest = { atMs, metrics: sample.m }
      }
      return newest
    },

    /** Writes what was taken, inside the group's transaction. */
    async write(tx: Tx): Promise<void> {
      if (pending.length === 0) return
      await loadSlots(tx)
      const rows: SampleRow[] = pending.map(({ deviceNo, atMs, metrics }) => {
        const values: SlotValue[] = []
        for (const name in metrics) {
          const slot = slotOf(deviceNo, name)
          if (slot !== null) values.push({ slot, value: metrics[name] as number })
        }
        return { device_no: deviceNo, at: atMs, data: encodeSample(values) }
      })
      await insertSlots(tx, newSlots)
      await insertSamples(tx, rows)
    },

    confirm(): void {
      pending = []
      newSlots = []
    },

    forget(): void {
      for (const { deviceNo } of pending) slots.delete(deviceNo)
      pending = []
      newSlots = []
    },
  }
}
