/** Moves a ticket to another status, in the transaction of the caller, with the ticket locked. */
import type { TransitionInput } from '../../shared/api/tickets/ticket-api.ts'
import { isOpenStatus, mustAllow } from './rules/ticket.ts'
import { closeClocks, reopenClocks, resolveClocks, type Clocks } from '../sla/rules/ticket-clocks.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { clocksFor, loadCase, note, promisesOf, tellAbout } from './loaded-ticket.ts'
import type { Act, Case } from './ticket-context.ts'
import { mustNotBeMerged } from './merged-ticket.ts'
import { saveCase } from './save-ticket.ts'

/** Row and clocks of a ticket that is opened again; promises are those of now. */
export function openAgain(one: Case, nowMs: number): { change: Partial<TicketRow>; clocks: Clocks; promises: Case['promises'] } {
  const promises = promisesOf(one.plan, one.row, nowMs)
  return {
    change: { status: 'in-progress', occurrences: one.row.occurrences + 1, resolved_at: null, resolved_by: null, closed_at: null },
    clocks: reopenClocks(one.clocks, promises, nowMs),
    promises,
  }
}

/** Moves a ticket to another status. Throws transition-not-allowed. */
export async function moveTicket({ tx, desk, changes, author }: Act, ticketId: string, input: TransitionInput): Promise<void> {
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  mustNotBeMerged(one.row)
  const from = one.row.status
  const { to, reason } = input
  mustAllow(from, to)
  const text = `${from} became ${to}`
  await note(
    tx,
    desk,
    { ...one.row, status: to },
    {
      atMs: nowMs,
      nowMs,
      kind: 'status',
      text,
      author,
      isPublic: true,
      onDevice: to === 'resolved' || to === 'closed',
      data: { from, to },
    },
  )
  // A reason is meant for colleagues; what the customer is to read is written as a message.
  if (reason) await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'reason', text: reason, author })

  const context = { nowMs, changes }
  if (to === 'resolved') {
    const saved = await saveCase(
      tx,
      desk,
      one,
      { change: { status: to, resolved_at: nowMs, resolved_by: 'person' }, clocks: resolveClocks(one.clocks, 'person', nowMs) },
      context,
    )
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-resolved',
      to: ['customer', 'partner', 'desk'],
      text: 'The ticket was resolved.',
      once: one.row.occurrences,
      nowMs,
    })
  } else if (to === 'closed') {
    const saved = await saveCase(
      tx,
      desk,
      one,
      { change: { status: to, closed_at: nowMs }, clocks: closeClocks(one.clocks, nowMs) },
      context,
    )
    if (from !== 'resolved')
      await tellAbout(tx, desk, saved, {
        kind: 'ticket-closed',
        to: ['customer', 'partner'],
        text: 'The ticket was closed.',
        once: one.row.occurrences,
        nowMs,
      })
  } else if (!isOpenStatus(from)) {
    const saved = await saveCase(tx, desk, one, openAgain(one, nowMs), context)
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-reopened',
      to: ['customer', 'partner', 'desk'],
      text: 'The ticket is open again.',
      once: saved.row.occurrences,
      nowMs,
    })
  } else {
    const moved = clocksFor(one, one.clocks, to, nowMs)
    await saveCase(tx, desk, one, { change: { status: to }, clocks: moved.clocks, byChange: moved.byChange }, context)
  }
}
