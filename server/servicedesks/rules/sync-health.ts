/** Health of a link to a client's desk, in sentences; it raises an alarm when something is stuck for fifteen minutes. */

export const ALARM_AFTER_MS = 15 * 60_000
/** Clocks of two servers may differ by this much before it is said. */
const SKEW_MS = 120_000

export type LinkFacts = {
  isEnabled: boolean
  /** The customer's plan has the integration. */
  isInPlan: boolean
  /** Since when the oldest change waits, out or in; null = none waits. */
  oldestPendingAtMs: number | null
  oldestParkedAtMs: number | null
  parked: number
  /** First failure since the last success; null = the last call worked. */
  failingSinceMs: number | null
  lastError: string | null
  clockSkewMs: number | null
  warnings: readonly string[]
  stoppedTickets: number
}
export type Health = { state: 'ok' | 'warning' | 'alarm' | 'off'; why: string[] }

const minutes = (ms: number): number => Math.floor(ms / 60_000)

/** What to say of a link as of `nowMs`; the worst first. */
export function healthOf(facts: LinkFacts, nowMs: number): Health {
  if (!facts.isEnabled) return { state: 'off', why: ['Switched off: nothing goes either way.'] }
  if (!facts.isInPlan)
    return { state: 'off', why: ['The plan of the customer has no client servicedesk integration: nothing goes either way.'] }
  const late = (atMs: number | null): boolean => atMs !== null && nowMs - atMs >= ALARM_AFTER_MS
  const since = (atMs: number | null): number => minutes(nowMs - (atMs ?? nowMs))
  const alarms = [
    ...(late(facts.oldestPendingAtMs) ? [`The oldest change has waited for ${since(facts.oldestPendingAtMs)} minutes.`] : []),
    ...(late(facts.oldestParkedAtMs)
      ? [`${facts.parked} refused by their desk, the oldest ${since(facts.oldestParkedAtMs)} minutes ago: retry or drop.`]
      : []),
    ...(late(facts.failingSinceMs)
      ? [`Their desk has not been reached for ${since(facts.failingSinceMs)} minutes: ${facts.lastError ?? 'no answer'}`]
      : []),
  ]
  const warnings = [
    ...(facts.parked > 0 && !late(facts.oldestParkedAtMs) ? [`${facts.parked} refused by their desk: retry or drop.`] : []),
    ...(facts.stoppedTickets > 0 ? [`${facts.stoppedTickets} tickets are not mirrored any more: too many changes in ten minutes.`] : []),
    ...(facts.failingSinceMs !== null && !late(facts.failingSinceMs) ? [`The last call failed: ${facts.lastError ?? 'no answer'}`] : []),
    ...(Math.abs(facts.clockSkewMs ?? 0) > SKEW_MS
      ? [`Their clock differs from ours by ${Math.round((facts.clockSkewMs ?? 0) / 1000)} seconds.`]
      : []),
    ...facts.warnings,
  ]
  return { state: alarms.length > 0 ? 'alarm' : warnings.length > 0 ? 'warning' : 'ok', why: [...alarms, ...warnings] }
}
