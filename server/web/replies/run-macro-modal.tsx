/** What a macro would say and do on this ticket; one click does it. */
import { Alert, Button, Group, List, Loader, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Macro, MacroAnswer } from '../../../shared/api/knowledge/macro-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { macroPreviewQuery } from '../knowledge/knowledge-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useKeepTicket } from '../tickets/use-keep-ticket.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { addToReply } from './reply-store.ts'

/** Preview, editing and running. */
export function RunMacroModal({ ticket, macro, onClose }: { ticket: Ticket; macro: Macro; onClose: () => void }) {
  const client = useQueryClient()
  const keep = useKeepTicket()
  const preview = useQuery(macroPreviewQuery(ticket.id, macro.id))
  const [edited, setEdited] = useState<string | null>(null)
  const seen = preview.data
  const text = edited ?? seen?.text ?? null
  const run = useMutation({
    mutationFn: () =>
      callApi<MacroAnswer>('POST', `/tickets/${ticket.id}/macros/${macro.id}`, { body: edited === null ? {} : { text: edited.trim() } }),
    onSuccess: answer => {
      keep(answer.ticket)
      void client.invalidateQueries({ queryKey: keys.ticketTimeline(ticket.id) })
      showDone(`Done: ${macro.name}`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  return (
    <Modal opened onClose={onClose} title={macro.name} size="lg">
      {preview.isPending ? (
        <Loader size="sm" />
      ) : (
        <Stack gap="sm">
          <ProblemAlert error={preview.error ?? run.error} />
          {seen && seen.faults.length > 0 && (
            <Alert color="yellow" variant="outline" title="It cannot run on this ticket">
              {seen.faults.join(' ')}
            </Alert>
          )}
          {text !== null && (
            <Textarea
              label={seen?.visibility === 'internal' ? 'Internal note' : 'To the customer'}
              autosize
              minRows={4}
              maxRows={16}
              value={text}
              onChange={event => setEdited(event.currentTarget.value)}
            />
          )}
          {seen && (
            <div>
              <Text size="sm" fw={500}>
                What happens
              </Text>
              <List size="sm">
                {seen.changes.map(change => (
                  <List.Item key={change}>{change}</List.Item>
                ))}
              </List>
            </div>
          )}
          <Group justify="flex-end">
            {text !== null && (
              <Button
                variant="default"
                onClick={() => {
                  addToReply(ticket.id, text, seen?.visibility ?? null)
                  onClose()
                }}
              >
                Only put the text into the reply
              </Button>
            )}
            <Button
              data-autofocus
              loading={run.isPending}
              disabled={!seen || seen.faults.length > 0 || text?.trim() === ''}
              onClick={() => run.mutate()}
            >
              Run
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
