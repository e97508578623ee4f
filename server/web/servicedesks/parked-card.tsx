/** What their desk refused, or ours could not take: tried again or dropped by a person. */
import { Button, Group, Paper, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { ParkedChange } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

const WHAT: Record<string, string> = {
  create: 'Make the ticket there',
  comment: 'A message of ours',
  state: 'The status',
  level: 'The level',
  file: 'A file',
  delivery: 'News of theirs',
}

/** Parked changes of a link with both decisions. */
export function ParkedCard({ linkId, mayDecide }: { linkId: string; mayDecide: boolean }) {
  const client = useQueryClient()
  const parked = useQuery({
    queryKey: keys.servicedeskParked(linkId),
    queryFn: ({ signal }) => readAll<ParkedChange>(`/servicedesk-links/${linkId}/parked`, {}, signal),
    refetchInterval: 15_000,
  })
  const decide = useMutation({
    mutationFn: ({ change, verb }: { change: ParkedChange; verb: 'retry' | 'drop' }) =>
      callApi('POST', `/servicedesk-links/${linkId}/parked/${change.id}/${verb}`),
    onSuccess: (_answer, { verb }) => showDone(verb === 'retry' ? 'It is tried again now' : 'It was dropped'),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.servicedesks }),
  })
  const all = parked.data ?? []
  const retryAll = useMutation({
    // One after the other: the order of a ticket is the order of the list.
    mutationFn: async () => {
      for (const change of all) await callApi('POST', `/servicedesk-links/${linkId}/parked/${change.id}/retry`)
    },
    onSuccess: () => showDone('They are tried again now'),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.servicedesks }),
  })
  return (
    <Paper p="md" component="section" aria-label="Refused changes">
      <Group justify="space-between" mb={6}>
        <Title order={2} size="h4">
          Refused changes
        </Title>
        {mayDecide && all.length > 1 && (
          <Button size="compact-sm" variant="default" loading={retryAll.isPending} onClick={() => retryAll.mutate()}>
            Retry all {all.length}
          </Button>
        )}
      </Group>
      <ProblemAlert error={parked.error} again={parked.refetch} />
      {all.length === 0 && !parked.isError ? (
        <Text size="sm" c="dimmed">
          Nothing was refused. What their desk refuses waits here until somebody retries or drops it; the rest of its ticket waits behind
          it.
        </Text>
      ) : (
        <div className="scroll-box" role="region" aria-label="List of refused changes" tabIndex={0}>
          <Table verticalSpacing={7} aria-label="Refused changes">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th>Ticket</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>
                  <span className="sr-only">Decide</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(change => (
                <Table.Tr key={change.id}>
                  <Table.Td>{WHAT[change.kind] ?? change.kind}</Table.Td>
                  <Table.Td className="mono">
                    {change.ticketId ? <Link href={`/tickets/${change.ticketId}`}>{change.reference ?? 'ticket'}</Link> : change.externalId}
                  </Table.Td>
                  <Table.Td className="parked-why">{change.reason}</Table.Td>
                  <Table.Td>
                    <Ago at={change.createdAt} />
                  </Table.Td>
                  <Table.Td>
                    {mayDecide && (
                      <Group gap={6} wrap="nowrap" justify="flex-end">
                        <Button size="compact-xs" variant="default" onClick={() => decide.mutate({ change, verb: 'retry' })}>
                          Retry
                        </Button>
                        <Button size="compact-xs" variant="subtle" color="red" onClick={() => decide.mutate({ change, verb: 'drop' })}>
                          Drop
                        </Button>
                      </Group>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Paper>
  )
}
