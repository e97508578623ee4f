/** Customers that are concerned and have no ticket here cannot be told: one is opened for each whose plan has the term. */
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { MajorDetail, MajorTicketsOpened } from '../../../shared/api/majors/major-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { callApi } from '../api/api-client.ts'
import { showDone } from '../api/show-problem.ts'

/** Nothing when every customer concerned has one. */
export function OpenTickets({ major, onDone }: { major: MajorDetail; onDone: () => void }) {
  const [isOpen, setIsOpen] = useState(false)
  const known = new Set(major.members.map(member => member.ticket.customerId))
  const without = major.affected.customers.filter(customer => !known.has(customer.id))
  const open = useMutation({
    mutationFn: (body: { subject: string; body: string }) =>
      callApi<MajorTicketsOpened>('POST', `/majors/${major.id}/open-tickets`, { body }),
    onSuccess: answer => {
      showDone(`${answer.opened.length} ${answer.opened.length === 1 ? 'ticket' : 'tickets'} opened`)
      setIsOpen(false)
      onDone()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ subject: '', body: '' }, open.error)
  if (without.length === 0) return null
  return (
    <>
      <Text size="sm" mt="sm">
        {without.length === 1 ? 'One customer has' : `${without.length} customers have`} no ticket here.
      </Text>
      <Button size="xs" variant="default" mt={6} onClick={() => setIsOpen(true)}>
        Open tickets for them
      </Button>
      <Modal opened={isOpen} onClose={() => setIsOpen(false)} title="Open tickets for customers concerned">
        <form
          onSubmit={event => {
            event.preventDefault()
            open.mutate({ subject: fields.values.subject.trim(), body: fields.values.body.trim() })
          }}
        >
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              Level 1, for every customer whose plan has major incident communication. Each reads the same words; name none of them.
            </Text>
            <ProblemAlert error={open.error} />
            <TextInput label="Subject" required maxLength={200} data-autofocus {...fields.input('subject')} />
            <Textarea label="What happened" required autosize minRows={3} maxLength={10_000} {...fields.input('body')} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setIsOpen(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={open.isPending}>
                Open and tell
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
