/** Which partner a ticket's visit is offered to, and what follows when nobody is left. Everything in the caller's transaction. */
import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../../shared/ids.ts'
import type { CalendarSpec } from '../../shared/api/sla/sla-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { compileCalendar } from '../calendars/rules/calendar.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import type { Route } from '../tickets/rules/routing.ts'
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import { answerDueAt, linkEndsAt, nextPartner } from './rules/visit.ts'
import { readPlaces } from '../incidents/store/condition-store.ts'
import { findSite } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { findPartner, readPartners } from '../customers/store/partner-store.ts'
import type { PartnerRow } from '../database/tables/schema.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import { insertVisit, insertVisitEvent, lockOpenVisit, readVisits } from './store/visit-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { clocksFor, note, SYSTEM, tellAbout } from '../tickets/loaded-ticket.ts'
import type { Author, Case, Desk } from '../tickets/ticket-context.ts'
import { saveCase } from '../tickets/save-ticket.ts'
import { tellPartner } from './visit-notifications.ts'
import { newRowId } from '../database/row-id.ts'

type Context = { nowMs: number; changes: Change[] }
/** A visit offered, with the secret of its link: known here only. */
export type Offered = { visit: VisitRow; token: string }

/** The calendar of a partner's hours; null = every hour. */
export function hoursOf(partner: Pick<PartnerRow, 'hours'>): ReturnType<typeof compileCalendar> | null {
  return partner.hours === null ? null : compileCalendar(JSON.parse(partner.hours) as CalendarSpec)
}

/** Who is asked next about a ticket. `isByHand`: the desk asks, so also what the rule mends from afar may need a visit. */
async function chooseNext(tx: Tx, desk: Desk, { row, plan }: Case, isByHand: boolean): Promise<Route> {
  const place = row.device_id === null ? undefined : (await readPlaces(tx, [row.device_id])).get(row.device_id)
  const site = row.site_id === null ? null : await findSite(tx, row.site_id)
  const rule = row.signal === null || !place ? null : (await desk.catalogue.rulesOf(tx, row.signal))(place)
  const refused = (await readVisits(tx, row.id)).filter(visit => visit.state === 'declined').map(visit => visit.partner_id)
  const partners = await readPartners(tx)
  return nextPartner(
    {
      fixedBy: isByHand ? 'onsite' : (rule?.fixedBy ?? 'onsite'),
      skill: rule?.skill,
      planName: plan.name,
      planOnsite: isByHand ? 'partner' : plan.onsite,
      sitePartnerId: site?.partner_id ?? null,
      region: site?.region ?? null,
      partners: partners.map(partner => ({
        id: partner.id,
        name: partner.name,
        regions: JSON.parse(partner.regions) as string[],
        skills: JSON.parse(partner.skills) as string[],
        order: partner.sort_order,
      })),
    },
    new Set(refused),
  )
}

/** Throws visit-open, naming the visit, when one is under way. */
async function mustHaveNoVisit(tx: Tx, { row }: Case): Promise<void> {
  const open = await lockOpenVisit(tx, row.id)
  if (!open) return
  throw new DomainError('conflict', 'visit-open', `A visit of ${row.reference} is ${open.state} already; call it off first.`, {
    extra: { visitId: open.id },
  })
}

/** Offers a visit to a partner. Throws visit-open when one is under way, transition-not-allowed for a ticket that is over. */
export async function offerTo(
  tx: Tx,
  desk: Desk,
  one: Case,
  to: { partnerId: string; why: string; author: Author },
  { nowMs, changes }: Context,
): Promise<Offered> {
  const { row } = one
  if (!isOpenStatus(row.status))
    throw new DomainError(
      'conflict',
      'transition-not-allowed',
      `${row.reference} is ${row.status}: open it again before a visit is offered.`,
    )
  await mustHaveNoVisit(tx, one)
  const partner = await findPartner(tx, to.partnerId)
  if (!partner) throw notFound('partner')
  // 256 bits; only the hash is kept.
  const token = randomBytes(32).toString('base64url')
  const visit: VisitRow = {
    id: newRowId(),
    ticket_id: row.id,
    customer_id: row.customer_id,
    partner_id: partner.id,
    device_id: row.device_id,
    site_id: row.site_id,
    state: 'offered',
    open_key: row.id,
    offered_at: nowMs,
    deadline_at: answerDueAt(row.level as LevelNumber, hoursOf(partner), nowMs),
    accepted_at: null,
    scheduled_at: null,
    on_site_at: null,
    done_at: null,
    cancelled_at: null,
    declined_reason: null,
    link_sha256: sha256Hex(token),
    link_expires_at: linkEndsAt(nowMs, null),
    parts: '[]',
    minutes: null,
    note: null,
    calendar_sequence: 0,
  }
  await insertVisit(tx, visit)
  await insertVisitEvent(tx, { visit_id: visit.id, at: nowMs, state: 'offered', who: to.author.author_name ?? 'system', text: to.why })
  changes.push({ kind: 'visit', id: visit.id, customerId: row.customer_id })
  await note(tx, desk, row, {
    atMs: nowMs,
    nowMs,
    kind: 'visit',
    text: `Visit offered to ${partner.name}. ${to.why}`,
    author: to.author,
    data: { visitId: visit.id },
  })
  const moved = clocksFor(one, one.clocks, 'waiting-partner', nowMs)
  const change = { status: 'waiting-partner' as const, partner_id: partner.id }
  const saved = await saveCase(tx, desk, one, { change, clocks: moved.clocks, byChange: moved.byChange }, { nowMs, changes })
  await tellPartner(tx, saved.row, visit, { kind: 'visit-offered', heading: 'Visit asked for', text: to.why, token, nowMs })
  return { visit, token }
}

/** Back to the desk: nobody is on the way any more. */
export async function backToDesk(tx: Tx, desk: Desk, one: Case, why: string, once: string, { nowMs, changes }: Context): Promise<void> {
  if (!isOpenStatus(one.row.status)) return
  await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'visit', text: why })
  const moved = clocksFor(one, one.clocks, 'in-progress', nowMs)
  const change = { status: 'in-progress' as const }
  const saved = await saveCase(tx, desk, one, { change, clocks: moved.clocks, byChange: moved.byChange }, { nowMs, changes })
  await tellAbout(tx, desk, saved, { kind: 'visit-needs-desk', to: ['desk'], text: why, once, nowMs })
}

/** Offers to the next partner by the rules; null when nobody is left, and the desk is told. Throws visit-open. */
export async function offerNext(
  tx: Tx,
  desk: Desk,
  one: Case,
  by: { author: Author; isByHand: boolean },
  context: Context,
): Promise<Offered | null> {
  // Asked before anybody is chosen: with nobody left the ticket would leave a visit that is under way.
  await mustHaveNoVisit(tx, one)
  const route = await chooseNext(tx, desk, one, by.isByHand)
  if (route.partnerId !== null) return offerTo(tx, desk, one, { partnerId: route.partnerId, why: route.why, author: by.author }, context)
  await backToDesk(tx, desk, one, route.why, `${context.nowMs}`, context)
  return null
}

/** A ticket was raised or opened again and given to a partner: the visit is offered at once, unless one is under way. */
export async function offerRouted(tx: Tx, desk: Desk, one: Case, context: Context): Promise<void> {
  if (one.row.partner_id === null || (await lockOpenVisit(tx, one.row.id))) return
  await offerNext(tx, desk, one, { author: SYSTEM, isByHand: false }, context)
}
