/** Links a ticket to a known defect, or to a new one. */
import { Button, Group, Modal, SegmentedControl, Select, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Defect, DefectDetail } from '../../../shared/api/defects/defect-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { NewDefectForm } from './new-defect-form.tsx'

/** The customer sees nothing of it. */
export function LinkDefectModal({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const client = useQueryClient()
  const [chosen, setChosen] = useState<'known' | 'new' | null>(null)
  const [defectId, setDefectId] = useState<string | null>(null)
  const defects = useQuery({ queryKey: keys.defects, queryFn: ({ signal }) => readAll<Defect>('/defects', {}, signal) })
  const which = chosen ?? (defects.data?.length === 0 ? 'new' : 'known')
  const link = useMutation({
    mutationFn: (id: string) => callApi<DefectDetail>('POST', `/defects/${id}/tickets`, { body: { ticketId: ticket.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.defects })
      void client.invalidateQueries({ queryKey: keys.tickets })
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title="Link a defect" size="lg">
      <Stack gap="sm">
        <SegmentedControl
          size="xs"
          aria-label="Which defect"
          value={which}
          onChange={value => setChosen(value)}
          data={[
            { value: 'known', label: 'A known one' },
            { value: 'new', label: 'A new one' },
          ]}
        />
        <ProblemAlert error={defects.error ?? link.error} />
        {which === 'new' ? (
          <NewDefectForm ticket={ticket} onDone={onClose} onCancel={onClose} />
        ) : (
          <>
            <Select
              label="Defect"
              placeholder="DF-000042, or words of its title"
              searchable
              nothingFoundMessage="No such defect"
              data={(defects.data ?? []).map(one => ({ value: one.id, label: `${one.reference} · ${one.title}` }))}
              value={defectId}
              onChange={setDefectId}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button loading={link.isPending} disabled={defectId === null} onClick={() => defectId && link.mutate(defectId)}>
                Link it
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}
