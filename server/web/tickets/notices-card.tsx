/** Who was told about a ticket, and who could not be. */
import { Button, Paper, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Page } from '../../../shared/api/list.ts'
import type { Notice } from '../../../shared/api/notifications/outbox-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { Ago } from '../components/ago.tsx'
import { Tag, type Tone } from '../components/tags.tsx'

const STATES: Record<Notice['state'], { word: string; tone: Tone }> = {
  pending: { word: 'Waits', tone: 'plain' },
  sending: { word: 'On its way', tone: 'plain' },
  sent: { word: 'Sent', tone: 'good' },
  'given-up': { word: 'Given up', tone: 'bad' },
}

/** Notices newest first; one that was given up can be tried again. */
export function NoticesCard({ ticketId, mayWrite }: { ticketId: string; mayWrite: boolean }) {
  const client = useQueryClient()
  const notices = useQuery({
    queryKey: keys.ticketNotices(ticketId),
    queryFn: ({ signal }) => callApi<Page<Notice>>('GET', `/tickets/${ticketId}/notices?limit=100`, { signal }),
  })
  const retry = useMutation({
    mutationFn: (id: string) => callApi<Notice>('POST', `/outbox/${id}/retry`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.ticketNotices(ticketId) }),
  })
  const items = notices.data?.items ?? []
  if (items.length === 0) return null
  return (
    <Paper p="md">
      <details className="fold" open={items.some(notice => notice.state === 'given-up') || undefined}>
        <summary>
          <Title order={2} size="h4" component="span">
            Who was told
          </Title>
          <Tag tone="plain">{items.length}</Tag>
        </summary>
        <ul className="notice-list">
          {items.map(notice => (
            <li key={notice.id}>
              <div className="notice-line">
                <span className="clip" title={notice.address}>
                  {notice.address}
                </span>
                <Tag tone={STATES[notice.state].tone} {...(notice.lastError === null ? {} : { title: notice.lastError })}>
                  {STATES[notice.state].word}
                </Tag>
              </div>
              <div className="notice-line quiet">
                <span className="clip" title={notice.subject}>
                  {notice.subject}
                </span>
                <Ago at={notice.sentAt ?? notice.createdAt} />
              </div>
              {notice.state !== 'sent' && notice.lastError !== null && (
                <Text size="xs" className="text-bad">
                  {notice.lastError}
                </Text>
              )}
              {notice.state === 'given-up' && mayWrite && (
                <Button
                  size="compact-xs"
                  variant="default"
                  mt={4}
                  loading={retry.isPending && retry.variables === notice.id}
                  onClick={() => retry.mutate(notice.id)}
                >
                  Try again
                </Button>
              )}
            </li>
          ))}
        </ul>
      </details>
    </Paper>
  )
}
