/** One mail that waits: its words, and the three things that can become of it. */
import { Anchor, Button, Group, Loader, Select, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { IntakeItem, IntakePreview } from '../../../shared/api/mail/intake-api.ts'
import { sizeWords } from '../attachments/size-words.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { TicketPicker } from '../ticket-relations/ticket-picker.tsx'
import { callApi } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

function Decision({ item, preview }: { item: IntakeItem; preview: IntakePreview }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const customers = useQuery(customersQuery)
  const [customerId, setCustomerId] = useState<string | null>(preview.likelyCustomers[0]?.id ?? null)
  const [ticketId, setTicketId] = useState<string | null>(preview.namedTicket?.id ?? null)
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: keys.intake })
    void client.invalidateQueries({ queryKey: keys.tickets })
  }
  const place = useMutation({
    mutationFn: (to: { customerId: string } | { ticketId: string }) =>
      callApi<{ ticketId: string }>('POST', `/intake/${item.id}/${'ticketId' in to ? 'attach' : 'assign'}`, { body: to }),
    onSuccess: answer => {
      refresh()
      go(`/tickets/${answer.ticketId}`)
    },
    meta: { isShownInPlace: true },
  })
  const drop = useMutation({
    mutationFn: () => callApi('POST', `/intake/${item.id}/dismiss`),
    onSuccess: () => {
      refresh()
      showDone('Dropped. It stays kept under Dropped.')
    },
    meta: { isShownInPlace: true },
  })
  const named = preview.namedTicket
  return (
    <Stack gap="xs">
      <ProblemAlert error={place.error ?? drop.error} />
      <Group align="end" gap="xs">
        <Select
          label="Make a ticket of"
          placeholder="Customer"
          searchable
          data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={customerId}
          onChange={setCustomerId}
          style={{ flex: '1 1 220px' }}
        />
        <Button disabled={customerId === null} loading={place.isPending} onClick={() => customerId && place.mutate({ customerId })}>
          Make ticket
        </Button>
      </Group>
      <Group align="end" gap="xs">
        <div style={{ flex: '1 1 220px' }}>
          <TicketPicker label="Or put it on a ticket" first={named ? [named] : []} value={ticketId} onChange={setTicketId} />
        </div>
        <Button
          variant="default"
          disabled={ticketId === null}
          loading={place.isPending}
          onClick={() => ticketId && place.mutate({ ticketId })}
        >
          Put there
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        Later mails of this sender go to the same customer by themselves.
      </Text>
      <Group>
        <Button variant="subtle" color="red" size="compact-sm" loading={drop.isPending} onClick={() => drop.mutate()}>
          Drop: it is no report
        </Button>
      </Group>
    </Stack>
  )
}

/** Words of the mail, its files, and the decision. */
export function IntakeDetail({ item, mayDecide }: { item: IntakeItem; mayDecide: boolean }) {
  const preview = useQuery({
    queryKey: [...keys.intake, item.id, 'preview'],
    queryFn: ({ signal }) => callApi<IntakePreview>('GET', `/intake/${item.id}/preview`, { signal }),
    staleTime: 60_000,
  })
  const isUndecided = item.state === 'open' || item.state === 'ignored'
  if (preview.isPending) return <Loader size="sm" />
  if (!preview.data) return <ProblemAlert error={preview.error} again={preview.refetch} />
  const { from, text, files, leftOut } = preview.data
  return (
    <>
      <Text size="sm" mb={4}>
        From {from.name ? `${from.name}, ` : ''}
        {from.address || 'nobody who could be answered'}
      </Text>
      <div className="intake-text" role="region" aria-label="What the mail says" tabIndex={0}>
        {text || 'It cannot be shown as text. Save the whole mail to look at it.'}
      </div>
      {(files.length > 0 || leftOut.length > 0) && (
        <Text size="sm" c="dimmed" mb="xs">
          {files.length > 0 && `With ${files.map(file => `${file.name} (${sizeWords(file.bytes)})`).join(', ')}. `}
          {leftOut.length > 0 && `Left out: ${leftOut.join('; ')}.`}
        </Text>
      )}
      <Anchor href={`/api/v1/mails/${item.mailId}`} download size="sm" mb="md" display="inline-block">
        Save the whole mail
      </Anchor>
      {mayDecide && isUndecided && <Decision item={item} preview={preview.data} />}
    </>
  )
}
