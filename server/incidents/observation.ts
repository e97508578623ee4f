/** What is said about one signal, as services take it. */
import type { EventData } from '../../shared/messages.ts'
import type { RemedyResult } from '../../shared/remedies.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { Seen } from './rules/condition.ts'
import { saidAtMs } from '../devices/rules/device-clock.ts'

/** One attempt of the device's ladder. `at` is corrected like the observation's time; `said` is the device's own word for it. */
export type ObservedRemedy = { id: string; outcome: RemedyResult; at: number; said?: string | number; tookMs?: number; text?: string }

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
  remedies?: ObservedRemedy[]
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

/** An attempt as an event tells it; `atMs` is the event's corrected time. */
export function observedRemedy(told: NonNullable<EventData['remedies']>[number], message: { ts: number }, atMs: number): ObservedRemedy {
  const { id, outcome, at, tookMs, text } = told
  const more = { ...(tookMs !== undefined && { tookMs }), ...(text !== undefined && { text }) }
  return { id, outcome, at: saidAtMs(at, message, atMs), said: at, ...more }
}
