/** Places of a customer where devices stand. */
import type { Site, SiteInput, SitePatch } from '../../shared/api/contracts/customer-api.ts'
import { isTimeZone } from '../calendars/rules/calendar-spec.ts'
import { invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { findCustomer, findSite, insertSite, listSites, updateSite } from './store/customer-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import type { SiteRow } from '../database/tables/schema.ts'
import type { ChangeBus } from '../platform/change-bus.ts'
import { openingFaults } from '../calendars/site-hours.ts'
import { newRowId } from '../database/row-id.ts'
import { findPartner } from './store/partner-store.ts'
import { iso } from '../../shared/instants.ts'

/** Whether a person's time zone exists; left out = nothing to say. */
export function zoneFaults(timeZone: string | undefined, path: string): FieldError[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return []
  return [{ path, message: `is not a time zone: ${timeZone}. Use an IANA name such as Europe/Stockholm` }]
}

/** A zone that is wrong is told once, not again with the hours. */
function placeFaults(place: { timeZone?: string | undefined; openingHours?: unknown }, timeZone: string): FieldError[] {
  const faults = zoneFaults(place.timeZone, 'body/timeZone')
  const { openingHours } = place
  if (faults.length > 0 || openingHours === undefined || openingHours === null) return faults
  return openingFaults(openingHours, timeZone).map(fault => ({ path: `body/openingHours${fault.path}`, message: fault.message }))
}

const toSite = (row: SiteRow): Site => ({
  id: row.id,
  customerId: row.customer_id,
  name: row.name,
  timeZone: row.time_zone,
  address: row.address,
  region: row.region,
  location: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
  openingHours: row.opening_hours === null ? null : (JSON.parse(row.opening_hours) as Site['openingHours']),
  partnerId: row.partner_id,
  createdAt: iso(row.created_at),
})

/** Makes the sites service. */
export function makeSites(deps: { db: Database; now: () => number; bus: ChangeBus }) {
  const { db, now, bus } = deps

  const mustBePartner = async (partnerId: string | null | undefined): Promise<void> => {
    if (!partnerId) return
    if (!(await findPartner(db, partnerId))) throw invalidInput([{ path: 'body/partnerId', message: 'is not a known partner' }])
  }

  return {
    async createSite(customerId: string, input: SiteInput): Promise<Site> {
      const customer = await findCustomer(db, customerId)
      if (!customer) throw notFound('customer')
      const timeZone = input.timeZone ?? customer.time_zone
      const faults = placeFaults(input, timeZone)
      if (faults.length > 0) throw invalidInput(faults)
      await mustBePartner(input.partnerId)
      const row: SiteRow = {
        id: newRowId(),
        customer_id: customerId,
        name: input.name,
        time_zone: timeZone,
        address: input.address ?? null,
        region: input.region ?? null,
        latitude: input.location?.lat ?? null,
        longitude: input.location?.lon ?? null,
        opening_hours: input.openingHours === undefined ? null : JSON.stringify(input.openingHours),
        partner_id: input.partnerId ?? null,
        created_at: now(),
      }
      await inTransaction(db, tx => insertSite(tx, row))
      return toSite(row)
    },

    async updateSite(customerId: string, siteId: string, patch: SitePatch): Promise<Site> {
      const site = await findSite(db, siteId)
      if (!site || site.customer_id !== customerId) throw notFound('site')
      const faults = placeFaults(patch, patch.timeZone ?? site.time_zone)
      if (faults.length > 0) throw invalidInput(faults)
      await mustBePartner(patch.partnerId)
      const change: Partial<SiteRow> = {
        ...(patch.name === undefined ? {} : { name: patch.name }),
        ...(patch.timeZone === undefined ? {} : { time_zone: patch.timeZone }),
        ...(patch.address === undefined ? {} : { address: patch.address }),
        ...(patch.region === undefined ? {} : { region: patch.region }),
        ...(patch.location === undefined ? {} : { latitude: patch.location.lat, longitude: patch.location.lon }),
        ...(patch.openingHours === undefined
          ? {}
          : { opening_hours: patch.openingHours === null ? null : JSON.stringify(patch.openingHours) }),
        ...(patch.partnerId === undefined ? {} : { partner_id: patch.partnerId }),
      }
      await inTransaction(db, tx => updateSite(tx, siteId, change))
      bus.publish([{ kind: 'site', id: siteId, customerId }])
      return toSite({ ...site, ...change })
    },

    async listSites(customerId: string): Promise<Site[]> {
      return (await listSites(db, customerId)).map(toSite)
    },
  }
}
export type Sites = ReturnType<typeof makeSites>
