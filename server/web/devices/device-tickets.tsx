/** What is being done about a device: open tickets and incidents. */
import { Paper, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Incident } from '../../../shared/api/incidents/incident-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { Ago, Since } from '../components/ago.tsx'
import { Tag } from '../components/tags.tsx'
import { LadderList } from '../remedies/ladder-list.tsx'
import { LevelTag, StatusTag } from '../tickets/ticket-tags.tsx'

const INCIDENT_WORDS: Record<Incident['state'], string> = {
  pending: 'Held back: may mend itself',
  open: 'Open',
  recovering: 'Recovering',
  closed: 'Closed',
}
const SHOWN_DONE = 3

/** Open ones in full, the latest that are done beneath. */
export function DeviceTickets({ deviceId }: { deviceId: string }) {
  const tickets = useQuery({
    queryKey: keys.deviceTickets(deviceId),
    queryFn: ({ signal }) => callApi<Page<Ticket>>('GET', `/tickets?deviceId=${deviceId}&limit=50`, { signal }),
  })
  const incidents = useQuery({
    queryKey: keys.deviceIncidents(deviceId),
    queryFn: ({ signal }) => callApi<Page<Incident>>('GET', `/incidents?deviceId=${deviceId}&limit=50`, { signal }),
  })
  const all = tickets.data?.items ?? []
  const isOver = (ticket: Ticket): boolean => ticket.status === 'resolved' || ticket.status === 'closed'
  const shown = [...all.filter(ticket => !isOver(ticket)), ...all.filter(isOver).slice(0, SHOWN_DONE)]
  const running = (incidents.data?.items ?? []).filter(incident => incident.state !== 'closed')
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Tickets and incidents
      </Title>
      {shown.length === 0 && running.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing is open.
        </Text>
      )}
      {running.length > 0 && (
        <ul className="short-list" aria-label="Running incidents">
          {running.map(incident => (
            <li key={incident.id}>
              <div>
                <b>{incident.text}</b>
                {incident.unstable && <Tag tone="odd">Unstable</Tag>}
              </div>
              <div className="quiet">
                {INCIDENT_WORDS[incident.state]} for <Since at={incident.startedAt} /> ·{' '}
                <span className="mono">{incident.component ? `${incident.signal}:${incident.component}` : incident.signal}</span>
              </div>
              <LadderList remedies={incident.remedies} ladder={incident.ladder} />
              {incident.why.length > 0 && (
                <details className="why-grouped">
                  <summary>Why it is grouped so</summary>
                  <ul>
                    {incident.why.map(sentence => (
                      <li key={sentence}>{sentence}</li>
                    ))}
                  </ul>
                </details>
              )}
            </li>
          ))}
        </ul>
      )}
      {shown.length > 0 && (
        <ul className="short-list" aria-label="Tickets">
          {shown.map(ticket => (
            <li key={ticket.id}>
              <div>
                <Link href={`/tickets/${ticket.id}`}>{ticket.subject}</Link>
              </div>
              <div className="short-tags">
                <LevelTag level={ticket.level} name={ticket.levelName} />
                <StatusTag status={ticket.status} />
                <span className="mono quiet">{ticket.reference}</span>
                <span className="quiet">
                  <Ago at={ticket.createdAt} />
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Paper>
  )
}
