/** A fault that opens, as its ticket is to say it: where it is, what it is called, who mends it, and whether it was there before. */
import { DAY_MS } from '../../shared/units.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import { RECURRENCE_DAYS, spellRecurrence } from './rules/recurrence.ts'
import { routeOnsite, type Route } from '../tickets/rules/routing.ts'
import type { DevicePlace } from './store/condition-store.ts'
import type { Tx } from '../database/database.ts'
import { readPartners } from '../customers/store/partner-store.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { countTicketsOf } from '../tickets/store/ticket-store.ts'
import type { Case } from '../tickets/ticket-context.ts'

/** Where a fault is: a device, or with `deviceId` null a whole site, whose name is then `name`. */
export type FaultPlace = Pick<DevicePlace, 'name' | 'customerId' | 'siteId' | 'siteName' | 'sitePartnerId' | 'region'> & {
  deviceId: string | null
}
export type Opening = { incident: IncidentRow; place: FaultPlace; rule: Rule; nowMs: number }

/** The subject of a ticket: where, and what. */
export function ticketSubject({ incident, place, rule }: Opening): string {
  const fault = spellFault({ signal: incident.signal, component: incident.component, title: rule.title })
  return `${place.name}: ${fault}`.slice(0, 200)
}

/** The partner a fault is given to by its rule and the customer's plan, and why. */
export async function routeFault(tx: Tx, { place, rule }: Opening, plan: Case['plan']): Promise<Route> {
  const partners = rule.fixedBy === 'onsite' && plan.onsite === 'partner' ? await readPartners(tx) : []
  return routeOnsite({
    fixedBy: rule.fixedBy,
    skill: rule.skill,
    planName: plan.name,
    planOnsite: plan.onsite,
    sitePartnerId: place.sitePartnerId,
    region: place.region,
    partners: partners.map(partner => ({
      id: partner.id,
      name: partner.name,
      regions: JSON.parse(partner.regions) as string[],
      skills: JSON.parse(partner.skills) as string[],
      order: partner.sort_order,
    })),
  })
}

/** Where it is, as the first words of a ticket's description say it. */
export const where = (place: FaultPlace): string =>
  place.deviceId === null ? `Site ${place.siteName}` : `Device ${place.name} at ${place.siteName}`

/** What to say about a fault that had tickets before. */
export async function recurrenceOf(tx: Tx, { incident, rule, nowMs }: Opening, deviceId: string): Promise<string | null> {
  const { signal, component } = incident
  const earlier = await countTicketsOf(tx, { deviceId, signal, component }, nowMs - RECURRENCE_DAYS * DAY_MS)
  return spellRecurrence(earlier + 1, spellFault({ signal, component, title: rule.title }), rule.fixedBy)
}
