/** What the holder of a technician's link may see and do: one job, nothing of other customers, no internal note. */
import type { Job, JobLive, VisitMove } from '../../shared/api/visit-api.ts'
import { sha256Hex } from '../../shared/ids.ts'
import { notFound } from '../domain/errors.ts'
import { spellFault } from '../domain/fault-words.ts'
import { likelyParts, visitMoves } from '../domain/visit.ts'
import { readPlaces } from '../store/condition-store.ts'
import { findSite, listContacts } from '../store/customer-store.ts'
import type { Database } from '../store/database.ts'
import { readIncidentsOfTickets } from '../store/incident-store.ts'
import { findPartner } from '../store/partner-store.ts'
import type { TicketRow } from '../store/schema.ts'
import { findTicket } from '../store/ticket-store.ts'
import type { VisitRow } from '../store/visit-rows.ts'
import { findVisitByLink, readLastSeen, readStillFailing, readVisits } from '../store/visit-store.ts'
import { readEvidence } from './incident-work.ts'
import { viewRemedies } from './remedy-notes.ts'
import type { Visits } from './visits.ts'

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

/** Makes the service. Every call throws the same not-found for a link that is unknown or has ended. */
export function makeVisitJobs(deps: {
  db: Database
  now: () => number
  visits: Pick<Visits, 'move'>
  heardAt(deviceId: string): number | null
}) {
  const { db, now, visits, heardAt } = deps
  const open = async (token: string): Promise<{ visit: VisitRow; ticket: TicketRow; partner: string }> => {
    const visit = await findVisitByLink(db, sha256Hex(token), now())
    const ticket = visit && (await findTicket(db, visit.ticket_id))
    if (!visit || !ticket) throw notFound('job')
    return { visit, ticket, partner: (await findPartner(db, visit.partner_id))?.name ?? '' }
  }

  const read = async (token: string): Promise<Job> => {
    const { visit, ticket, partner } = await open(token)
    const site = visit.site_id === null ? null : await findSite(db, visit.site_id)
    const device = visit.device_id === null ? undefined : (await readPlaces(db, [visit.device_id])).get(visit.device_id)
    const incidents = await readIncidentsOfTickets(db, [ticket.id])
    const earlier = (await readVisits(db, ticket.id)).filter(other => other.id !== visit.id && other.state === 'done')
    return {
      state: visit.state,
      reference: ticket.reference,
      level: ticket.level,
      fault:
        ticket.signal === null
          ? ticket.subject
          : spellFault({ signal: ticket.signal, component: ticket.component ?? '', title: undefined }),
      partner,
      device: device?.name ?? null,
      site: site && {
        name: site.name,
        address: site.address,
        timeZone: site.time_zone,
        openingHours: site.opening_hours === null ? null : (JSON.parse(site.opening_hours) as unknown),
      },
      contacts: (await listContacts(db, ticket.customer_id)).map(({ name, phone }) => ({ name, phone })),
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
        url: `/api/v1/jobs/${token}/evidence/${item.id}`,
      })),
      earlierVisits: earlier.map(other => ({ at: iso(other.done_at ?? other.offered_at), state: other.state, note: other.note })),
    }
  }

  return {
    read,

    /** Moves the visit. The same move again, sent twice over a poor network, changes nothing. */
    async move(token: string, input: VisitMove): Promise<Job> {
      const { visit, partner } = await open(token)
      const isSameTime = input.at !== undefined && Date.parse(input.at) === visit.scheduled_at
      const isTaken = visit.state === input.to && (input.to !== 'scheduled' || isSameTime)
      if (!isTaken) await visits.move(visit.id, input, { actor: 'partner', author: { author_kind: 'partner', author_name: partner } })
      return read(token)
    },

    /** Whether the device is well right now, by itself. */
    async live(token: string): Promise<JobLive> {
      const { visit, ticket } = await open(token)
      const failing = ticket.incident_id === null ? [] : await readStillFailing(db, ticket.incident_id)
      const { device_id: deviceId } = visit
      const heardMs = deviceId === null ? now() : Math.max(heardAt(deviceId) ?? 0, (await readLastSeen(db, deviceId)) ?? 0)
      const hasContact = heardMs >= (visit.on_site_at ?? visit.offered_at)
      return {
        isWell: failing.length === 0 && hasContact,
        hasContact,
        failing: failing.map(({ signal, component, text, since_at }) => ({
          signal: component === '' ? signal : `${signal}:${component}`,
          text,
          since: iso(since_at),
        })),
      }
    },

    /** One piece of evidence of this job's fault. */
    async evidence(token: string, evidenceId: string): Promise<{ id: string; kind: string; at: string; data: unknown }> {
      const { ticket } = await open(token)
      const item = (await readIncidentsOfTickets(db, [ticket.id])).flatMap(readEvidence).find(kept => kept.id === evidenceId)
      if (!item) throw notFound('evidence')
      return { ...item, at: iso(item.at) }
    },
  }
}
export type VisitJobs = ReturnType<typeof makeVisitJobs>
