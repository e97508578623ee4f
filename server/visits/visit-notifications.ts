/** What the partner of a visit is told, by mail and by its webhook: rows of the outbox in the same transaction. */
import { spellInstant } from '../sla/rules/clock.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import { writeAppointment } from './rules/visit-calendar.ts'
import { findSite } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { findPartner } from '../customers/store/partner-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'

/** Length of an appointment in the calendar of the technician. */
const APPOINTMENT_MINUTES = 60

export type VisitTelling = {
  kind: 'visit-offered' | 'visit-scheduled' | 'visit-cancelled' | 'visit-expired'
  heading: string
  text: string
  /** Raw link, while it is known: only when the visit is offered. */
  token?: string
  calendar?: 'REQUEST' | 'CANCEL'
  nowMs: number
}

/** Tells the partner about its visit. */
export async function tellPartner(tx: Tx, ticket: TicketRow, visit: VisitRow, telling: VisitTelling): Promise<void> {
  const partner = await findPartner(tx, visit.partner_id)
  if (!partner) return
  const site = visit.site_id === null ? null : await findSite(tx, visit.site_id)
  // Where the technician is at the time, the clock on the wall says what stands here.
  const timeZone = site?.time_zone ?? 'UTC'
  const place = site ? [site.name, site.address].filter(Boolean).join(', ') : ''
  const fault =
    ticket.signal === null ? ticket.subject : spellFault({ signal: ticket.signal, component: ticket.component ?? '', title: undefined })
  const subject = `[${ticket.reference}] ${telling.heading}: ${ticket.subject}`
  const lines = [
    `${telling.heading}: ${ticket.subject}`,
    '',
    telling.text,
    '',
    `Ticket: ${ticket.reference}`,
    `Level: ${ticket.level}`,
    `Fault: ${fault}`,
    ...(place === '' ? [] : [`Place: ${place}`]),
    ...(visit.deadline_at === null ? [] : [`Answer by: ${spellInstant(visit.deadline_at, timeZone)}`]),
    ...(visit.scheduled_at === null ? [] : [`Appointment: ${spellInstant(visit.scheduled_at, timeZone)}`]),
  ]
  const calendar =
    telling.calendar === undefined || visit.scheduled_at === null
      ? undefined
      : writeAppointment({
          visitId: visit.id,
          method: telling.calendar,
          sequence: visit.calendar_sequence,
          startMs: visit.scheduled_at,
          minutes: APPOINTMENT_MINUTES,
          stampMs: telling.nowMs,
          summary: ticket.subject,
          location: place,
          description: `${ticket.reference}: ${fault}`,
        })
  const common = {
    subject,
    customerId: ticket.customer_id,
    ticketId: ticket.id,
    nowMs: telling.nowMs,
    ...(telling.token === undefined ? {} : { linkPath: `job/${telling.token}` }),
  }
  const key = `${telling.kind}:v1:${visit.id}:${visit.calendar_sequence}`
  await addNotice(tx, {
    ...common,
    channel: 'email',
    dedupKey: `${key}:${partner.email}`,
    address: partner.email,
    body: `${lines.join('\n')}\n`,
    ...(calendar === undefined ? {} : { calendar }),
  })
  if (partner.webhook_url === null) return
  const body = JSON.stringify({
    type: telling.kind,
    at: new Date(telling.nowMs).toISOString(),
    text: telling.text,
    visit: { id: visit.id, state: visit.state, ticketId: ticket.id, deviceId: visit.device_id, siteId: visit.site_id },
    ticket: { id: ticket.id, reference: ticket.reference, level: ticket.level, subject: ticket.subject },
  })
  await addNotice(tx, { ...common, channel: 'webhook', dedupKey: `${key}:${partner.webhook_url}`, address: partner.webhook_url, body })
}
