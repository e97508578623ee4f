/** While a ticket is written down: open ones that may be about the same. */
import { Alert } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { DuplicatesAnswer } from '../../../shared/api/tickets/relation-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import './relations.css'

/** Nothing while there is no customer or no subject, or when nothing is alike. */
export function DuplicateHint({ customerId, deviceId, subject }: { customerId: string; deviceId: string; subject: string }) {
  const [asked] = useDebouncedValue(subject.trim(), 350)
  const found = useQuery({
    queryKey: ['tickets', 'duplicates', customerId, deviceId, asked],
    enabled: customerId !== '' && asked.length > 2,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      callApi<DuplicatesAnswer>('GET', `/tickets/duplicates${queryText({ customerId, deviceId, subject: asked })}`, { signal }),
  })
  const items = subject.trim() === '' ? [] : (found.data?.items ?? [])
  if (items.length === 0) return null
  return (
    <Alert variant="outline" color="yellow" title="May be known already" role="status">
      <ul className="tied-list">
        {items.map(({ ticket, why }) => (
          <li key={ticket.id}>
            <div>
              <a href={`/tickets/${ticket.id}`} target="_blank" rel="noreferrer">
                <span className="mono">{ticket.reference}</span>
              </a>{' '}
              {ticket.subject}
              <div className="quiet">{why}</div>
            </div>
          </li>
        ))}
      </ul>
    </Alert>
  )
}
