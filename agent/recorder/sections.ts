/** What of the recorder goes into a bundle: measurements, log lines and the state around a failure, each its own packed JSON. */
import { gzipSync } from 'node:zlib'
import type { KernelLine } from './kernel-log.ts'
import type { NewPart } from './bundles.ts'
import type { RingRecord } from './ring.ts'
import { iso } from '../../shared/instants.ts'

/** Before packing; a part of so much text packs to far below what the server takes. */
const MAX_CHARS = 1024 * 1024

export type LogLine = { at: number; text: string }
export type SectionFacts = {
  records: readonly RingRecord[]
  kernel: readonly KernelLine[]
  /** Wall clock at monotonic zero of this boot. */
  bootAtMs: number
}

const part = (name: string, kind: NewPart['kind'], content: unknown): NewPart => ({
  name,
  kind,
  bytes: gzipSync(JSON.stringify(content, null, 1)),
})

/** The newest items that fit, in their order. */
export function newestWithin<Item>(items: readonly Item[], maxChars = MAX_CHARS): Item[] {
  let chars = 0
  let from = items.length
  while (from > 0) {
    chars += JSON.stringify(items[from - 1]).length
    if (chars > maxChars) break
    from--
  }
  return items.slice(from)
}

/** The device at the moment of failure, and what changed around it before. */
export function makeState(facts: Record<string, unknown> & { at: number }, changes: readonly RingRecord[]): NewPart {
  const told = changes.map(({ at, data }) => ({ at: iso(at), ...(data as object) }))
  return part('state', 'state', { ...facts, at: iso(facts.at), changes: newestWithin(told) })
}

/** Measurements and log lines of the time around a failure. */
export function makeSections({ records, kernel, bootAtMs }: SectionFacts): NewPart[] {
  const of = (kind: RingRecord['kind']) => records.filter(record => record.kind === kind)
  const samples = of('sample').map(({ at, data }) => ({ at: iso(at), metrics: data }))
  const lines = [
    ...of('log').map(({ at, data }) => ({ at, from: 'kiosk', text: String(data) })),
    ...of('signal').map(({ at, data }) => ({ at, from: 'agent', text: String(data) })),
    ...kernel.map(({ up, text }) => ({ at: bootAtMs + up, from: 'kernel', text })),
  ].toSorted((one, other) => one.at - other.at)
  return [
    part('metrics', 'metrics', { samples: newestWithin(samples) }),
    part('log', 'log', { lines: newestWithin(lines.map(line => ({ ...line, at: iso(line.at) }))) }),
  ]
}
