/** How the due times of a ticket came about, line by line. */
import { Loader, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Page } from '../../../shared/api/list.ts'
import type { TicketClockEvent } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { dueTime, fullTime } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { CLOCK_WORDS } from './ticket-due.ts'

/** Written down later than this after it happened: the server stood still meanwhile. */
const LATE_MS = 60_000

const TONES: Partial<Record<TicketClockEvent['what'], 'good' | 'warn' | 'bad'>> = {
  met: 'good',
  warned: 'warn',
  breached: 'bad',
  escalated: 'bad',
  reminded: 'warn',
}

function Line({ event, timeZone, nowMs }: { event: TicketClockEvent; timeZone: string | undefined; nowMs: number }) {
  const isLate = Date.parse(event.recordedAt) - Date.parse(event.at) > LATE_MS
  return (
    <li data-tone={TONES[event.what]}>
      <Text size="xs" c="dimmed">
        <time dateTime={event.at} title={fullTime(event.at, timeZone)}>
          {dueTime(event.at, timeZone, nowMs)}
        </time>{' '}
        {CLOCK_WORDS[event.clock]}
        {event.cycle > 1 ? ` ${event.cycle}` : ''}
      </Text>
      <Text size="sm">{event.text}</Text>
      {isLate && (
        <Text size="xs" c="dimmed">
          Written down at {dueTime(event.recordedAt, timeZone, nowMs)}
        </Text>
      )}
    </li>
  )
}

function Lines({ ticketId, timeZone }: { ticketId: string; timeZone: string | undefined }) {
  const nowMs = useNow()
  const events = useQuery({
    queryKey: keys.ticketClockEvents(ticketId),
    queryFn: async ({ signal }) => (await callApi<Page<TicketClockEvent>>('GET', `/tickets/${ticketId}/clock-events`, { signal })).items,
  })
  if (events.isPending) return <Loader size="xs" mt="xs" />
  if (!events.data) return <ProblemAlert error={events.error} again={events.refetch} />
  if (events.data.length === 0) return <Text size="sm">No clock has started: nothing was promised so far.</Text>
  return (
    <ol className="clock-history">
      {events.data.map(event => (
        <Line
          key={`${event.clock} ${event.cycle} ${event.what} ${event.step} ${event.at}`}
          event={event}
          timeZone={timeZone}
          nowMs={nowMs}
        />
      ))}
    </ol>
  )
}

/** Folded until somebody asks; oldest first, times in the customer's zone. */
export function ClockHistory({ ticketId, timeZone }: { ticketId: string; timeZone: string | undefined }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details className="ticket-why" onToggle={event => setIsOpen(event.currentTarget.open)}>
      <summary>How this came about</summary>
      {isOpen && <Lines ticketId={ticketId} timeZone={timeZone} />}
    </details>
  )
}
