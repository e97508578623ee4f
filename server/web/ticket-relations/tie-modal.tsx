/** Merges a ticket into another, or ties the two. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Relations } from '../../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { TicketPicker } from './ticket-picker.tsx'

export type TieKind = 'merge' | 'related' | 'child' | 'parent'
const WORDS: Record<TieKind, { title: string; label: string; about: string; button: string }> = {
  merge: {
    title: 'Merge into another ticket',
    label: 'It goes on in',
    about:
      'This ticket is closed and its clocks end. What its customer writes later, by mail or otherwise, is kept on the other one. It can be undone for an hour.',
    button: 'Merge',
  },
  related: { title: 'Link a related ticket', label: 'Related to', about: 'Both show each other; nothing else changes.', button: 'Link' },
  child: {
    title: 'Make it a part of another ticket',
    label: 'Is a part of',
    about: 'It stays a ticket of its own. When the whole is resolved, its parts are proposed too.',
    button: 'Link',
  },
  parent: {
    title: 'Add a part',
    label: 'Has as a part',
    about: 'The part stays a ticket of its own. When this one is resolved, its parts are proposed too.',
    button: 'Link',
  },
}

/** `first`: tickets offered before anything is typed. */
export function TieModal({
  ticket,
  kind,
  first,
  onDone,
  onClose,
}: {
  ticket: Ticket
  kind: TieKind
  first: readonly Pick<Ticket, 'id' | 'reference' | 'subject'>[]
  onDone: (relations: Relations) => void
  onClose: () => void
}) {
  const words = WORDS[kind]
  const [otherId, setOtherId] = useState<string | null>(first.length === 1 && kind === 'merge' ? (first[0]?.id ?? null) : null)
  const [reason, setReason] = useState('')
  const tie = useMutation({
    mutationFn: () =>
      kind === 'merge'
        ? callApi<Relations>('POST', `/tickets/${ticket.id}/merge`, {
            body: { intoTicketId: otherId, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
          })
        : callApi<Relations>('POST', `/tickets/${ticket.id}/links`, { body: { kind, ticketId: otherId } }),
    onSuccess: answer => {
      onDone(answer)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title={words.title}>
      <form
        onSubmit={event => {
          event.preventDefault()
          if (otherId) tie.mutate()
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {words.about}
          </Text>
          <ProblemAlert error={tie.error} />
          <TicketPicker
            label={words.label}
            exceptId={ticket.id}
            first={first}
            value={otherId}
            onChange={setOtherId}
            {...(kind === 'related' ? {} : { customerId: ticket.customerId })}
          />
          {kind === 'merge' && (
            <Textarea
              label="Why"
              description="For colleagues; the customer is told where it goes on"
              autosize
              minRows={2}
              maxLength={2000}
              value={reason}
              onChange={event => setReason(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={tie.isPending} disabled={otherId === null}>
              {words.button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
