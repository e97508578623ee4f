/** What a rule says about one signal at one moment. Rules are pure: facts and the state so far in, readings out. */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { AgentSignal, AgentSignalKey } from '../../shared/signals/signals.ts'

export type Reading = {
  /** `signal` or `signal:component`, of a signal that has its line. */
  key: AgentSignalKey
  /** `unknown` keeps what was known: a probe that cannot see is no proof of health or fault. */
  verdict: 'failing' | 'ok' | 'unknown'
  /** Of an `unknown`: it will stay so (a printer that tells nothing), and people are to see it. */
  isLasting?: true
  severity?: LevelNumber
  text: string
  evidence?: Record<string, unknown>
}

/** Hands readings to the board; with a family they are all there is of that signal. */
export type Report = (readings: Reading[], family?: AgentSignal) => void

/** Is this signal failing so far? Gives a rule its lower limit on the way back. */
export type WasFailing = (key: string) => boolean

/** Above `failAt` it fails, at or below `clearAt` it is well again, in between it stays what it was. */
export function hysteresis(wasFailing: boolean, value: number, failAt: number, clearAt: number): 'failing' | 'ok' {
  if (value >= failAt) return 'failing'
  if (value <= clearAt) return 'ok'
  return wasFailing ? 'failing' : 'ok'
}

/** A severity as the wire has it, from a profile's level. */
export function severityOf(level: number | undefined): { severity?: LevelNumber } {
  return level === undefined ? {} : { severity: level as LevelNumber }
}
