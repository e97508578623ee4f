/** Names of what visits are about: their ticket, customer, partner, site and device. */
import type { Database } from '../../database/database.ts'

export type VisitNames = {
  id: string
  reference: string
  subject: string
  level: number
  customer: string
  partner: string
  site: string | null
  device: string | null
}

/** By visit; at most a page of them. */
export async function readVisitNames(db: Database, ids: readonly string[]): Promise<Map<string, VisitNames>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('visits')
    .innerJoin('tickets', 'tickets.id', 'visits.ticket_id')
    .innerJoin('customers', 'customers.id', 'visits.customer_id')
    .leftJoin('partners', 'partners.id', 'visits.partner_id')
    .leftJoin('sites', 'sites.id', 'visits.site_id')
    .leftJoin('devices', 'devices.id', 'visits.device_id')
    .select([
      'visits.id',
      'tickets.reference',
      'tickets.subject',
      'tickets.level',
      'customers.name as customer',
      'partners.name as partner',
      'sites.name as site',
      'devices.name as device',
    ])
    .where('visits.id', 'in', ids)
    .execute()
  return new Map(rows.map(row => [row.id, { ...row, partner: row.partner ?? '' }]))
}
