/** One ticket as its customer sees it: what is promised, what was said, and the place to answer. */
import { Alert, Button, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { Link } from 'wouter'
import type { Attachment } from '../../../shared/api/mail/intake-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { MessageInput, Ticket, TicketTimelineItem } from '../../../shared/api/tickets/ticket-api.ts'
import type { Visit } from '../../../shared/api/visits/visit-api.ts'
import { FileList } from '../attachments/file-list.tsx'
import { AttachButton, useWaitingFiles, WaitingFiles } from '../attachments/waiting-files.tsx'
import { Ago } from '../components/ago.tsx'
import { LinkButton } from '../components/link-button.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { withTimes } from '../components/time-words.ts'
import { changeReply, clearReply, useReply } from '../replies/reply-store.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { usePortal } from './portal-customer.tsx'
import { devicesQuery } from './portal-queries.ts'
import { promiseWords, STATUS, whenWords } from './promise-words.ts'

const AUTHORS = { person: 'Support', customer: 'You', partner: 'Technician', system: 'Kioskeeper' } as const
const VISIT_WORDS: Partial<Record<Visit['state'], string>> = {
  offered: 'A technician is being asked.',
  accepted: 'A technician takes it and will name a time.',
  'on-site': 'A technician is on site.',
}

function Said({ item, isMine }: { item: TicketTimelineItem; isMine: boolean }) {
  if (item.kind !== 'message')
    return (
      <li data-kind="event">
        {item.text} · <Ago at={item.at} />
      </li>
    )
  return (
    <li data-mine={isMine}>
      <Text size="xs" c="dimmed" mb={2}>
        <b>{item.author.name ?? AUTHORS[item.author.kind]}</b> · <Ago at={item.at} />
      </Text>
      <div className="bubble">{item.text}</div>
    </li>
  )
}

/** Oldest first, as people read it. Changes of status are told by the tag and the promise above. */
function Conversation({ ticket }: { ticket: Ticket }) {
  const history = useQuery({
    queryKey: keys.ticketTimeline(ticket.id),
    queryFn: async ({ signal }) =>
      (await callApi<Page<TicketTimelineItem>>('GET', `/tickets/${ticket.id}/timeline?limit=500`, { signal })).items.toReversed(),
  })
  return (
    <section aria-label="Conversation">
      <ProblemAlert error={history.error} again={history.refetch} />
      <ol className="portal-said" aria-live="polite">
        <li data-mine={ticket.source === 'contact'}>
          <Text size="xs" c="dimmed" mb={2}>
            <b>{ticket.source === 'contact' ? (ticket.reporter?.name ?? 'You') : 'Kioskeeper saw it'}</b> · <Ago at={ticket.createdAt} />
          </Text>
          <div className="bubble">{withTimes(ticket.description)}</div>
        </li>
        {history.data
          ?.filter(item => item.kind === 'message' || item.kind === 'visit' || item.kind === 'reopened')
          .map(item => (
            <Said key={item.id} item={item} isMine={item.author.kind === 'customer'} />
          ))}
      </ol>
    </section>
  )
}

function Answer({ ticket, field }: { ticket: Ticket; field: React.RefObject<HTMLTextAreaElement | null> }) {
  const client = useQueryClient()
  const { body, files } = useReply(ticket.id)
  const waiting = useWaitingFiles(ticket.id)
  const write = useMutation({
    mutationFn: (message: MessageInput) =>
      callApi<{ id: string; ticket: Ticket }>('POST', `/tickets/${ticket.id}/messages`, { body: message }),
    onSuccess: answer => {
      clearReply(ticket.id)
      waiting.add.reset()
      client.setQueryData(keys.ticket(ticket.id), answer.ticket)
      void client.invalidateQueries({ queryKey: keys.tickets })
    },
    meta: { isShownInPlace: true },
  })
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        if (body.trim() === '' || waiting.add.isPending) return
        const attachments = files.map(file => file.id)
        write.mutate({ visibility: 'public', body: body.trim(), ...(attachments.length > 0 && { attachments }) })
      }}
    >
      <Stack gap="xs">
        <Textarea
          ref={field}
          label={ticket.status === 'resolved' ? 'Not solved? Tell us what still fails' : 'Your answer'}
          autosize
          minRows={3}
          maxRows={14}
          maxLength={20_000}
          value={body}
          onChange={event => changeReply(ticket.id, { body: event.currentTarget.value })}
        />
        <WaitingFiles waiting={waiting} />
        <ProblemAlert error={write.error} />
        <Group justify="space-between">
          <AttachButton waiting={waiting} />
          <Button type="submit" loading={write.isPending} disabled={body.trim() === '' || waiting.add.isPending}>
            {ticket.status === 'resolved' ? 'Not solved: open it again' : 'Send'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Files({ ticketId }: { ticketId: string }) {
  const files = useQuery({
    queryKey: keys.ticketFiles(ticketId),
    queryFn: async ({ signal }) => (await callApi<Page<Attachment>>('GET', `/tickets/${ticketId}/attachments`, { signal })).items,
  })
  if (!files.data || files.data.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label="Files">
      <Title order={2} size="h4" mb="xs">
        Files
      </Title>
      <FileList files={files.data} label="Files of this ticket" />
    </Paper>
  )
}

function Facts({ ticket }: { ticket: Ticket }) {
  const { customer } = usePortal()
  const nowMs = useNow()
  const devices = useQuery(devicesQuery(customer.id))
  const visits = useQuery({
    queryKey: keys.visits(ticket.id),
    queryFn: async ({ signal }) => (await callApi<Page<Visit>>('GET', `/visits?ticketId=${ticket.id}`, { signal })).items,
  })
  const visit = visits.data?.[0]
  const comes =
    visit?.state === 'scheduled' && visit.scheduledAt
      ? `A technician comes ${whenWords(visit.scheduledAt, customer.timeZone, nowMs)}.`
      : visit && VISIT_WORDS[visit.state]
  const device = devices.data?.find(({ id }) => id === ticket.deviceId)
  return (
    <Paper p="md" component="section" aria-label="About">
      <dl className="facts">
        <dt>Number</dt>
        <dd className="mono">{ticket.reference}</dd>
        <dt>Level</dt>
        <dd>
          {ticket.level} {ticket.levelName}
        </dd>
        {ticket.deviceId && (
          <>
            <dt>Device</dt>
            <dd>
              <Link href={`/devices/${ticket.deviceId}`}>{device?.name ?? 'the device'}</Link>{' '}
              {device && <span className="quiet">{device.siteName}</span>}
            </dd>
          </>
        )}
        {comes && (
          <>
            <dt>Visit</dt>
            <dd>{comes}</dd>
          </>
        )}
        <dt>Since</dt>
        <dd>
          <Ago at={ticket.createdAt} />
        </dd>
      </dl>
      {ticket.why.length > 0 && (
        <details style={{ marginTop: 10, fontSize: 13 }}>
          <summary>Why these times</summary>
          <ul style={{ paddingLeft: 18, margin: '6px 0 0' }}>
            {ticket.why.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </Paper>
  )
}

/** Public words only; what the desk notes stays there. */
export function PortalTicket({ id }: { id: string }) {
  const { customer } = usePortal()
  const nowMs = useNow()
  const field = useRef<HTMLTextAreaElement>(null)
  const query = useQuery({ queryKey: keys.ticket(id), queryFn: ({ signal }) => callApi<Ticket>('GET', `/tickets/${id}`, { signal }) })
  if (query.isPending) return <PageLoader />
  const ticket = query.data
  const crumbs = [{ to: '/tickets', name: 'Tickets' }]
  if (!ticket)
    return (
      <>
        <PageHead title="Ticket" crumbs={crumbs} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </>
    )
  const promise = promiseWords(ticket, customer.timeZone, nowMs)
  const { word, tone } = STATUS[ticket.status]
  return (
    <>
      <PageHead title={ticket.subject} crumbs={crumbs} beside={<Tag tone={tone}>{word}</Tag>} />
      <Alert color={promise.isLate ? 'red' : 'blue'} variant="outline" icon={<IconClock />} mb="md">
        <Group justify="space-between" gap="xs">
          <span>{promise.text}</span>
          {ticket.status === 'resolved' && (
            <Button size="xs" variant="default" onClick={() => field.current?.focus()}>
              Not solved?
            </Button>
          )}
        </Group>
      </Alert>
      <div className="portal-columns">
        <Stack gap="md">
          <Conversation ticket={ticket} />
          {ticket.status === 'closed' ? (
            <Group>
              <Text size="sm">Does it fail again?</Text>
              <LinkButton to={ticket.deviceId ? `/report/${ticket.deviceId}` : '/report'} variant="default" size="xs">
                Report it anew
              </LinkButton>
            </Group>
          ) : (
            <Answer ticket={ticket} field={field} />
          )}
        </Stack>
        <Stack gap="md">
          <Facts ticket={ticket} />
          <Files ticketId={ticket.id} />
        </Stack>
      </div>
    </>
  )
}
