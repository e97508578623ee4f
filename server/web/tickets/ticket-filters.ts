/** What the queue is narrowed to; kept in the address. */
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type { Ticket } from '../../../shared/api/ticket-api.ts'
import { nextDue } from './ticket-due.ts'

const NAMES = ['q', 'status', 'level', 'customerId', 'whose', 'overdue', 'done'] as const
export type TicketFilterName = (typeof NAMES)[number]
export type TicketFilters = Partial<Record<TicketFilterName, string>>

/** Filters of the address, and how to change them (null takes one away). */
export function useTicketFilters(): [TicketFilters, (change: Partial<Record<TicketFilterName, string | null>>) => void] {
  const [params, setParams] = useSearchParams()
  const filters = useMemo(
    () => Object.fromEntries(NAMES.flatMap(name => (params.get(name) ? [[name, params.get(name)]] : []))) as TicketFilters,
    [params],
  )
  const change = (wanted: Partial<Record<TicketFilterName, string | null>>): void =>
    setParams(
      before => {
        const after = new URLSearchParams(before)
        for (const [name, value] of Object.entries(wanted)) {
          if (value) after.set(name, value)
          else after.delete(name)
        }
        return after
      },
      { replace: true },
    )
  return [filters, change]
}

/** Whether a ticket passes. */
export function ticketPasses(ticket: Ticket, filters: TicketFilters, myId: string | undefined): boolean {
  if (filters.status && ticket.status !== filters.status) return false
  if (filters.level && String(ticket.level) !== filters.level) return false
  if (filters.customerId && ticket.customerId !== filters.customerId) return false
  if (filters.whose === 'mine' && ticket.assignee !== myId) return false
  if (filters.whose === 'nobody' && ticket.assignee !== null) return false
  if (filters.overdue && !nextDue(ticket)?.isOverdue) return false
  if (!filters.q) return true
  const text =
    `${ticket.reference} ${ticket.subject} ${ticket.description} ${ticket.reporter?.name ?? ''} ${ticket.signal ?? ''}`.toLowerCase()
  return filters.q
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
