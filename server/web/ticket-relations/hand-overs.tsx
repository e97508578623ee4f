/** Who had a ticket: lines and people, when, by whom and why. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { HandOver } from '../../../shared/api/tickets/relation-api.ts'
import { Ago } from '../components/ago.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** Read when it is opened. */
export function HandOvers({ ticketId }: { ticketId: string }) {
  const [isOpen, setIsOpen] = useState(false)
  const list = useQuery({
    queryKey: keys.ticketHandOvers(ticketId),
    enabled: isOpen,
    queryFn: ({ signal }) => callApi<{ items: HandOver[] }>('GET', `/tickets/${ticketId}/hand-overs`, { signal }),
  })
  const items = list.data?.items ?? []
  return (
    <details className="hand-overs" onToggle={event => setIsOpen(event.currentTarget.open)}>
      <summary>Who had it</summary>
      {list.data && items.length === 0 && <div className="quiet">Nobody but the first line yet.</div>}
      <ol>
        {items.map(item => (
          <li key={item.at + item.text}>
            {item.text}
            <div className="quiet">
              {item.by}, <Ago at={item.at} />
            </div>
            {item.why && <div>{item.why}</div>}
          </li>
        ))}
      </ol>
    </details>
  )
}
