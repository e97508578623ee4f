/** A visit that nobody needs any more is called off in the transaction that ends its ticket, and its partner told. */
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import { insertVisitEvent, lockOpenVisit, updateVisit } from './store/visit-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { tellPartner } from './visit-notifications.ts'

type Context = { nowMs: number; changes: Change[] }

/** Writes a change of a visit and its line in the history. Gives the visit as it is now. */
export async function saveVisit(
  tx: Tx,
  visit: VisitRow,
  change: Partial<VisitRow> & Pick<VisitRow, 'state'>,
  said: { who: string; text: string },
  { nowMs, changes }: Context,
): Promise<VisitRow> {
  await updateVisit(tx, visit.id, change)
  await insertVisitEvent(tx, { visit_id: visit.id, at: nowMs, state: change.state, ...said })
  changes.push({ kind: 'visit', id: visit.id, customerId: visit.customer_id })
  return { ...visit, ...change }
}

/** Calls a visit off and tells its partner, with an end of the appointment where there was one. */
export async function cancelVisit(
  tx: Tx,
  ticket: TicketRow,
  visit: VisitRow,
  said: { who: string; text: string },
  context: Context,
): Promise<VisitRow> {
  const { nowMs } = context
  const isAppointed = visit.scheduled_at !== null
  const change = {
    state: 'cancelled' as const,
    open_key: null,
    deadline_at: null,
    cancelled_at: nowMs,
    declined_reason: said.text,
    calendar_sequence: visit.calendar_sequence + (isAppointed ? 1 : 0),
  }
  const saved = await saveVisit(tx, visit, change, said, context)
  await tellPartner(tx, ticket, saved, {
    kind: 'visit-cancelled',
    heading: 'Visit called off',
    text: said.text,
    ...(isAppointed ? { calendar: 'CANCEL' as const } : {}),
    nowMs,
  })
  return saved
}

const hasRecovered = (ticket: TicketRow): boolean => (JSON.parse(ticket.flags) as string[]).includes('recovered')

/**
 * What a ticket's change means for its visit. A fault that is over by itself calls off a visit nobody has begun; who is on site
 * finishes. A ticket that people ended needs no visit at all.
 */
export async function followTicket(tx: Tx, before: TicketRow, ticket: TicketRow, context: Context): Promise<void> {
  const isEnded = isOpenStatus(before.status) && !isOpenStatus(ticket.status)
  const isRecovered = (isEnded && ticket.resolved_by === 'monitoring') || (!hasRecovered(before) && hasRecovered(ticket))
  if (!isEnded && !isRecovered) return
  const visit = await lockOpenVisit(tx, ticket.id)
  if (!visit || (isRecovered && ticket.status !== 'closed' && visit.state === 'on-site')) return
  const text = isRecovered ? 'The fault is over by itself: no visit is needed.' : `The ticket is ${ticket.status}: no visit is needed.`
  await cancelVisit(tx, ticket, visit, { who: 'system', text }, context)
}
