/** What was offered for a ticket beyond its plan, and the customer's word on it. */
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TicketScope } from '../../../shared/api/tickets/scope-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { OFFER_STATES, OFFERS } from './scope-words.ts'

/** Nothing for a ticket the plan covers. `mayDecide`: the desk for the customer, or the customer itself. */
export function ScopeCard({ ticket, mayWrite, mayDecide }: { ticket: Ticket; mayWrite: boolean; mayDecide: boolean }) {
  const client = useQueryClient()
  const scope = useQuery({
    queryKey: keys.ticketScope(ticket.id),
    queryFn: ({ signal }) => callApi<TicketScope>('GET', `/tickets/${ticket.id}/scope`, { signal }),
  })
  const act = useMutation({
    mutationFn: (what: boolean | 'covered') =>
      what === 'covered'
        ? callApi<TicketScope>('DELETE', `/tickets/${ticket.id}/scope`)
        : callApi<TicketScope>('POST', `/tickets/${ticket.id}/offer/decision`, { body: { accepted: what } }),
    onSuccess: answer => {
      client.setQueryData(keys.ticketScope(ticket.id), answer)
      void client.invalidateQueries({ queryKey: keys.tickets })
    },
    meta: { isShownInPlace: true },
  })
  const offers = scope.data?.offers ?? []
  if (!scope.data || offers.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label="Beyond the plan">
      <Title order={2} size="h4" mb="xs">
        Beyond the plan
      </Title>
      <ProblemAlert error={act.error} />
      {offers.map(offer => (
        <div key={offer.id} className="offer">
          <b>{OFFERS[offer.kind].label}</b> <Tag tone={OFFER_STATES[offer.state].tone}>{OFFER_STATES[offer.state].word}</Tag>
          <div className="quiet">
            {offer.reason}, <Ago at={offer.offeredAt} />
          </div>
          {offer.estimate && <div>{offer.estimate}</div>}
          {offer.decidedBy && offer.state !== 'withdrawn' && <div className="quiet">by {offer.decidedBy}</div>}
          {mayDecide && offer.state === 'open' && offer.kind === 'billable' && (
            <Group gap="xs" mt={6}>
              <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate(true)}>
                {mayWrite ? 'Customer accepts' : 'Accept'}
              </Button>
              <Button size="compact-xs" variant="default" loading={act.isPending} onClick={() => act.mutate(false)}>
                {mayWrite ? 'Customer declines' : 'Decline'}
              </Button>
            </Group>
          )}
        </div>
      ))}
      {mayWrite && scope.data.reason !== null && (
        <Group justify="space-between" mt="xs">
          <Text size="xs" c="dimmed">
            No deadlines run for it.
          </Text>
          <Button size="compact-xs" variant="default" loading={act.isPending} onClick={() => act.mutate('covered')}>
            Covered after all
          </Button>
        </Group>
      )}
    </Paper>
  )
}
