/** Which signals may have one cause, and which of them is tried first: while its ladder still has rungs, the others wait. Pure. */
import type { Profile } from '../../shared/profile.ts'
import { CAUSES } from '../../shared/signals/causes.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import type { DeviceRules } from '../../shared/remedy-rules.ts'
import type { History } from './remedy-attempts.ts'

/** Causes before their symptoms, as the server has it; silence comes last of all that speaks of the app: it explains nothing. */
const ORDER: readonly string[] = [...CAUSES, 'business.silent' satisfies AgentSignal]
/**
 * Signals of what the customer sees that a ladder of the app may mend: one fault of the app shows in several of them. Not what the server
 * calls symptoms of the app: `app.errors` ships without remedies, and holds back nobody's ladder.
 */
const APP: ReadonlySet<string> = new Set<AgentSignal>(['app.crashed', 'screen.error-page', 'app.frozen', 'screen.blank', 'business.silent'])

const signalOf = (key: string): string => key.split(':', 1)[0] as string
const rankOf = (key: string): number => {
  const rank = ORDER.indexOf(signalOf(key))
  return rank < 0 ? ORDER.length : rank
}

/** Is the signal about the kiosk app? Its process counts when the profile watches it as well. */
export function isAboutApp(key: string, profile: Profile): boolean {
  if (APP.has(signalOf(key))) return true
  const { match } = profile.kioskApp
  return match !== undefined && profile.processes.some(item => key === `process.missing:${item.name}` && item.match === match)
}

/** Failing signals that may take a step now, the likeliest cause first. */
export function inCauseOrder(keys: readonly string[], history: History, rules: DeviceRules, profile: Profile): string[] {
  const since = (key: string): number => history.episodes[key]?.sinceMs ?? 0
  const sorted = keys.toSorted((one, other) => rankOf(one) - rankOf(other) || since(one) - since(other) || (one < other ? -1 : 1))
  const hasLadder = (key: string): boolean => {
    const episode = history.episodes[key]
    return rules[signalOf(key)]?.enabled === true && episode !== undefined && episode.endedMs === null && !episode.isExhausted
  }
  const leader = sorted.find(key => isAboutApp(key, profile) && hasLadder(key))
  return sorted.filter(key => key === leader || !isAboutApp(key, profile))
}
