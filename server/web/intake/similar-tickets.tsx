/** Open tickets that what is being written may be about already. */
import { Alert, Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { SimilarTicket } from '../../../shared/api/tickets/call-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { Ago } from '../components/ago.tsx'
import { STATUS_WORDS } from '../tickets/ticket-words.ts'
import { callApi, queryText } from '../api/api-client.ts'

type Asked = { customerId: string; deviceId: string; subject: string; description: string; email: string }

/** Nothing while nothing is alike. */
export function SimilarTickets({ asked, isBusy, onChoose }: { asked: Asked; isBusy: boolean; onChoose: (ticketId: string) => void }) {
  const [settled] = useDebouncedValue(asked, 300)
  const isAddress = /^[^\s@]+@[^\s@]+$/.test(settled.email)
  const found = useQuery({
    queryKey: ['tickets', 'similar', settled],
    enabled: settled.deviceId !== '' || settled.subject.trim().length > 3,
    queryFn: ({ signal }) =>
      callApi<Page<SimilarTicket>>('GET', `/tickets/similar${queryText({ ...settled, email: isAddress ? settled.email : '' })}`, {
        signal,
      }),
    meta: { isShownInPlace: true },
  })
  const items = found.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Alert color="yellow" variant="outline" title="It may be known already" role="status">
      {items.map(ticket => (
        <div key={ticket.id} className="similar">
          <div>
            <Link href={`/tickets/${ticket.id}`}>
              <span className="mono">{ticket.reference}</span> {ticket.subject}
            </Link>
            <div className="quiet">
              {STATUS_WORDS[ticket.status]}, level {ticket.level}, <Ago at={ticket.createdAt} />
            </div>
          </div>
          <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => onChoose(ticket.id)}>
            Log the call there
          </Button>
        </div>
      ))}
    </Alert>
  )
}
