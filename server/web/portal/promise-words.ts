/** What a customer is told about a ticket: where it is, and what they may expect when. */
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { dueTime, zoneCity } from '../components/time-words.ts'
import type { Tone } from '../components/tags.tsx'

export const STATUS: Record<Ticket['status'], { word: string; tone: Tone }> = {
  new: { word: 'Received', tone: 'odd' },
  'in-progress': { word: 'Being worked on', tone: 'plain' },
  'waiting-customer': { word: 'Waits for you', tone: 'warn' },
  'waiting-partner': { word: 'With a technician', tone: 'plain' },
  'waiting-information': { word: 'Waits for information', tone: 'warn' },
  resolved: { word: 'Solved', tone: 'good' },
  closed: { word: 'Closed', tone: 'plain' },
}
/** Whether it is still worked on. */
export const isOpenTicket = ({ status }: Pick<Ticket, 'status'>): boolean => status !== 'resolved' && status !== 'closed'

/** `14:20 (Stockholm)`. */
export function whenWords(iso: string, timeZone: string | undefined, nowMs: number): string {
  return `${dueTime(iso, timeZone, nowMs)}${timeZone ? ` (${zoneCity(timeZone)})` : ''}`
}

/** One sentence: what comes next, and when. `late` when we have not kept what we promised. */
export function promiseWords(
  ticket: Pick<Ticket, 'status' | 'clocks'>,
  timeZone: string | undefined,
  nowMs: number,
): { text: string; isLate: boolean } {
  const said = (text: string, isLate = false) => ({ text, isLate })
  const { status } = ticket
  if (status === 'closed') return said('This is closed.')
  if (status === 'resolved') return said('We think it is solved.')
  if (status === 'waiting-customer') return said('We have asked you something and wait for your answer.')
  if (status === 'waiting-information') return said('We need more from you before we can begin.')
  const { response, update } = ticket.clocks
  const when = (iso: string): string => whenWords(iso, timeZone, nowMs)
  const isPast = (iso: string): boolean => Date.parse(iso) < nowMs
  if ((response.state === 'running' || response.state === 'breached') && response.dueAt !== null)
    return response.state === 'breached' || isPast(response.dueAt)
      ? said(`We are late: you should have had a first answer by ${when(response.dueAt)}.`, true)
      : said(`First answer by ${when(response.dueAt)}.`)
  if ((update.state === 'running' || update.state === 'breached') && update.dueAt !== null)
    return update.state === 'breached' || isPast(update.dueAt)
      ? said(`We are late: you should have had news by ${when(update.dueAt)}.`, true)
      : said(`Next news by ${when(update.dueAt)}.`)
  if (response.state === 'met') return said('We are working on it and tell you when there is news.')
  return said('We answer as soon as we can; your plan promises no time here.')
}
