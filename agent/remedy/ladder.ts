/** The ladder of remedies: what to do next about one failing signal. Pure: rule, history, lock and time in, a step out. */
import type { DeviceRule } from '../../shared/remedy-rules.ts'
import { remedyOf } from '../../shared/remedies.ts'
import type { Episode, History } from './remedy-attempts.ts'
import { MAX_REBOOTS, REBOOT_WINDOW_MS } from '../helper/reboot-limits.ts'

export type Situation = {
  /** `signal` or `signal:component`. */
  key: string
  rule: DeviceRule | undefined
  history: History
  /** How long the kiosk app has held its lock; null when it does not. */
  lockedForMs: number | null
  lockMaxMs: number
  nowMs: number
}
export type Step =
  | { kind: 'run'; id: string }
  /** Not made: why is for people. A refused rung is not asked for again in this episode. */
  | { kind: 'note'; id: string; outcome: 'refused' | 'locked'; text: string }
  | { kind: 'wait'; untilMs: number }
  | { kind: 'exhausted' }
  /** Nothing to do: no rule, no remedies, over, or an attempt is still under way. */
  | { kind: 'idle' }

/** A lock is asked for again after this. */
const LOCK_POLL_MS = 2_000
const MAX_BACKOFF_SECONDS = 3_600

/** Whether a customer in front of the screen notices it; of one this agent does not know it has to be taken so. */
export const disturbsCustomer = (id: string): boolean => remedyOf(id)?.isGentle !== true

type Remedy = DeviceRule['remedies'][number]
const signalOf = (key: string): string => key.split(':', 1)[0] as string

/** The remedies of a rule, each once. */
const rungsOf = (rule: DeviceRule): Remedy[] =>
  rule.remedies.filter((remedy, index) => rule.remedies.findIndex(other => other.id === remedy.id) === index)

const isLeft = (episode: Episode, { id, attempts }: Remedy): boolean => (episode.tries[id] ?? 0) < attempts && !episode.refused.includes(id)

/** Whether nothing is left to try. */
export function isSpent(episode: Episode, rule: DeviceRule): boolean {
  return !rungsOf(rule).some(remedy => isLeft(episode, remedy))
}

/** Reboots that count against the limit. One that lies in the future (a clock that went wrong) counts too. */
export function rebootsLately(history: History, nowMs: number): number {
  return history.rebootsMs.filter(atMs => atMs > nowMs - REBOOT_WINDOW_MS).length
}

/** When this remedy may be begun again. Reloading backs off: a page that does not come is not asked for every five minutes for ever. */
function readyAtMs(history: History, episode: Episode, { id, cooldownSeconds }: Remedy): number {
  const lastMs = history.lastTriedMs[id]
  if (lastMs === undefined) return -Infinity
  const factor = id === 'reload-page' ? 2 ** Math.max(0, (episode.tries[id] ?? 0) - 1) : 1
  return lastMs + Math.max(cooldownSeconds, Math.min(cooldownSeconds * factor, MAX_BACKOFF_SECONDS)) * 1000
}

/** Why a rung is out of the question here, or null. */
function objection({ key, history, nowMs }: Situation, id: string): string | null {
  if (id === 'restart-app' && signalOf(key) === 'memory.leak')
    return 'Only outside opening hours, and this device does not know them: the app is left running.'
  if (id === 'reboot' && rebootsLately(history, nowMs) >= MAX_REBOOTS)
    return `Rebooted ${MAX_REBOOTS} times within 24 hours already: a further one would not help.`
  return null
}

/** The next step about a failing signal. Rungs go in the order of the rule; one that cools down or is locked lets the next one go ahead. */
export function nextStep(situation: Situation): Step {
  const { key, rule, history, lockedForMs, lockMaxMs, nowMs } = situation
  const episode = history.episodes[key]
  if (!rule?.enabled || rule.remedies.length === 0 || !episode) return { kind: 'idle' }
  if (episode.endedMs !== null || episode.isExhausted || episode.pending) return { kind: 'idle' }
  const left = rungsOf(rule).filter(remedy => isLeft(episode, remedy))
  if (left.length === 0) return { kind: 'exhausted' }
  const isLocked = lockedForMs !== null && lockedForMs < lockMaxMs
  let untilMs = Infinity
  for (const remedy of left) {
    const why = objection(situation, remedy.id)
    if (why !== null) return { kind: 'note', id: remedy.id, outcome: 'refused', text: why }
    const readyMs = readyAtMs(history, episode, remedy)
    if (readyMs > nowMs) untilMs = Math.min(untilMs, readyMs)
    else if (!isLocked || !disturbsCustomer(remedy.id)) return { kind: 'run', id: remedy.id }
    else if (!episode.rungs.some(rung => rung.outcome === 'locked'))
      return { kind: 'note', id: remedy.id, outcome: 'locked', text: 'A customer is busy at the kiosk: waits until they are done.' }
    else untilMs = Math.min(untilMs, nowMs + LOCK_POLL_MS)
  }
  return { kind: 'wait', untilMs }
}
