/** What was said and what happened, newest first, and the place to write. */
import { Button, Paper, SegmentedControl, Group, Text, Title } from '@mantine/core'
import { IconCpu, IconMessage, IconTool, IconUser, IconUserCircle } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Attachment } from '../../../shared/api/mail/intake-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { withTimes } from '../components/time-words.ts'
import { statusesInWords } from './ticket-words.ts'
import { FileList } from '../attachments/file-list.tsx'
import { MessageComposer } from './message-composer.tsx'

const ICONS = { person: IconUserCircle, customer: IconUser, partner: IconTool, system: IconCpu } as const
const AUTHORS = { person: 'Support', customer: 'Customer', partner: 'Partner', system: 'Kioskeeper' } as const

function Line({ item, files }: { item: TicketTimelineItem; files: readonly Attachment[] }) {
  const Icon = ICONS[item.author.kind]
  const isMessage = item.kind === 'message'
  return (
    <li className="said" data-kind={isMessage ? 'message' : 'event'} data-visibility={item.visibility}>
      <Icon size={isMessage ? 20 : 16} aria-hidden className="quiet" />
      <div>
        <div className="said-head">
          <b>{item.author.name ?? AUTHORS[item.author.kind]}</b>
          {isMessage && item.visibility === 'internal' && (
            <Tag tone="warn" title="The customer does not see this">
              Internal
            </Tag>
          )}
          {isMessage && item.data?.['asks'] === true && <Tag tone="odd">Asks the customer</Tag>}
          <span className="quiet">
            <Ago at={item.at} />
          </span>
        </div>
        <div className="ticket-text">{isMessage ? item.text : statusesInWords(withTimes(item.text))}</div>
        <FileList files={files} label="Files of the message" />
      </div>
    </li>
  )
}

/** History of a ticket with its composer. */
export function ConversationCard({ ticket, mayWrite }: { ticket: Ticket; mayWrite: boolean }) {
  const [show, setShow] = useState<'all' | 'messages'>('all')
  const history = useInfiniteQuery({
    queryKey: keys.ticketTimeline(ticket.id),
    queryFn: ({ pageParam, signal }) =>
      callApi<Page<TicketTimelineItem>>('GET', `/tickets/${ticket.id}/timeline${queryText({ limit: 100, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
  })
  const attachments = useQuery({
    queryKey: keys.ticketFiles(ticket.id),
    queryFn: ({ signal }) => callApi<Page<Attachment>>('GET', `/tickets/${ticket.id}/attachments`, { signal }),
  })
  const given = (attachments.data?.items ?? []).filter(file => file.visitId === null)
  const byMessage = Map.groupBy(given, file => file.messageId)
  const loose = byMessage.get(null) ?? []
  const items = (history.data?.pages.flatMap(page => page.items) ?? []).filter(item => show === 'all' || item.kind === 'message')
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Conversation
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={show}
          onChange={setShow}
          data={[
            { value: 'all', label: 'Everything' },
            { value: 'messages', label: 'Messages' },
          ]}
        />
      </Group>
      {loose.length > 0 && (
        <div className="loose-files">
          <Text size="xs" c="dimmed">
            Files that came with mails
          </Text>
          <FileList files={loose} label="Files that came with mails" />
        </div>
      )}
      {mayWrite && <MessageComposer ticket={ticket} />}
      <ProblemAlert error={history.error} again={history.refetch} />
      {items.length === 0 && !history.isPending ? (
        <Text size="sm" c="dimmed" py="md">
          <IconMessage size={15} aria-hidden style={{ verticalAlign: '-2px' }} /> Nothing was said yet.
        </Text>
      ) : (
        <ol className="said-list" aria-label="History, newest first">
          {items.map(item => (
            <Line key={item.id} item={item} files={byMessage.get(item.id) ?? []} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Button variant="default" size="xs" mt="sm" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          Older
        </Button>
      )}
    </Paper>
  )
}
