/** What a technician may see and do, by link or as a person of the partner: one job, nothing of other customers, no internal note. */
import type { Page } from '../../shared/api/list.ts'
import type { Job, JobListItem, JobLive, JobQuery, VisitMove } from '../../shared/api/visits/visit-api.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import { likelyParts, visitMoves } from './rules/visit.ts'
import { listSignals, readPlaces } from '../incidents/store/condition-store.ts'
import { findSite, listContacts } from '../customers/store/customer-store.ts'
import type { Database } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import { readEvidenceFiles } from '../evidence/store/evidence-store.ts'
import { readIncidentsOfTickets } from '../incidents/store/incident-store.ts'
import { toPage } from '../database/paging.ts'
import { findPartner } from '../customers/store/partner-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import { findVisit, findVisitByLink, listVisits, readLastSeen, readStillFailing, readVisits } from './store/visit-store.ts'
import type { StoredProfile } from '../plans/catalogue.ts'
import type { EvidenceKeeper } from '../evidence/evidence.ts'
import { adviceOf, toSignal } from '../incidents/signal-view.ts'
import { readEvidence } from '../incidents/incident-changes.ts'
import type { TicketFiles } from '../tickets/ticket-attachments.ts'
import { toPhoto } from './visit-view.ts'
import { viewRemedies } from '../incidents/remedy-history.ts'
import type { Visits } from './visits.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

const isGivenUp = ({ state }: VisitRow): boolean => state === 'declined' || state === 'cancelled'

/** Pictures a phone in a cellar can load. */
const MAX_PICTURES = 3
const TAKES_PHOTOS: readonly VisitRow['state'][] = ['accepted', 'scheduled', 'on-site', 'done']

/** Displays as an inventory names them. */
function displaysIn(inventory: string | null): Record<string, unknown>[] {
  const found = inventory === null ? null : (JSON.parse(inventory) as { displays?: unknown; inventory?: { displays?: unknown } })
  const displays = found?.inventory?.displays ?? found?.displays
  const isObject = (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null && !Array.isArray(item)
  return Array.isArray(displays) ? displays.filter(isObject).slice(0, 20) : []
}

/** How somebody comes to a job: by the secret of its link, or as a person of its partner. */
export type JobKey = { token: string } | { visitId: string; partnerId: string }

const pathOf = (key: JobKey): string => ('token' in key ? `/api/v1/jobs/${key.token}` : `/api/v1/visits/${key.visitId}/job`)
const faultOf = (ticket: TicketRow): string =>
  ticket.signal === null ? ticket.subject : spellFault({ signal: ticket.signal, component: ticket.component ?? '', title: undefined })

/** Makes the service. Every call throws the same not-found for a job that is unknown, somebody else's, or over for long. */
export function makeVisitJobs(deps: {
  db: Database
  now: () => number
  visits: Pick<Visits, 'move'>
  heardAt(deviceId: string): number | null
  files: Pick<TicketFiles, 'addPhoto' | 'photos' | 'bytesOf'>
  evidence: Pick<EvidenceKeeper, 'open'>
  profileOf(id: string): Promise<StoredProfile | null>
}) {
  const { db, now, visits, heardAt, files } = deps
  const find = async (key: JobKey): Promise<VisitRow | null> => {
    if ('token' in key) return findVisitByLink(db, sha256Hex(key.token), now())
    const visit = await findVisit(db, key.visitId)
    // An account sees a job for as long as its link: the contacts of a customer are not kept in reach for ever.
    return visit?.partner_id === key.partnerId && visit.link_expires_at > now() ? visit : null
  }
  const open = async (key: JobKey): Promise<{ visit: VisitRow; ticket: TicketRow; partner: string }> => {
    const visit = await find(key)
    const ticket = visit && (await findTicket(db, visit.ticket_id))
    if (!visit || !ticket) throw notFound('job')
    return { visit, ticket, partner: (await findPartner(db, visit.partner_id))?.name ?? '' }
  }

  /** The chain from plug to picture, of this device alone. */
  const displayOf = async (deviceId: string | null): Promise<Job['display']> => {
    const device = deviceId === null ? null : await findDevice(db, deviceId)
    if (!device) return null
    const profile = device.profile_id === null ? null : await deps.profileOf(device.profile_id)
    const signals = (await listSignals(db, device.id)).filter(row => row.signal.startsWith('display.')).map(toSignal)
    const found = displaysIn(device.inventory)
    const expected = (profile?.displays ?? []).map(display => ({ ...display }))
    if (found.length === 0 && expected.length === 0 && signals.length === 0) return null
    return { connection: device.connection, found, expected, signals }
  }

  const read = async (key: JobKey): Promise<Job> => {
    const { visit, ticket, partner } = await open(key)
    const site = visit.site_id === null ? null : await findSite(db, visit.site_id)
    const device = visit.device_id === null ? undefined : (await readPlaces(db, [visit.device_id])).get(visit.device_id)
    const incidents = await readIncidentsOfTickets(db, [ticket.id])
    const pictures = [
      ...(
        await readEvidenceFiles(
          db,
          incidents.map(incident => incident.id),
        )
      ).values(),
    ]
      .flat()
      .filter(file => file.kind === 'screenshot' && file.content_type.startsWith('image/'))
    const earlier = (await readVisits(db, ticket.id)).filter(other => other.id !== visit.id && other.state === 'done')
    return {
      state: visit.state,
      reference: ticket.reference,
      level: ticket.level,
      fault: faultOf(ticket),
      partner,
      device: device?.name ?? null,
      site: site && {
        name: site.name,
        address: site.address,
        timeZone: site.time_zone,
        openingHours: site.opening_hours === null ? null : (JSON.parse(site.opening_hours) as unknown),
      },
      // Whoever does not go needs nobody's number.
      contacts: isGivenUp(visit) ? [] : (await listContacts(db, ticket.customer_id)).map(({ name, phone }) => ({ name, phone })),
      offeredAt: iso(visit.offered_at),
      deadlineAt: isoOrNull(visit.deadline_at),
      scheduledAt: isoOrNull(visit.scheduled_at),
      onSiteAt: isoOrNull(visit.on_site_at),
      doneAt: isoOrNull(visit.done_at),
      allowed: visitMoves(visit.state, 'partner'),
      likelyParts: [...likelyParts(ticket.signal)],
      remedies: incidents.flatMap(viewRemedies),
      evidence: incidents.flatMap(readEvidence).map(item => ({
        id: item.id,
        kind: item.kind,
        at: iso(item.at),
        url: `${pathOf(key)}/evidence/${item.id}`,
      })),
      pictures: pictures
        .slice(-MAX_PICTURES)
        .map(file => ({ id: file.id, at: iso(file.at_ms), url: `${pathOf(key)}/pictures/${file.id}` })),
      photos: (await files.photos([visit.id])).map(photo => toPhoto(photo, `${pathOf(key)}/photos/${photo.id}`)),
      mayAddPhotos: TAKES_PHOTOS.includes(visit.state),
      display: await displayOf(visit.device_id),
      earlierVisits: earlier.map(other => ({ at: iso(other.done_at ?? other.offered_at), state: other.state, note: other.note })),
    }
  }

  const toListItem = async (visit: VisitRow): Promise<JobListItem> => {
    const ticket = await findTicket(db, visit.ticket_id)
    const site = visit.site_id === null ? null : await findSite(db, visit.site_id)
    const device = visit.device_id === null ? undefined : (await readPlaces(db, [visit.device_id])).get(visit.device_id)
    return {
      visitId: visit.id,
      state: visit.state,
      reference: ticket?.reference ?? '',
      level: ticket?.level ?? 4,
      fault: ticket ? faultOf(ticket) : '',
      device: device?.name ?? null,
      place: site?.name ?? null,
      address: site?.address ?? null,
      timeZone: site?.time_zone ?? null,
      offeredAt: iso(visit.offered_at),
      deadlineAt: isoOrNull(visit.deadline_at),
      scheduledAt: isoOrNull(visit.scheduled_at),
      doneAt: isoOrNull(visit.done_at),
      isReadable: visit.link_expires_at > now(),
    }
  }

  return {
    read,

    /** Moves the visit; `by` is who of the partner. The same move again, sent twice over a poor network, changes nothing. */
    async move(key: JobKey, input: VisitMove, by?: string): Promise<Job> {
      const { visit, partner } = await open(key)
      const isSameTime = input.at !== undefined && Date.parse(input.at) === visit.scheduled_at
      const isTaken = visit.state === input.to && (input.to !== 'scheduled' || isSameTime)
      if (!isTaken) await visits.move(visit.id, input, { actor: 'partner', author: { author_kind: 'partner', author_name: by ?? partner } })
      return read(key)
    },

    /** Whether the device is well right now, by itself. */
    async live(key: JobKey): Promise<JobLive> {
      const { visit, ticket } = await open(key)
      const failing = ticket.incident_id === null ? [] : await readStillFailing(db, ticket.incident_id)
      const { device_id: deviceId } = visit
      const heardMs = deviceId === null ? now() : Math.max(heardAt(deviceId) ?? 0, (await readLastSeen(db, deviceId)) ?? 0)
      const hasContact = heardMs >= (visit.on_site_at ?? visit.offered_at)
      return {
        isWell: failing.length === 0 && hasContact,
        hasContact,
        failing: failing.map(({ signal, component, text, since_at, evidence }) => ({
          signal: component === '' ? signal : `${signal}:${component}`,
          text,
          since: iso(since_at),
          advice: adviceOf(evidence),
        })),
      }
    },

    /** Adds a photo; the same one again, sent twice over a poor network, changes nothing. Throws conflict before it is accepted and after it is over. */
    async addPhoto(key: JobKey, bytes: Uint8Array): Promise<Job> {
      const { visit } = await open(key)
      if (!TAKES_PHOTOS.includes(visit.state))
        throw new DomainError('conflict', 'conflict', `The visit is ${visit.state}: photos are taken of a visit that is accepted or done.`)
      await files.addPhoto(visit, bytes)
      return read(key)
    },

    /** A photo of this visit. */
    async photo(key: JobKey, id: string): Promise<{ bytes: Uint8Array; type: string; name: string }> {
      const { visit } = await open(key)
      const row = (await files.photos([visit.id])).find(photo => photo.id === id)
      const bytes = row ? await files.bytesOf(row) : null
      if (!row || !bytes) throw notFound('photo')
      return { bytes, type: row.content_type, name: row.name }
    },

    /** A picture of the screen when this job's fault began. */
    async picture(key: JobKey, id: string): ReturnType<EvidenceKeeper['open']> {
      const { ticket } = await open(key)
      const incidents = await readIncidentsOfTickets(db, [ticket.id])
      const kept = await readEvidenceFiles(
        db,
        incidents.map(incident => incident.id),
      )
      const file = [...kept.values()].flat().find(one => one.id === id && one.content_type.startsWith('image/'))
      if (!file) throw notFound('picture')
      return deps.evidence.open(file.id)
    },

    /** One piece of evidence of this job's fault. */
    async evidence(key: JobKey, evidenceId: string): Promise<{ id: string; kind: string; at: string; data: unknown }> {
      const { ticket } = await open(key)
      const item = (await readIncidentsOfTickets(db, [ticket.id])).flatMap(readEvidence).find(kept => kept.id === evidenceId)
      if (!item) throw notFound('evidence')
      return { ...item, at: iso(item.at) }
    },

    /** Jobs of a partner, newest offer first. */
    async list(partnerId: string, query: JobQuery): Promise<Page<JobListItem>> {
      const limit = query.limit ?? 50
      const filter = { ...query, scope: null, partnerOnly: partnerId, nowMs: now(), limit }
      const { rows, total } = await listVisits(db, filter)
      const page = toPage(
        rows,
        limit,
        total,
        row => row,
        row => [row.offered_at, row.id] as const,
      )
      return { ...page, items: await Promise.all(page.items.map(toListItem)) }
    },
  }
}
export type VisitJobs = ReturnType<typeof makeVisitJobs>
