/** Flags of tickets: what a rule or the monitoring has to say about one at a glance. */
import { Type } from 'typebox'

export const TICKET_FLAGS = [
  'level-not-eligible',
  'level-lowered-no-staff',
  'contact-not-named',
  'case-quota-exceeded',
  'pay-per-incident',
  'channel-not-in-plan',
  'out-of-scope',
  'missing-information',
  'after-hours',
  'breached-by-change',
  'recovered',
  'unstable',
  'major',
] as const
export type TicketFlag = (typeof TICKET_FLAGS)[number]
/** On the wire any word: a newer server may know more flags than this list. */
export const TicketFlags = Type.Array(Type.Unsafe<TicketFlag>(Type.String()))
