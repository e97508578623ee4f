/** What is due when, counting down. */
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { fullTime, dueTime, durationWords, zoneCity } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { CLOCK_WORDS, clocksOf, nextDue } from './ticket-due.ts'

/** From here on the countdown warns. */
const SOON_MS = 15 * 60_000

/** What stands there when nothing runs. */
function restWords(ticket: Pick<Ticket, 'clocks' | 'status'>): string {
  if (ticket.status === 'resolved' || ticket.status === 'closed') return 'Done'
  const clocks = clocksOf(ticket)
  if (clocks.some(({ clock }) => clock.state === 'paused')) return 'Clock paused'
  if (clocks.some(({ clock }) => clock.state === 'best-effort')) return 'Best effort'
  return 'Nothing due'
}

/** `Response in 1 h 20 min` over `14:20 Stockholm`; overdue in red. */
export function DueText({ ticket, timeZone }: { ticket: Pick<Ticket, 'clocks' | 'status'>; timeZone: string | undefined }) {
  const nowMs = useNow(1000)
  const due = nextDue(ticket, nowMs)
  if (!due) return <span className="quiet">{restWords(ticket)}</span>
  const iso = new Date(due.atMs).toISOString()
  const left = due.atMs - nowMs
  const tone = due.isOverdue ? 'text-bad' : left < SOON_MS ? 'text-warn' : ''
  return (
    <span className="due" title={fullTime(iso, timeZone)}>
      <b className={tone}>{due.isOverdue ? `Overdue ${durationWords(left)}` : `in ${durationWords(left)}`}</b>
      <span className="quiet">
        {CLOCK_WORDS[due.clock]} {dueTime(iso, timeZone, nowMs)}
        {timeZone ? ` ${zoneCity(timeZone)}` : ''}
      </span>
    </span>
  )
}
