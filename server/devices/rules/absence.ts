/** A device that said goodbye: how long it may stay away before that is a fault, in words and instants. */
import { isOpen, nextClose, nextOpening, type Calendar } from '../../calendars/rules/calendar.ts'
import { MINUTE_MS, HOUR_MS } from '../../../shared/units.ts'

export type ByeReason = 'update' | 'shutdown' | 'maintenance' | 'closing'

/** Past the instant it named itself. */
const LATE_MS = 10 * MINUTE_MS
/** Without an instant: how long such an absence lasts at the most. */
const USUAL_MS: Record<ByeReason, number> = {
  update: 15 * MINUTE_MS,
  shutdown: 12 * HOUR_MS,
  maintenance: 12 * HOUR_MS,
  closing: 24 * HOUR_MS,
}
/** An instant further away is not a return but a clock that is wrong. */
const LONGEST_MS = 400 * 24 * HOUR_MS

const WORDS: Record<ByeReason, string> = {
  update: 'the agent is being updated',
  shutdown: 'the device was shut down',
  maintenance: 'the agent was stopped for maintenance',
  closing: 'the device closes for the day',
}

/** What a device said at `atMs`; the return is null when it named none. */
export type Goodbye = { reason: ByeReason; expectedBackAtMs: number | null; atMs: number }

/** The instant from which a planned absence is one no more, server time. */
export function overdueAtMs(bye: Goodbye): number {
  const { reason, expectedBackAtMs, atMs } = bye
  if (expectedBackAtMs === null || expectedBackAtMs > atMs + LONGEST_MS) return atMs + USUAL_MS[reason]
  return Math.max(expectedBackAtMs, atMs) + LATE_MS
}

/** Staff that close a shop switch its kiosks off a little before. */
const BEFORE_CLOSE_MS = 30 * MINUTE_MS

/** A goodbye without a return, judged by the opening hours of the place: who is switched off at closing time is back at the next opening. */
function atClosing(bye: Goodbye, opening: Calendar | null): Goodbye {
  const { reason, expectedBackAtMs, atMs } = bye
  if (opening === null || expectedBackAtMs !== null || (reason !== 'shutdown' && reason !== 'closing')) return bye
  const closesAtMs = isOpen(opening, atMs) ? nextClose(opening, atMs) : atMs
  if (reason === 'shutdown' && closesAtMs > atMs + BEFORE_CLOSE_MS) return bye
  return { reason: 'closing', expectedBackAtMs: nextOpening(opening, closesAtMs), atMs }
}

/** What a goodbye plans: its words, the return it names or the opening hours (null = always open) tell, and when the absence is a fault. */
export function planAbsence(said: Goodbye, opening: Calendar | null) {
  const bye = atClosing(said, opening)
  return { reason: spellBye(bye.reason, bye.expectedBackAtMs), expectedBackAtMs: bye.expectedBackAtMs, overdueAtMs: overdueAtMs(bye) }
}

/** The reason of a goodbye in words, with the return where it is known. */
export function spellBye(reason: ByeReason, expectedBackAtMs: number | null): string {
  const back =
    expectedBackAtMs === null ? '' : `, expected back ${new Date(expectedBackAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `${WORDS[reason]}${back}`
}
