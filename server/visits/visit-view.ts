/** Visits as callers see them, with the names of what they are about and their photos. */
import type { Photo, Visit } from '../../shared/api/visits/visit-api.ts'
import { notFound } from '../platform/errors.ts'
import { readPhotos } from '../attachments/store/attachment-store.ts'
import type { Database } from '../database/database.ts'
import type { AttachmentRow } from '../database/tables/mail-rows.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import { readVisitNames, type VisitNames } from './store/visit-names.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

/** A photo at an address of its own. */
export function toPhoto(row: AttachmentRow, url: string): Photo {
  return { id: row.id, at: iso(row.created_at), url }
}

type Around = { names?: VisitNames | undefined; photos?: readonly AttachmentRow[] | undefined }

/** One visit; names that are not there stay empty. */
export function toVisit(row: VisitRow, { names, photos = [] }: Around): Visit {
  return {
    id: row.id,
    ticketId: row.ticket_id,
    customerId: row.customer_id,
    partnerId: row.partner_id,
    deviceId: row.device_id,
    siteId: row.site_id,
    state: row.state,
    link: null,
    offeredAt: iso(row.offered_at),
    deadlineAt: isoOrNull(row.deadline_at),
    acceptedAt: isoOrNull(row.accepted_at),
    scheduledAt: isoOrNull(row.scheduled_at),
    onSiteAt: isoOrNull(row.on_site_at),
    doneAt: isoOrNull(row.done_at),
    cancelledAt: isoOrNull(row.cancelled_at),
    reason: row.declined_reason,
    parts: JSON.parse(row.parts) as Visit['parts'],
    minutes: row.minutes,
    note: row.note,
    photos: photos.map(photo => toPhoto(photo, `/api/v1/attachments/${photo.id}?show=true`)),
    reference: names?.reference ?? '',
    subject: names?.subject ?? '',
    level: names?.level ?? 4,
    customer: names?.customer ?? '',
    partner: names?.partner ?? '',
    site: names?.site ?? null,
    device: names?.device ?? null,
  }
}

/** By id. */
export async function viewVisits(db: Database, rows: readonly VisitRow[]): Promise<Map<string, Visit>> {
  const ids = rows.map(row => row.id)
  const names = await readVisitNames(db, ids)
  const photos = Map.groupBy(await readPhotos(db, ids), photo => photo.visit_id ?? '')
  return new Map(rows.map(row => [row.id, toVisit(row, { names: names.get(row.id), photos: photos.get(row.id) })]))
}

export async function viewVisit(db: Database, row: VisitRow): Promise<Visit> {
  const visit = (await viewVisits(db, [row])).get(row.id)
  if (!visit) throw notFound('visit')
  return visit
}
