/** Makes a ticket a major incident, or a part of one that runs. */
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Major, MajorDetail } from '../../../shared/api/majors/major-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

const NEW = 'new'

/** Opens the page of the major incident afterwards. */
export function RaiseMajorModal({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [chosen, setChosen] = useState<string>(NEW)
  const [title, setTitle] = useState(ticket.subject)
  const running = useQuery({
    queryKey: [...keys.majors, 'open'],
    queryFn: ({ signal }) => readAll<Major>('/majors', { state: 'open' }, signal),
  })
  const raise = useMutation({
    mutationFn: () =>
      chosen === NEW
        ? callApi<MajorDetail>('POST', '/majors', { body: { title: title.trim(), ticketIds: [ticket.id] } })
        : callApi<MajorDetail>('POST', `/majors/${chosen}/tickets`, { body: { ticketIds: [ticket.id] } }),
    onSuccess: major => {
      client.setQueryData(keys.major(major.id), major)
      void client.invalidateQueries({ queryKey: keys.majors })
      void client.invalidateQueries({ queryKey: keys.tickets })
      onClose()
      go(`/major/${major.id}`)
    },
    meta: { isShownInPlace: true },
  })
  const choices = (running.data ?? []).map(major => ({ value: major.id, label: `${major.reference} · ${major.title}` }))
  return (
    <Modal opened onClose={onClose} title="Major incident">
      <form
        onSubmit={event => {
          event.preventDefault()
          raise.mutate()
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            What concerns many customers is led on one page: one message goes to all of them, each on its own ticket.
          </Text>
          <ProblemAlert error={running.error ?? raise.error} />
          {choices.length > 0 && (
            <Select
              label="This ticket belongs to"
              allowDeselect={false}
              data={[{ value: NEW, label: 'A new major incident' }, ...choices]}
              value={chosen}
              onChange={value => setChosen(value ?? NEW)}
            />
          )}
          {chosen === NEW && (
            <TextInput
              label="Title"
              description="For colleagues"
              required
              maxLength={200}
              data-autofocus
              value={title}
              onChange={event => setTitle(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={raise.isPending} disabled={chosen === NEW && title.trim() === ''}>
              {chosen === NEW ? 'Raise it' : 'Add it'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
