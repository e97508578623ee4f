/** Which rule is in force where, and what of the rules a device itself needs to know: those with remedies. */
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import type { DeviceRule, DeviceRules } from '../../shared/remedy-rules.ts'
import type { CatalogueRow } from '../database/tables/schema.ts'

export type RulePlace = { customerId: string; siteId: string; profileId: string | null; deviceId: string }

/** What follows from a signal that no rule names: an agent newer than the server, or one of the customer's own. */
export const UNNAMED_RULE: Omit<Rule, 'signal'> = {
  enabled: true,
  level: 3,
  holdSeconds: 60,
  clearSeconds: 60,
  fixedBy: 'remote',
  remedies: [],
  ladderSeconds: 300,
}

/** Scopes that can rule over a device, most specific first. */
export function scopesOf(place: RulePlace): string[] {
  const profile = place.profileId === null ? [] : [`profile:${place.profileId}`]
  return [`device:${place.deviceId}`, ...profile, `site:${place.siteId}`, `customer:${place.customerId}`, '']
}

function toDeviceRule({ enabled, level, holdSeconds, ladderSeconds, remedies }: Rule): DeviceRule {
  return { enabled, level, holdSeconds, ladderSeconds, remedies }
}

/** The rules of these rows that are in force at a place and have remedies, as its device gets them. */
export function remedyRules(place: RulePlace, rows: readonly CatalogueRow[], toRule: (row: CatalogueRow) => Rule): DeviceRules {
  const scopes = scopesOf(place)
  const inForce = new Map<string, CatalogueRow>()
  for (const row of rows) {
    const other = inForce.get(row.id)
    if (!other || scopes.indexOf(row.scope) < scopes.indexOf(other.scope)) inForce.set(row.id, row)
  }
  const rules = [...inForce.values()].map(toRule).filter(rule => rule.remedies.length > 0)
  return Object.fromEntries(rules.map(rule => [rule.signal, toDeviceRule(rule)]))
}

/** Whether devices would be told anything new by this change of a rule. */
export function changesRemedies(before: Rule | null, after: Rule): boolean {
  const told = (rule: Rule | null): string => (rule && rule.remedies.length > 0 ? JSON.stringify(toDeviceRule(rule)) : '')
  return told(before) !== told(after)
}
