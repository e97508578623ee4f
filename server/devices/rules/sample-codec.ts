/** Compact samples: a metric is a slot number of its device, a value four bytes. */

export const SAMPLE_BYTES = 5
export const ROLLUP_BYTES = 15
export const MAX_SLOTS = 200

export type SlotValue = { slot: number; value: number }
export type SlotRollup = { slot: number; min: number; avg: number; max: number; count: number }

/** `[slot u8, value f32le]*`. */
export function encodeSample(values: readonly SlotValue[]): Uint8Array {
  const bytes = new Uint8Array(values.length * SAMPLE_BYTES)
  const view = new DataView(bytes.buffer)
  values.forEach(({ slot, value }, index) => {
    view.setUint8(index * SAMPLE_BYTES, slot)
    view.setFloat32(index * SAMPLE_BYTES + 1, value, true)
  })
  return bytes
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Values of a stored sample. */
export function decodeSample(bytes: Uint8Array): SlotValue[] {
  const view = viewOf(bytes)
  const values: SlotValue[] = []
  for (let at = 0; at + SAMPLE_BYTES <= bytes.byteLength; at += SAMPLE_BYTES)
    values.push({ slot: view.getUint8(at), value: view.getFloat32(at + 1, true) })
  return values
}

/** `[slot u8, min f32le, avg f32le, max f32le, count u16le]*`. */
export function encodeRollup(values: readonly SlotRollup[]): Uint8Array {
  const bytes = new Uint8Array(values.length * ROLLUP_BYTES)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    const at = index * ROLLUP_BYTES
    view.setUint8(at, value.slot)
    view.setFloat32(at + 1, value.min, true)
    view.setFloat32(at + 5, value.avg, true)
    view.setFloat32(at + 9, value.max, true)
    view.setUint16(at + 13, Math.min(value.count, 65_535), true)
  })
  return bytes
}

export function decodeRollup(bytes: Uint8Array): SlotRollup[] {
  const view = viewOf(bytes)
  const values: SlotRollup[] = []
  for (let at = 0; at + ROLLUP_BYTES <= bytes.byteLength; at += ROLLUP_BYTES) {
    values.push({
      slot: view.getUint8(at),
      min: view.getFloat32(at + 1, true),
      avg: view.getFloat32(at + 5, true),
      max: view.getFloat32(at + 9, true),
      count: view.getUint16(at + 13, true),
    })
  }
  return values
}

/** One metric at one slot out of many bytes, without decoding the rest; null when the sample has none. */
export function sampleValue(bytes: Uint8Array, slot: number): number | null {
  for (let at = 0; at + SAMPLE_BYTES <= bytes.byteLength; at += SAMPLE_BYTES)
    if (bytes[at] === slot) return viewOf(bytes).getFloat32(at + 1, true)
  return null
}

/** Minimum, weighted average and maximum over several rollups of one bucket (count-weighted). */
export function mergeRollups(parts: readonly (readonly SlotRollup[])[]): SlotRollup[] {
  const merged = new Map<number, SlotRollup & { sum: number }>()
  for (const part of parts) {
    for (const value of part) {
      const known = merged.get(value.slot)
      if (!known) merged.set(value.slot, { ...value, sum: value.avg * value.count })
      else {
        known.min = Math.min(known.min, value.min)
        known.max = Math.max(known.max, value.max)
        known.sum += value.avg * value.count
        known.count += value.count
      }
    }
  }
  return [...merged.values()].map(({ slot, min, max, sum, count }) => ({ slot, min, max, avg: sum / count, count }))
}

/** A sample seen as a rollup of one. */
export function sampleAsRollup(bytes: Uint8Array): SlotRollup[] {
  return decodeSample(bytes).map(({ slot, value }) => ({ slot, min: value, avg: value, max: value, count: 1 }))
}

const UNITS: readonly [RegExp, string][] = [
  [/Percent(:|$)/, '%'],
  [/^temperatureC(:|$)/, '°C'],
  [/BytesPerSecond(:|$)/, 'B/s'],
  [/Bytes(:|$)/, 'B'],
  [/Seconds(:|$)/, 's'],
  [/Ms(:|$)/, 'ms'],
]

/** Unit of a metric from its name; '' for a bare number. */
export function unitOf(metric: string): string {
  return UNITS.find(([pattern]) => pattern.test(metric))?.[1] ?? ''
}
