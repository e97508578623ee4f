/** The whole is resolved and parts are open: proposes to resolve them too, each told in its own ticket. */
import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Relations, TiedTicket } from '../../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'

/** Nothing while the ticket itself is open, or when no part is. */
export function ResolveParts({
  ticket,
  parts,
  onDone,
}: {
  ticket: Ticket
  parts: readonly TiedTicket[]
  onDone: (relations: Relations) => void
}) {
  const [isAsking, setIsAsking] = useState(false)
  const [message, setMessage] = useState('')
  const resolve = useMutation({
    mutationFn: () =>
      callApi<Relations>('POST', `/tickets/${ticket.id}/parts/resolve`, {
        body: message.trim() === '' ? {} : { message: message.trim() },
      }),
    onSuccess: answer => {
      onDone(answer)
      setIsAsking(false)
    },
    meta: { isShownInPlace: true },
  })
  const open = parts.filter(part => part.status !== 'resolved' && part.status !== 'closed')
  const isOver = ticket.status === 'resolved' || ticket.status === 'closed'
  if (!isOver || open.length === 0) return null
  const count = open.length === 1 ? 'One part is' : `${open.length} parts are`
  return (
    <>
      <Alert variant="outline" color="yellow" mb="xs" title={`${count} still open`}>
        <Button size="xs" variant="default" onClick={() => setIsAsking(true)}>
          Resolve {open.length === 1 ? 'it' : 'them'} too
        </Button>
      </Alert>
      <Modal opened={isAsking} onClose={() => setIsAsking(false)} title="Resolve the parts too">
        <form
          onSubmit={event => {
            event.preventDefault()
            resolve.mutate()
          }}
        >
          <Stack gap="sm">
            <ProblemAlert error={resolve.error} />
            <Text size="sm">{open.map(part => part.reference).join(', ')}</Text>
            <Textarea
              label="Message to each customer"
              description="Written on each ticket before it is resolved; empty: only that it was resolved"
              autosize
              minRows={3}
              data-autofocus
              value={message}
              onChange={event => setMessage(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setIsAsking(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={resolve.isPending}>
                Resolve {open.length}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
