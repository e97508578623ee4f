/** What people are told when something fires on a clock. */
import { spellSeconds } from '../../sla/rules/clock.ts'
import type { Fired } from '../../sla/rules/clock-firing.ts'
import { isWarning } from '../../sla/rules/clock-history.ts'
import type { ClockStep } from '../../sla/rules/escalation.ts'
import type { LetterKind } from './staff-letter.ts'
import type { ClockKind, TicketClock } from '../../sla/rules/ticket-clocks.ts'

const NAMES: Record<ClockKind, string> = { response: 'first response', update: 'status update', resolution: 'resolution' }
const NOT_YET: Record<ClockKind, string> = { response: 'Not answered', update: 'No word to the customer', resolution: 'Not resolved' }

/** `Overdue: first response (30 min response, Production plan, level 1).` */
export function spellBreach({ kind, why }: TicketClock, isByChange: boolean): string {
  return `Overdue: ${NAMES[kind]} (${why}).${isByChange ? ' Caused by the change of level or plan.' : ''}`
}

function spellStep(step: ClockStep, { kind, why }: TicketClock): string {
  if (step.overdueMinutes !== undefined) return `Overdue for ${spellSeconds(step.overdueMinutes * 60)}: ${NAMES[kind]} (${why}).`
  return `${NOT_YET[kind]} after ${spellSeconds((step.afterMinutes ?? 0) * 60)} of service time (${why}).`
}

/** Kind of the notice and its sentence; a breach is told by the step that stands at it. */
export function spellFired(fired: Exclude<Fired, { kind: 'breach' }>, isByChange: boolean): { kind: LetterKind; text: string } {
  const { clock } = fired
  if (fired.kind === 'reminder')
    return { kind: 'update-reminder', text: `The customer has heard nothing for ${fired.missed + 1} update intervals (${clock.why}).` }
  const { step } = fired.taken
  if (isWarning(fired.taken)) return { kind: 'clock-warning', text: `Due soon: ${clock.why}.` }
  if (step.percent !== undefined) return { kind: 'clock-breached', text: spellBreach(clock, isByChange) }
  return { kind: 'clock-escalated', text: spellStep(step, clock) }
}
