/** One major incident: who is concerned, when the next word is due, one message to all, and its end. */
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconPhone } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MajorDetail } from '../../../shared/api/majors/major-api.ts'
import { Ago } from '../components/ago.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { dueTime, durationWords, fullTime } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { TicketPicker } from '../ticket-relations/ticket-picker.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { AffectedCard } from './affected-card.tsx'
import { MajorComposer } from './major-composer.tsx'
import { MembersCard } from './members-card.tsx'
import { OpenTickets } from './open-tickets.tsx'
import '../ticket-relations/relations.css'
import '../tickets/tickets.css'
import './majors.css'

const KINDS: Record<MajorDetail['history'][number]['kind'], string> = {
  began: 'Raised',
  tickets: 'Tickets',
  message: 'Message to all',
  note: 'Note',
  ended: 'Last message',
}

function NextUpdate({ major }: { major: MajorDetail }) {
  const nowMs = useNow(1000)
  if (major.state === 'ended')
    return (
      <div className="major-next">
        <span className="quiet">Ended</span>
        <b>{major.endedAt ? fullTime(major.endedAt) : ''}</b>
      </div>
    )
  if (major.nextUpdateDueAt === null)
    return (
      <div className="major-next">
        <span className="quiet">Next word to customers</span>
        <b>Nothing is due</b>
        <span className="quiet">No plan of a ticket here promises updates, or no ticket is open.</span>
      </div>
    )
  const leftMs = Date.parse(major.nextUpdateDueAt) - nowMs
  return (
    <div className="major-next">
      <span className="quiet">Next word to customers</span>
      <b className={leftMs < 0 ? 'text-bad' : leftMs < 15 * 60_000 ? 'text-warn' : ''}>
        {leftMs < 0 ? `Overdue ${durationWords(leftMs)}` : `in ${durationWords(leftMs)}`}
      </b>
      <span className="quiet">by {dueTime(major.nextUpdateDueAt, undefined, nowMs)}, the earliest of their plans</span>
    </div>
  )
}

/** Message and history on the left; the next word, tickets and places on the right. */
export function MajorPage({ id }: { id: string }) {
  const client = useQueryClient()
  const mayWrite = useMay('desk')
  const [pickKey, setPickKey] = useState(0)
  const query = useQuery({
    queryKey: keys.major(id),
    queryFn: ({ signal }) => callApi<MajorDetail>('GET', `/majors/${id}`, { signal }),
    refetchInterval: 30_000,
  })
  const keep = (major: MajorDetail): void => {
    client.setQueryData(keys.major(id), major)
    void client.invalidateQueries({ queryKey: keys.tickets })
  }
  const change = useMutation({
    mutationFn: (what: { add: string } | { remove: string }) =>
      'add' in what
        ? callApi<MajorDetail>('POST', `/majors/${id}/tickets`, { body: { ticketIds: [what.add] } })
        : callApi<MajorDetail>('DELETE', `/majors/${id}/tickets/${what.remove}`),
    onSuccess: major => {
      keep(major)
      setPickKey(before => before + 1)
    },
    meta: { isShownInPlace: true },
  })
  if (query.isPending) return <PageLoader />
  const major = query.data
  const crumbs = [{ to: '/major', name: 'Major incidents' }]
  if (!major)
    return (
      <div className="page">
        <PageHead title="Major incident" crumbs={crumbs} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  const isOpen = major.state === 'open'
  return (
    <div className="page">
      <PageHead
        title={major.title}
        crumbs={crumbs}
        note={
          <Group gap={8}>
            <span className="mono">{major.reference}</span>
            <Tag tone={isOpen ? 'bad' : 'plain'}>{isOpen ? 'Running' : 'Ended'}</Tag>
            <span>
              since <Ago at={major.startedAt} />, raised by {major.startedBy}
            </span>
          </Group>
        }
      />
      <div className="ticket-columns">
        <Stack gap="md" className="ticket-main">
          {mayWrite && isOpen && <MajorComposer major={major} />}
          <MembersCard
            major={major}
            onRemove={mayWrite && isOpen ? ticketId => change.mutate({ remove: ticketId }) : null}
            add={
              mayWrite && isOpen ? (
                <TicketPicker
                  key={pickKey}
                  label="Add a ticket"
                  exceptId=""
                  value={null}
                  onChange={ticketId => ticketId && change.mutate({ add: ticketId })}
                />
              ) : null
            }
          />
          <ProblemAlert error={change.error} />
        </Stack>
        <div className="ticket-promises">
          <Paper p="md" component="section" aria-label="Next word">
            <NextUpdate major={major} />
            {major.escalationPhone && (
              <Text size="sm" mt="sm">
                <IconPhone size={15} aria-hidden style={{ verticalAlign: '-2px' }} /> {major.escalationPhone}
                <span className="quiet"> goes with the message where the plan gives it</span>
              </Text>
            )}
          </Paper>
        </div>
        <Stack gap="md" className="ticket-side">
          <AffectedCard affected={major.affected}>
            {mayWrite && isOpen && <OpenTickets major={major} onDone={() => void client.invalidateQueries({ queryKey: keys.major(id) })} />}
          </AffectedCard>
          <Paper p="md" component="section" aria-label="History">
            <Title order={2} size="h4" mb="xs">
              History
            </Title>
            <ol className="tied-list" aria-label="History, newest first">
              {major.history.map(event => (
                <li key={event.id}>
                  <div>
                    <div className="quiet">
                      {KINDS[event.kind]}
                      {event.ticketsTold === null ? '' : `, told on ${event.ticketsTold}`} · {event.by}, <Ago at={event.at} />
                    </div>
                    <div className="ticket-text">{event.text}</div>
                  </div>
                </li>
              ))}
            </ol>
          </Paper>
        </Stack>
      </div>
    </div>
  )
}
