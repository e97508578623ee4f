/** The promises of a ticket and the rules they come from. */
import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ClockView } from '../../../shared/api/sla/sla-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Tag, type Tone } from '../components/tags.tsx'
import { dueTime, durationWords, fullTime, zoneCity } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { ClockHistory } from './clock-history.tsx'
import { CLOCK_WORDS, clocksOf, type ClockName } from './ticket-due.ts'
import { MINUTE_MS } from '../../../shared/units.ts'

const STATE_WORDS: Record<ClockView['state'], { word: string; tone: Tone }> = {
  running: { word: 'Running', tone: 'plain' },
  paused: { word: 'Paused', tone: 'plain' },
  met: { word: 'Met', tone: 'good' },
  breached: { word: 'Breached', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'plain' },
  'best-effort': { word: 'Best effort', tone: 'plain' },
  none: { word: 'No promise', tone: 'plain' },
}
const SOON_MS = 15 * 60_000

function Clock({ name, clock, timeZone }: { name: ClockName; clock: ClockView; timeZone: string | undefined }) {
  const nowMs = useNow(1000)
  const state = STATE_WORDS[clock.state]
  const left = clock.dueAt === null ? null : Date.parse(clock.dueAt) - nowMs
  const isCounting = left !== null && (clock.state === 'running' || clock.state === 'breached')
  const tone = left !== null && left < 0 ? 'text-bad' : left !== null && left < SOON_MS ? 'text-warn' : ''
  return (
    <div className="clock">
      <div className="clock-line">
        <Text fw={600} size="sm">
          {CLOCK_WORDS[name]}
        </Text>
        <Tag tone={state.tone}>{state.word}</Tag>
      </div>
      {isCounting && clock.dueAt !== null && (
        <div className="clock-line clock-due" title={fullTime(clock.dueAt, timeZone)}>
          <b className={`clock-count ${tone}`}>{left < 0 ? `Overdue ${durationWords(left)}` : durationWords(left)}</b>
          <Text size="sm" c="dimmed">
            {dueTime(clock.dueAt, timeZone, nowMs)}
            {timeZone ? ` ${zoneCity(timeZone)}` : ''}
          </Text>
        </div>
      )}
      <Text size="sm" c="dimmed">
        {clock.why}
      </Text>
      {clock.usedMinutes > 0 && (
        <Text size="xs" c="dimmed">
          {durationWords(clock.usedMinutes * MINUTE_MS)} of service time used
        </Text>
      )}
    </div>
  )
}

/** Each clock: state, due time in the customer's zone, and why it is so; staff see how it came about. */
export function TicketClocks({ ticket, timeZone, isStaff }: { ticket: Ticket; timeZone: string | undefined; isStaff: boolean }) {
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="sm">
        Promises
      </Title>
      <Stack gap="md">
        {clocksOf(ticket).map(({ name, clock }) => (
          <Clock key={name} name={name} clock={clock} timeZone={timeZone} />
        ))}
      </Stack>
      {ticket.why.length > 0 && (
        <details className="ticket-why">
          <summary>Rules that applied</summary>
          <ul>
            {ticket.why.map(line => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
      {isStaff && <ClockHistory ticketId={ticket.id} timeZone={timeZone} />}
    </Paper>
  )
}
