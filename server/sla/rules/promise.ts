/** What is owed for a ticket, clock by clock, and why. */
import type { TicketFlag } from '../../../shared/api/tickets/ticket-flags.ts'
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { spellInstant } from './clock.ts'
import type { ClockStep } from './escalation.ts'

/** What is owed for one clock, the calendar it runs in, the steps of its escalation and the rule in words. */
export type PromiseTerms = { target: PlanTarget; calendar: CalendarSpec; steps: readonly ClockStep[]; why: string }

export type TicketPromises = {
  /** The level that counts: the one asked for, or the next one down that takes this environment and category. */
  level: LevelNumber
  levelName: string
  response: PromiseTerms
  update: PromiseTerms
  /** Where the first update interval starts. */
  updateFrom: 'response' | 'registration'
  resolution?: PromiseTerms
  /** Waiting for the customer stops the update clock too. */
  waitingPausesUpdate: boolean
  flags: TicketFlag[]
  /** Sentences: each rule that changed something. */
  why: string[]
}

/** `due Mon 16 Mar 14:20 (Europe/Stockholm): 30 min response, Production plan, level 1`; without a due time the rule alone. */
export function whyDue(promise: Pick<PromiseTerms, 'calendar' | 'why'>, dueAtMs: number | null): string {
  return dueAtMs === null ? promise.why : `due ${spellInstant(dueAtMs, promise.calendar.timezone)}: ${promise.why}`
}
