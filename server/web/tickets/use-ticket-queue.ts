/** Open tickets, in the order in which something is due. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Ticket } from '../../../shared/api/ticket-api.ts'
import { readAll } from '../wire/api-client.ts'
import { keys } from '../wire/query-keys.ts'
import { nextDue } from './ticket-due.ts'

const OPEN = ['new', 'in-progress', 'waiting-customer', 'waiting-partner', 'waiting-information'] as const

/** Every ticket that is worked on. */
export const ticketQueueQuery = queryOptions({
  queryKey: keys.ticketQueue,
  queryFn: async ({ signal }): Promise<Ticket[]> =>
    (await Promise.all(OPEN.map(status => readAll<Ticket>('/tickets', { status }, signal)))).flat(),
  // A clock that runs out is a change without an event when nobody watches; once a minute is soon enough for a list.
  refetchInterval: 60_000,
})

/** How many open tickets have a clock that ran out. */
export function useOverdueCount(): number {
  const { data } = useQuery(ticketQueueQuery)
  return data?.filter(ticket => nextDue(ticket)?.isOverdue).length ?? 0
}
