/** What the queue is narrowed to; kept in the address. */
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'

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
