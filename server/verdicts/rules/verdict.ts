/** Does a device serve its customers? One word, worst first, with the reasons. */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { bearingOf } from '../../../shared/signals/signals.ts'
import { signalKey } from '../../incidents/rules/incident.ts'
import type { VerdictWord } from '../../../shared/api/devices/device-api.ts'

export type FailingSignal = { signal: string; component: string; level: LevelNumber; sinceMs: number; text: string }
export type VerdictFacts = {
  connection: 'online' | 'suspect' | 'offline' | 'planned-offline' | 'unknown' | 'never'
  connectionSinceMs: number
  failing: readonly FailingSignal[]
  /** Whether the site is open right now; true when it has no opening hours. */
  isOpen: boolean
}
export type VerdictReason = { signal: string; severity: LevelNumber; sinceMs: number; text: string }

function wordOf({ connection, failing, isOpen }: VerdictFacts): VerdictWord {
  if (connection === 'planned-offline' || (connection === 'offline' && !isOpen)) return 'closed'
  if (connection === 'never') return 'unknown'
  if (connection === 'offline' || failing.some(({ signal, level }) => level === 1 && bearingOf(signal).serving === 'needed'))
    return 'not-serving'
  if (failing.some(({ signal, level }) => level <= 2 || bearingOf(signal).serving === 'peripheral')) return 'degraded'
  if (!isOpen) return 'closed'
  return connection === 'unknown' ? 'unknown' : 'serving'
}

/**
 * The verdict and everything that fails, most serious first. A device that is away as planned, or outside opening hours, is
 * `closed`: what it said last is not fresh.
 */
export function judge(facts: VerdictFacts): { verdict: VerdictWord; reasons: VerdictReason[] } {
  const reasons = facts.failing.map(({ signal, component, level, sinceMs, text }) => ({
    signal: signalKey(signal, component),
    severity: level,
    sinceMs,
    text,
  }))
  if (facts.connection === 'offline' && facts.isOpen && !reasons.some(reason => reason.signal === 'agent.offline')) {
    reasons.push({ signal: 'agent.offline', severity: 2, sinceMs: facts.connectionSinceMs, text: 'No contact with the device' })
  }
  reasons.sort((one, other) => one.severity - other.severity || one.sinceMs - other.sinceMs || (one.signal < other.signal ? -1 : 1))
  return { verdict: wordOf(facts), reasons }
}
