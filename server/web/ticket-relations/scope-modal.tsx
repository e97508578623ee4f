/** Marks a ticket as beyond its plan: the reason from the plan's list, and what is offered instead. */
import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OutOfScopeInput, TicketScope } from '../../../shared/api/tickets/scope-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { OFFERS } from './scope-words.ts'

type Kind = TicketScope['offer']

/** The customer is told at once, in its language unless other words are written. */
export function ScopeModal({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const client = useQueryClient()
  const scope = useQuery({
    queryKey: keys.ticketScope(ticket.id),
    queryFn: ({ signal }) => callApi<TicketScope>('GET', `/tickets/${ticket.id}/scope`, { signal }),
  })
  const [reason, setReason] = useState<string | null>(null)
  const [chosen, setChosen] = useState<Kind | null>(null)
  const [estimate, setEstimate] = useState('')
  const [message, setMessage] = useState('')
  const kind = chosen ?? scope.data?.offer ?? 'billable'
  const mark = useMutation({
    mutationFn: (body: OutOfScopeInput) => callApi<TicketScope>('POST', `/tickets/${ticket.id}/scope`, { body }),
    onSuccess: answer => {
      client.setQueryData(keys.ticketScope(ticket.id), answer)
      void client.invalidateQueries({ queryKey: keys.tickets })
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const choices = scope.data?.choices ?? []
  return (
    <Modal opened onClose={onClose} title="Out of scope" size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (reason !== null)
            mark.mutate({
              reason,
              offer: kind,
              ...(kind === 'billable' && estimate.trim() !== '' ? { estimate: estimate.trim() } : {}),
              ...(message.trim() === '' ? {} : { message: message.trim() }),
            })
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={scope.error ?? mark.error} />
          {scope.data && choices.length === 0 ? (
            <Text size="sm">
              The plan of this customer excludes nothing. What it does not cover is listed in the plan, or agreed in the customer’s own
              terms.
            </Text>
          ) : (
            <>
              <Text size="sm" c="dimmed">
                The customer is told at once, and nothing is owed for the ticket any more.
              </Text>
              <Select label="What the plan does not cover" required searchable data={choices} value={reason} onChange={setReason} />
              <Select
                label="Offered instead"
                required
                allowDeselect={false}
                data={Object.entries(OFFERS).map(([value, { label }]) => ({ value, label }))}
                value={kind}
                onChange={value => setChosen(value as Kind)}
                description={OFFERS[kind].means}
              />
              {kind === 'billable' && (
                <TextInput
                  label="Estimate"
                  placeholder="2 h, 180 EUR"
                  maxLength={500}
                  value={estimate}
                  onChange={event => setEstimate(event.currentTarget.value)}
                />
              )}
              <Textarea
                label="Message to the customer"
                description="Empty: drafted in the language of the customer"
                autosize
                minRows={2}
                value={message}
                onChange={event => setMessage(event.currentTarget.value)}
              />
            </>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={mark.isPending} disabled={reason === null}>
              Mark and tell
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
