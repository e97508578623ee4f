/** What the spool holds and offers, and how it tells that something was lost. */
import type { Logger } from 'pino'
import type { EventData, SpoolGap } from '../../shared/messages.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import type { UpKind } from '../../shared/topics.ts'
import type { Clock } from '../platform/agent-clock.ts'

export type Lane = 'evt' | 'met'
/** Lanes in the order of their numbers in the database. */
export const LANES: readonly Lane[] = ['evt', 'met']

export type Stamp = { ts: number; up: number; bid: string }
/** A stored message; `d` is JSON text, `bytes` its size with the envelope. */
export type SpoolRecord = Stamp & { q: number; lane: Lane; kind: UpKind; d: string; bytes: number }
export type LaneFill = { count: number; bytes: number }

export type Spool = {
  /** Epoch of the numbers given out now. It changes when the disk fails and when it comes back: then a birth is due. */
  readonly epoch: string
  /** Where records go: on disk, or in memory while the disk cannot be written. */
  readonly mode: 'disk' | 'memory'
  /** Stores a message and answers its sequence number. Events are durable on return, metrics within 5 s or 64 KB. */
  append(kind: UpKind, data: object, stamp: Stamp): number
  /** Takes a number that no record uses (births): durable before it is answered. */
  takeNumber(): number
  /** Oldest stored record of a lane (of any lane when null) after `afterQ`, or null. What is not yet durable is not shown. */
  next(lane: Lane | null, afterQ: number): SpoolRecord | null
  /** The server has this record. */
  acked(epoch: string, q: number): void
  /** The server has everything of this epoch up to `q`. */
  ackedUpTo(epoch: string, q: number): void
  /** Writes what waits in memory. */
  flush(): void
  fill(): Record<Lane, LaneFill>
  /** Called after records became durable, and when the epoch changed. */
  onStored: (() => void) | null
  close(): void
}

export type SpoolOptions = {
  path: string
  clock: Clock
  log: Logger
  bootId: string
  /** Epoch last seen on this data folder, or null: a missing file is then reported as lost. */
  expectedEpoch: string | null
  /** Data was lost here; the event about it is already in the spool. */
  onGap: (gap: SpoolGap) => void
  /** Largest size of each lane in bytes. */
  limits?: Record<Lane, number>
}

/** What the server is told when data was lost on the device. */
export function gapEvent(gap: SpoolGap): EventData {
  const known = gap.count > 1 || gap.to > 1
  const what = known ? `${gap.count} ${gap.lane === 'met' ? 'metric' : 'event'} records` : 'Records that were not yet sent'
  const why = { full: 'the spool was full', torn: 'the spool file was broken', lost: 'the spool file was gone' }[gap.reason]
  return { signal: 'spool.gap' satisfies AgentSignal, state: 'failing', text: `${what} were lost on the device: ${why}`, evidence: gap }
}
