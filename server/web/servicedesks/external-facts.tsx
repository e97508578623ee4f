/** Where a ticket is at the client's desk: its number there with the way to it, and what is theirs to say. */
import { useQuery } from '@tanstack/react-query'
import type { ExternalTicket } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import './servicedesks.css'

/** Lines for the facts of a ticket; none when it is mirrored nowhere. */
export function ExternalFacts({ ticketId }: { ticketId: string }) {
  const external = useQuery({
    queryKey: keys.ticketExternal(ticketId),
    queryFn: ({ signal }) => readAll<ExternalTicket>(`/tickets/${ticketId}/external`, {}, signal),
    refetchInterval: 60_000,
  })
  return (external.data ?? []).map(one => {
    const theirs = [one.state, one.priority && `priority ${one.priority}`, one.assignee && `with ${one.assignee}`].filter(Boolean)
    return (
      <div key={one.linkId} className="facts-row">
        <dt>{one.linkName}</dt>
        <dd>
          {one.key === null ? (
            'on its way'
          ) : one.url === null ? (
            <span className="mono">{one.key}</span>
          ) : (
            <a href={one.url} target="_blank" rel="noreferrer" className="mono">
              {one.key}
            </a>
          )}
          {theirs.length > 0 && <span className="quiet"> {theirs.join(', ')}</span>}
          {one.stopped && <div className="quiet">Not mirrored any more: too many changes in ten minutes.</div>}
        </dd>
      </div>
    )
  })
}
