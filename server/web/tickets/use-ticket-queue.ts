/** The desk's queue as the server sorts and searches it, a page at a time, and how much there is to do. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket, TicketCounts } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import type { TicketFilters } from './ticket-filters.ts'

const PAGE_SIZE = 50
// A clock that runs out is a change without an event when nobody watches; once a minute is soon enough for a list.
const AGAIN_MS = 60_000

/** What the server is asked for. Those that are over come newest first, the open ones by what is due next. */
function asked({ done, whose, overdue, ...rest }: TicketFilters, myId: string | undefined) {
  return {
    ...rest,
    open: done !== 'yes',
    order: done === 'yes' ? 'newest' : 'due',
    limit: PAGE_SIZE,
    ...(overdue && { overdue: true }),
    ...(whose === 'nobody' && { assignee: 'nobody' }),
    ...(whose === 'mine' && { assignee: myId }),
  }
}

/** Tickets that pass the filters: those read so far, how many there are, and how to read on. */
export function useTicketQueue(filters: TicketFilters, myId: string | undefined) {
  const question = asked(filters, myId)
  const pages = useInfiniteQuery({
    queryKey: keys.ticketQueue(question),
    queryFn: ({ signal, pageParam }) =>
      callApi<Page<Ticket>>('GET', `/tickets${queryText({ ...question, ...(pageParam && { cursor: pageParam }) })}`, { signal }),
    initialPageParam: '',
    getNextPageParam: page => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  })
  return { ...pages, tickets: pages.data?.pages.flatMap(page => page.items), total: pages.data?.pages[0]?.total ?? 0 }
}

/** How many open tickets have a clock that ran out. */
export function useOverdueCount(): number {
  const { data } = useQuery({
    queryKey: keys.ticketCounts,
    queryFn: ({ signal }) => callApi<TicketCounts>('GET', '/tickets/counts', { signal }),
    refetchInterval: AGAIN_MS,
  })
  return data?.overdue ?? 0
}
