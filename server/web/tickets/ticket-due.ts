/** What is due next on a ticket. */
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import type { ClockView } from '../../../shared/api/sla/sla-api.ts'

export type ClockName = 'response' | 'update' | 'resolution'
export type Due = { clock: ClockName; atMs: number; isOverdue: boolean }

export const CLOCK_WORDS: Record<ClockName, string> = { response: 'Response', update: 'Update', resolution: 'Resolution' }

/** The clocks a ticket has, in the order they matter. */
export function clocksOf(ticket: Pick<Ticket, 'clocks'>): { name: ClockName; clock: ClockView }[] {
  const { response, update, resolution } = ticket.clocks
  return [
    { name: 'response' as const, clock: response },
    { name: 'update' as const, clock: update },
    ...(resolution ? [{ name: 'resolution' as const, clock: resolution }] : []),
  ]
}

/**
 * The clock that needs somebody first: a breached one that nobody answered yet, else the running one that is due soonest.
 * A breached response of a ticket that was answered since is history and shows up on the ticket, not in the queue's order.
 */
export function nextDue(ticket: Pick<Ticket, 'clocks' | 'status'>, nowMs = Date.now()): Due | null {
  if (ticket.status === 'resolved' || ticket.status === 'closed') return null
  const dues = clocksOf(ticket).flatMap(({ name, clock }): Due[] => {
    if (clock.dueAt === null || (clock.state !== 'running' && clock.state !== 'breached')) return []
    const atMs = Date.parse(clock.dueAt)
    return [{ clock: name, atMs, isOverdue: clock.state === 'breached' || atMs < nowMs }]
  })
  const soonest = dues.toSorted((one, other) => one.atMs - other.atMs)
  return soonest[0] ?? null
}
