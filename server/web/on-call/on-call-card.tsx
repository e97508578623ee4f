/** On a ticket: who was called, and taking the call. */
import { Button, Paper, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Page } from '../../../shared/api/list.ts'
import type { OnCallAlert } from '../../../shared/api/on-call/on-call-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ALERT_STATES } from './alert-words.ts'

/** Nothing for a ticket nobody was called for. */
export function OnCallCard({ ticket, mayWrite }: { ticket: Ticket; mayWrite: boolean }) {
  const client = useQueryClient()
  const alerts = useQuery({
    queryKey: keys.ticketOnCall(ticket.id),
    enabled: ticket.flags.includes('after-hours'),
    queryFn: ({ signal }) => callApi<Page<OnCallAlert>>('GET', `/on-call/alerts?ticketId=${ticket.id}`, { signal }),
  })
  const take = useMutation({
    mutationFn: () => callApi('POST', `/tickets/${ticket.id}/on-call/acknowledge`),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.tickets }),
    meta: { isShownInPlace: true },
  })
  const alert = alerts.data?.items[0]
  if (!alert) return null
  const state = ALERT_STATES[alert.state]
  return (
    <Paper p="md" component="section" aria-label="On call">
      <Title order={2} size="h4" mb="xs">
        On call
      </Title>
      <Text size="sm">
        <Tag tone={state.tone}>{state.word}</Tag> {alert.acknowledgedBy}
      </Text>
      {alert.calls.map(call => (
        <Text key={call.at} size="sm" c="dimmed">
          {call.name}, asked <Ago at={call.at} />
        </Text>
      ))}
      <ProblemAlert error={take.error} />
      {mayWrite && (alert.state === 'calling' || alert.state === 'nobody') && (
        <Button size="xs" mt="xs" loading={take.isPending} onClick={() => take.mutate()}>
          I take it
        </Button>
      )}
    </Paper>
  )
}
