/** What a ticket is tied to, and what to read anew when that changes. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Relations } from '../../../shared/api/tickets/relation-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** `keep` takes over an answer; both tickets and their histories are read anew. */
export function useRelations(ticketId: string) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: keys.ticketRelations(ticketId),
    queryFn: ({ signal }) => callApi<Relations>('GET', `/tickets/${ticketId}/relations`, { signal }),
  })
  const keep = (relations: Relations): void => {
    client.setQueryData(keys.ticketRelations(ticketId), relations)
    void client.invalidateQueries({ queryKey: keys.tickets })
  }
  return { ...query, keep }
}
