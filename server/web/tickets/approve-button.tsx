/** Takes on a case beyond the quota. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApprovalInput, Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { showDone } from '../api/show-problem.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { useKeepTicket } from './use-keep-ticket.ts'

/** Asks why; the clocks run from then. */
export function ApproveButton({ ticket }: { ticket: Ticket }) {
  const keep = useKeepTicket()
  const [isOpen, setIsOpen] = useState(false)
  const approve = useMutation({
    mutationFn: (body: ApprovalInput) => callApi<Ticket>('POST', `/tickets/${ticket.id}/approve`, { body }),
    onSuccess: after => {
      setIsOpen(false)
      keep(after)
      showDone(`${after.reference} is approved, its clocks run`)
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ reason: '' }, approve.error)
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Approve</Button>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title={`Approve ${ticket.reference}`}>
        <form
          onSubmit={event => {
            event.preventDefault()
            approve.mutate({ reason: fields.values.reason.trim() })
          }}
        >
          <Stack gap="sm">
            <ProblemAlert error={approve.error} hidesFaults />
            <Text size="sm">
              The cases of the month were used up when it came in, so nothing is owed yet. Once approved, its clocks run from now and the
              case stands in the statement.
            </Text>
            <Textarea
              label="Why"
              description="Kept in the history"
              required
              autosize
              minRows={3}
              maxLength={2000}
              data-autofocus
              {...fields.input('reason')}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setIsOpen(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={approve.isPending} disabled={fields.values.reason.trim() === ''}>
                Approve the case
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
