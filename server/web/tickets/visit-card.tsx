/** Visits of a ticket: who is asked, who comes when, what came of it; asking somebody by hand. */
import { Button, CopyButton, Group, Paper, Select, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import type { Visit } from '../../../shared/api/visits/visit-api.ts'
import { FileList } from '../attachments/file-list.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { isOpenVisit, momentWords, VISIT_STATES } from '../visits/visit-words.ts'
import { callApi } from '../api/api-client.ts'
import { partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'

/** Nothing for a ticket that never had one, unless somebody may ask for one. */
export function VisitCard({ ticket, mayWrite }: { ticket: Ticket; mayWrite: boolean }) {
  const client = useQueryClient()
  const nowMs = useNow()
  const [partnerId, setPartnerId] = useState<string | null>(null)
  const [link, setLink] = useState<string | null>(null)
  const partners = useQuery(partnersQuery)
  const visits = useQuery({
    queryKey: keys.visits(ticket.id),
    queryFn: ({ signal }) => callApi<Page<Visit>>('GET', `/visits?ticketId=${ticket.id}`, { signal }),
  })
  const refresh = (): void => void client.invalidateQueries({ queryKey: keys.tickets })
  const dispatch = useMutation({
    mutationFn: () => callApi<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { body: partnerId === null ? {} : { partnerId } }),
    onSuccess: visit => {
      setLink(visit.link)
      refresh()
    },
    meta: { isShownInPlace: true },
  })
  const cancel = useMutation({
    mutationFn: (visit: Visit) =>
      callApi<Visit>('POST', `/visits/${visit.id}/transitions`, { body: { to: 'cancelled', reason: 'Called off by the desk' } }),
    onSuccess: refresh,
    meta: { isShownInPlace: true },
  })
  const all = visits.data?.items ?? []
  const isOver = ticket.status === 'resolved' || ticket.status === 'closed'
  const mayAsk = mayWrite && !isOver && !all.some(isOpenVisit)
  if (all.length === 0 && !mayAsk) return null
  const nameOf = (id: string): string => partners.data?.find(partner => partner.id === id)?.name ?? 'Partner'
  return (
    <Paper p="md" component="section" aria-label="Visits">
      <Title order={2} size="h4" mb="xs">
        Visits
      </Title>
      <ProblemAlert error={visits.error ?? dispatch.error ?? cancel.error} />
      {all.map(visit => (
        <div key={visit.id} className="visit-row">
          <div>
            <b>{nameOf(visit.partnerId)}</b> <Tag tone={VISIT_STATES[visit.state].tone}>{VISIT_STATES[visit.state].word}</Tag>
          </div>
          <div className="quiet">{momentWords(visit, nowMs)}</div>
          {visit.reason && <div className="quiet">{visit.reason}</div>}
          {visit.parts.length > 0 && <div className="quiet">Parts: {visit.parts.map(part => part.name).join(', ')}</div>}
          {visit.note && <div>{visit.note}</div>}
          <FileList
            files={visit.photos.map((photo, index) => ({ ...photo, name: `Photo ${index + 1} of the visit`, contentType: 'image/jpeg' }))}
            label="Photos of the visit"
          />
          {mayWrite && isOpenVisit(visit) && (
            <Button size="compact-xs" variant="default" mt={4} loading={cancel.isPending} onClick={() => cancel.mutate(visit)}>
              Call off
            </Button>
          )}
        </div>
      ))}
      {link && (
        <Group gap="xs" mt="xs" role="status">
          <Text size="sm">The partner has the link by mail.</Text>
          <CopyButton value={link}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy the link'}
              </Button>
            )}
          </CopyButton>
        </Group>
      )}
      {mayAsk && (
        <Group gap="xs" mt="xs" align="end">
          <Select
            size="xs"
            label="Ask a partner to come"
            placeholder="Next in order"
            clearable
            clearButtonProps={{ 'aria-label': 'Next in order' }}
            data={(partners.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={partnerId}
            onChange={setPartnerId}
            style={{ flex: 1 }}
          />
          <Button size="xs" variant="default" loading={dispatch.isPending} onClick={() => dispatch.mutate()}>
            Ask
          </Button>
        </Group>
      )}
    </Paper>
  )
}
