/** What may happen to a ticket and what follows: one table of transitions, and the flags. */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { DomainError } from '../../platform/errors.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'
import { DAY_MS } from '../../../shared/units.ts'

const WORKING = [
  'in-progress',
  'waiting-customer',
  'waiting-partner',
  'waiting-information',
  'resolved',
  'closed',
] as const satisfies TicketStatus[]
const without = (status: TicketStatus): TicketStatus[] => WORKING.filter(other => other !== status)

/**
 * Where a person may move a ticket. Nothing goes back to `new`; what is resolved or closed is worked on again only through
 * `in-progress`, so that its clocks start again at one place.
 */
const ALLOWED: Record<TicketStatus, readonly TicketStatus[]> = {
  new: WORKING,
  'in-progress': without('in-progress'),
  'waiting-customer': without('waiting-customer'),
  'waiting-partner': without('waiting-partner'),
  'waiting-information': without('waiting-information'),
  resolved: ['in-progress', 'closed'],
  closed: ['in-progress'],
}

/** Whether the ticket is still worked on. */
export function isOpenStatus(status: TicketStatus): boolean {
  return status !== 'resolved' && status !== 'closed'
}

/** Throws transition-not-allowed, naming what is. Staying where it is changes nothing and is refused too. */
export function mustAllow(from: TicketStatus, to: TicketStatus): void {
  if (ALLOWED[from].includes(to)) return
  throw new DomainError('conflict', 'transition-not-allowed', `A ticket that is ${from} can become ${ALLOWED[from].join(', ')}, not ${to}.`)
}

/** What a message does to the status; null = nothing. A customer's word reopens what was resolved, not what was closed. */
export function statusAfterMessage(
  status: TicketStatus,
  message: { author: 'person' | 'customer' | 'partner'; isPublic: boolean; asks: boolean },
): TicketStatus | null {
  if (message.author === 'customer') return status === 'waiting-customer' || status === 'resolved' ? 'in-progress' : null
  if (message.author === 'partner') return status === 'waiting-partner' ? 'in-progress' : null
  if (!message.isPublic || !isOpenStatus(status)) return null
  if (message.asks) return status === 'waiting-customer' ? null : 'waiting-customer'
  return status === 'new' ? 'in-progress' : null
}

/** What the monitoring resolved closes when the same fault would raise a new ticket anyway. */
const MONITORING_CLOSE_MS = DAY_MS

/**
 * When a ticket closes by itself: after the plan's days without the customer's answer, or after it was resolved. Null = only by
 * a person.
 */
export function autoCloseAt(facts: {
  status: TicketStatus
  sinceMs: number
  resolvedBy: 'monitoring' | 'person' | null
  autoCloseAfterDays: number | null
}): number | null {
  if (facts.status === 'resolved' && facts.resolvedBy === 'monitoring') return facts.sinceMs + MONITORING_CLOSE_MS
  if (!['resolved', 'waiting-customer', 'waiting-information'].includes(facts.status)) return null
  return facts.autoCloseAfterDays === null ? null : facts.sinceMs + facts.autoCloseAfterDays * DAY_MS
}

/**
 * When people are next reminded that a ticket closes without an answer: half of the plan's days before, and seven days before,
 * each once. Null = no more. `sinceMs`: reminders up to then are past, also those nobody was there to send.
 */
export function closeReminderAt(facts: {
  status: TicketStatus
  autoCloseAtMs: number | null
  autoCloseAfterDays: number | null
  sinceMs: number
}): number | null {
  const { status, autoCloseAtMs, autoCloseAfterDays: days, sinceMs } = facts
  if (autoCloseAtMs === null || days === null || (status !== 'waiting-customer' && status !== 'waiting-information')) return null
  const beganAtMs = autoCloseAtMs - days * DAY_MS
  const planned = [autoCloseAtMs - Math.round((days * DAY_MS) / 2), autoCloseAtMs - 7 * DAY_MS].toSorted((a, b) => a - b)
  return planned.find(atMs => atMs > Math.max(sinceMs, beganAtMs)) ?? null
}

/** Flags, or sentences, as a set in order of appearance. Flags are only those of the list. */
export function addFlags<Word extends string>(flags: readonly Word[], ...more: readonly NoInfer<Word>[]): Word[] {
  return [...new Set([...flags, ...more])]
}

/** The level that fits a customer without staff at hand: the next one down that does not need them. */
export function levelWithoutStaff(level: LevelNumber, needsStaff: (level: LevelNumber) => boolean): LevelNumber {
  const levels = [1, 2, 3, 4] as const
  return levels.find(other => other >= level && !needsStaff(other)) ?? level
}
