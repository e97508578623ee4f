/** What the plan would promise for a report, before it is sent. */
import { Type, type Static } from 'typebox'
import { TicketFlags } from './ticket-flags.ts'
import { Closed, Level, NullableInstant } from '../../schema-pieces.ts'
import { Category, Channel, Environment } from '../sla/sla-api.ts'
import { Reporter } from './ticket-api.ts'

export const PromiseInput = Closed({
  level: Level,
  channel: Channel,
  reporter: Reporter,
  environment: Type.Optional(Environment),
  category: Type.Optional(Category),
  customerStaffAvailable: Type.Optional(Type.Boolean()),
})
export type PromiseInput = Static<typeof PromiseInput>

/** `level` is the one that would count; `answerBy` null = no time is promised, `why` says what and why. */
export const ReportPromise = Closed({
  level: Level,
  levelName: Type.String(),
  answerBy: NullableInstant,
  timeZone: Type.String(),
  flags: TicketFlags,
  why: Type.Array(Type.String()),
})
export type ReportPromise = Static<typeof ReportPromise>
