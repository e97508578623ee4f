/** The table of the clocks' log. */
import type { ClockWord } from '../../../shared/clock-words.ts'

/** Append-only: what happened to one cycle of one clock. What happens once has a `once_key`, which the database keeps unique. */
export type ClockEventRow = {
  id: string
  ticket_id: string
  kind: 'response' | 'update' | 'resolution'
  cycle: number
  what: ClockWord
  /** Key of the step of the escalation, or the update intervals missed; null for the rest. */
  step: string | null
  once_key: string | null
  /** When it took effect, and when it was written down. */
  at: number
  recorded_at: number
  state: string
  due_at: number | null
  used_seconds: number
  text: string
}
