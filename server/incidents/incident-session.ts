/** What one transaction on incidents knows: conditions it locked, rules and profiles it read, outages in force, and what to write. */
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import { isCustomerFacing } from './rules/condition-hold.ts'
import type { Terms } from './rules/condition.ts'
import { plannedTimes, quietTimes, type PlannedTimes } from './rules/maintenance-windows.ts'
import { readPlannedWork } from './store/maintenance-store.ts'
import { kioskProcesses } from './rules/cause.ts'
import type { RemedyNote } from './rules/incident.ts'
import { conditionKey, type DevicePlace, type KeptCondition } from './store/condition-store.ts'
import type { Tx } from '../database/database.ts'
import { readIncidents } from './store/incident-store.ts'
import type { OutageRow } from '../database/tables/outage-rows.ts'
import { listOutages } from './store/outage-store.ts'
import type { Catalogue, StoredProfile } from '../plans/catalogue.ts'
import type { Change } from '../platform/change-bus.ts'
import { emptyLedger, type Ledger, type Work } from './incident-changes.ts'
import { openingCalendar } from '../calendars/site-hours.ts'

type Reads = Pick<Catalogue, 'rulesOf' | 'getProfile'>
export type Session = {
  tx: Tx
  nowMs: number
  ledger: Ledger
  changes: Change[]
  seen: { nowMs: number; remedies: readonly RemedyNote[] }
  works: Map<string, Work>
  byDevice: Map<string, Work[]>
  ruleOf(place: DevicePlace, signal: string): Promise<Rule>
  profileOf(profileId: string | null): Promise<StoredProfile | null>
  /** Outages that are not over; usually none. */
  outages(): Promise<readonly OutageRow[]>
  /** Planned work with its times around now; usually none. */
  planned(): Promise<PlannedTimes>
}

/** Begins a session. Rules, profiles and outages are read once each, however many devices ask. */
export function newSession(catalogue: Reads, tx: Tx, nowMs: number, changes: Change[]): Session {
  const rules = new Map<string, (place: DevicePlace) => Rule>()
  const profiles = new Map<string, StoredProfile | null>()
  let outages: readonly OutageRow[] | null = null
  let planned: PlannedTimes | null = null
  return {
    tx,
    nowMs,
    ledger: emptyLedger(),
    changes,
    seen: { nowMs, remedies: [] },
    works: new Map(),
    byDevice: new Map(),
    async ruleOf(place, signal) {
      const known = rules.get(signal) ?? (await catalogue.rulesOf(tx, signal))
      rules.set(signal, known)
      return known(place)
    },
    async profileOf(profileId) {
      if (profileId === null) return null
      const known = profiles.has(profileId) ? (profiles.get(profileId) ?? null) : await catalogue.getProfile(tx, profileId)
      profiles.set(profileId, known)
      return known
    },
    outages: async () => (outages ??= await listOutages(tx)),
    planned: async () => (planned ??= plannedTimes(await readPlannedWork(tx, nowMs), nowMs)),
  }
}

/** Adds a work to the session. */
export function addWork(session: Session, work: Work): void {
  session.works.set(conditionKey(work.kept), work)
  const { deviceId } = work.kept
  const known = session.byDevice.get(deviceId)
  if (known) known.push(work)
  else session.byDevice.set(deviceId, [work])
}

/** Loads conditions that are locked, with their open incidents. */
export async function loadWorks(session: Session, kept: readonly KeptCondition[], places: Map<string, DevicePlace>): Promise<void> {
  const incidents = await readIncidents(
    session.tx,
    kept.flatMap(item => item.incidentId ?? []),
  )
  for (const item of kept) {
    const place = places.get(item.deviceId)
    if (!place) continue
    addWork(session, { place, kept: item, incident: item.incidentId === null ? null : (incidents.get(item.incidentId) ?? null) })
  }
}

/** Everything else that is known of the same device. */
export function siblings(session: Session, work: Work): Work[] {
  return (session.byDevice.get(work.kept.deviceId) ?? []).filter(other => other !== work)
}

/** Names of the processes that are the device's kiosk app. */
export async function kioskNamesOf(session: Session, place: DevicePlace): Promise<string[]> {
  const profile = await session.profileOf(place.profileId)
  return profile ? kioskProcesses(profile) : []
}

/** What a rule says of time for a signal of a device, with the hours that count and the work that is planned. */
export async function termsOf(session: Session, place: DevicePlace, signal: string, rule: Rule): Promise<Terms> {
  return {
    enabled: rule.enabled,
    holdSeconds: rule.holdSeconds,
    clearSeconds: rule.clearSeconds,
    ladderSeconds: rule.ladderSeconds,
    hasRemedies: rule.remedies.length > 0,
    openingHours: isCustomerFacing(signal) ? openingCalendar({ openingHours: place.openingHours, timeZone: place.siteTimeZone }) : null,
    quiet: quietTimes(await session.planned(), place, signal),
  }
}
