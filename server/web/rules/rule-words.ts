/** Rules in words. */
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import { durationWords } from '../components/time-words.ts'

export const FIXED_BY: Record<Rule['fixedBy'], string> = { remote: 'from remote', onsite: 'on site', customer: 'by the customer' }
/** Seconds as people say them; 0 is at once. */
export const secondsWords = (seconds: number): string => (seconds === 0 ? 'at once' : durationWords(seconds * 1000))

/** What a rule does, in one line. */
export function ruleWords(rule: Rule): string {
  if (!rule.enabled) return 'Raises no tickets; its events stay in the timeline'
  const ladder =
    rule.remedies.length === 0
      ? ''
      : `, after ${rule.remedies.length === 1 ? '1 remedy' : `${rule.remedies.length} remedies`} of the device`
  return `Ticket ${rule.holdSeconds === 0 ? 'at once' : `after ${secondsWords(rule.holdSeconds)}`}${ladder}; over after ${rule.clearSeconds === 0 ? 'recovery' : `${secondsWords(rule.clearSeconds)} of quiet`}`
}
