/** What is said about one signal, as services take it. */
import type { Static } from 'typebox'
import type { RemedyOutcome } from '../../shared/messages.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import type { Seen } from '../domain/condition.ts'

/** One signal of one device at one instant. `component` '' = none; `atMs` device time, corrected. */
export type Observation = {
  deviceId: string
  signal: string
  component: string
  state: 'failing' | 'ok' | 'unknown'
  severity?: LevelNumber
  text: string
  atMs: number
  receivedAtMs: number
  evidence?: unknown
  remedies?: Static<typeof RemedyOutcome>[]
  exhausted?: boolean
  epoch?: string
  sequence?: number
}

/** The observation as the state machine takes it, with its level worked out. */
export function seenOf(observation: Observation, level: LevelNumber): Seen {
  const { state, text, atMs, receivedAtMs, remedies, exhausted } = observation
  const saysLadder = remedies !== undefined || exhausted !== undefined
  return { state, level, text, atMs, receivedAtMs, ladder: !saysLadder ? 'none' : exhausted === true ? 'exhausted' : 'running' }
}
