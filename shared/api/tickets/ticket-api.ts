/** Tickets, their clocks, messages and history. */
import { Type, type Static } from 'typebox'
import { TicketFlags } from './ticket-flags.ts'
import { Closed, Email, Instant, Level, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { CLOCK_WORDS } from '../../clock-words.ts'
import { ListQuery } from '../list.ts'
import { remedyFields } from '../incidents/remedy-api.ts'
import { Category, Channel, ClockView, Environment } from '../sla/sla-api.ts'

export const TICKET_STATUSES = [
  'new',
  'in-progress',
  'waiting-customer',
  'waiting-partner',
  'waiting-information',
  'resolved',
  'closed',
] as const
export type TicketStatus = (typeof TICKET_STATUSES)[number]
export const TicketStatusWord = OneOf(TICKET_STATUSES)
export const TicketSource = OneOf(['monitoring', 'contact'])

export const Reporter = Closed({
  name: Text(200),
  email: Type.Optional(Email),
  phone: Type.Optional(Text(60)),
  organisation: Type.Optional(Text(200)),
})
export type Reporter = Static<typeof Reporter>

const ReportedProduct = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'product of the catalogue that `softwareVersion` is of' }),
)
/** What may come with a report besides its text. */
const facts = {
  environment: Type.Optional(Environment),
  category: Type.Optional(Category),
  productId: ReportedProduct,
  softwareVersion: Type.Optional(Text(200)),
  platformVersion: Type.Optional(Text(200)),
  impact: Type.Optional(Text(2_000)),
}
const CustomerStaff = Type.Optional(
  Type.Boolean({ description: 'false: the customer has nobody at hand; the level is lowered to one that needs nobody' }),
)

export const TicketInput = Closed({
  customerId: Text(64),
  level: Level,
  subject: Text(200),
  description: Text(20_000),
  channel: Channel,
  reporter: Reporter,
  deviceId: Type.Optional(Text(64)),
  ...facts,
  customerStaffAvailable: CustomerStaff,
  at: Type.Optional(
    Type.String({ ...Instant, description: 'when it was said, for a call that staff log later: its clocks run from then' }),
  ),
})
export type TicketInput = Static<typeof TicketInput>

const ExpectedVersion = Type.Optional(
  Type.Integer({
    minimum: 1,
    description: '`version` as it was read; when the ticket has changed since, 409 `ticket-changed` says what did',
  }),
)

/** Changes of a ticket. The report's own fields may be completed later: with the last required one the clocks run. */
export const TicketPatch = Closed({
  level: Type.Optional(Level),
  line: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  assignee: Type.Optional(Type.Union([Text(200), Type.Null()])),
  reporter: Type.Optional(Reporter),
  productId: ReportedProduct,
  softwareVersion: Type.Optional(Text(200)),
  platformVersion: Type.Optional(Text(200)),
  impact: Type.Optional(Text(2_000)),
  customerStaffAvailable: CustomerStaff,
  reason: Type.Optional(Text(2_000)),
  version: ExpectedVersion,
})
export type TicketPatch = Static<typeof TicketPatch>

export const MessageInput = Closed({
  visibility: OneOf(['public', 'internal']),
  body: Text(20_000),
  asks: Type.Optional(Type.Boolean({ description: 'the customer is asked something: the ticket waits for the answer' })),
  author: Type.Optional(Closed({ kind: OneOf(['person', 'customer', 'partner']), contactId: Type.Optional(Text(64)) })),
  at: Type.Optional(Instant),
  attachments: Type.Optional(
    Type.Array(Text(64), { maxItems: 10, description: 'files of yours that wait: POST /tickets/{id}/attachments' }),
  ),
})
export type MessageInput = Static<typeof MessageInput>

export const TransitionInput = Closed({ to: TicketStatusWord, reason: Type.Optional(Text(2_000)), version: ExpectedVersion })
export type TransitionInput = Static<typeof TransitionInput>

/** Approval of a case beyond the quota: who and why stand in its history. 409 `nothing-to-approve` when none is waited for. */
export const ApprovalInput = Closed({ reason: Text(2_000) })
export type ApprovalInput = Static<typeof ApprovalInput>

export const Evidence = Closed({
  id: Type.String(),
  kind: OneOf(['screenshot', 'log', 'metrics', 'state']),
  at: Instant,
  url: Type.String(),
})
export type Evidence = Static<typeof Evidence>

export const Ticket = Closed({
  id: Type.String(),
  reference: Type.String(),
  source: TicketSource,
  status: TicketStatusWord,
  level: Level,
  levelName: Type.String(),
  line: Type.Integer(),
  subject: Type.String(),
  description: Type.String(),
  deviceId: NullableText,
  customerId: Type.String(),
  siteId: NullableText,
  partnerId: NullableText,
  assignee: NullableText,
  incidentId: NullableText,
  signal: NullableText,
  component: NullableText,
  channel: Channel,
  reporter: Type.Union([Reporter, Type.Null()]),
  environment: Environment,
  category: Category,
  productId: NullableText,
  softwareVersion: NullableText,
  platformVersion: NullableText,
  impact: NullableText,
  clocks: Closed({ response: ClockView, update: ClockView, resolution: Type.Optional(ClockView) }),
  flags: TicketFlags,
  why: Type.Array(Type.String(), { description: 'each rule that applied, in words' }),
  occurrences: Type.Integer(),
  repeats: Type.Integer(),
  planId: Type.String(),
  planVersion: Type.Integer(),
  sameAsTicketId: NullableText,
  /** The ticket it goes on in; words written here are kept there. */
  mergedIntoId: NullableText,
  /** Goes up with every change that people see. */
  version: Type.Integer(),
  createdAt: Instant,
  updatedAt: Instant,
  resolvedAt: NullableInstant,
  resolvedBy: Type.Union([OneOf(['monitoring', 'person']), Type.Null()]),
  closedAt: NullableInstant,
  /** When a case beyond the quota was approved: its clocks run from then. */
  approvedAt: NullableInstant,
  autoCloseAt: NullableInstant,
  evidence: Type.Array(Evidence),
  ...remedyFields,
})
export type Ticket = Static<typeof Ticket>

export const TicketQuery = ListQuery({
  status: Type.Optional(TicketStatusWord),
  level: Type.Optional(Level),
  customerId: Type.Optional(Text(64)),
  deviceId: Type.Optional(Text(64)),
  source: Type.Optional(TicketSource),
  partnerId: Type.Optional(Text(64)),
  overdue: Type.Optional(Type.Boolean()),
  open: Type.Optional(Type.Boolean({ description: 'Those worked on, or with false those that are over' })),
  assignee: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Id of a person, or `nobody`' })),
  order: Type.Optional(OneOf(['newest', 'due'])),
  q: Type.Optional(Type.String({ maxLength: 200 })),
})
export type TicketQuery = Static<typeof TicketQuery>

/** How much there is to do. */
export const TicketCounts = Closed({ open: Type.Integer(), overdue: Type.Integer() })
export type TicketCounts = Static<typeof TicketCounts>

/** One line of a ticket's history. */
export const TicketTimelineItem = Closed({
  id: Type.String(),
  at: Instant,
  kind: Type.String(),
  visibility: OneOf(['public', 'internal']),
  author: Closed({ kind: OneOf(['person', 'customer', 'partner', 'system']), name: NullableText }),
  text: Type.String(),
  data: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
})
export type TicketTimelineItem = Static<typeof TicketTimelineItem>

/**
 * One line of the log of a ticket's clocks: how a due time came about. `step` names a step of the escalation (`percent:75`,
 * `overdue:60`, `after:540`, `band`), or how many update intervals were missed. `recordedAt` is later than `at` after a standstill.
 */
export const TicketClockEvent = Closed({
  at: Instant,
  recordedAt: Instant,
  clock: OneOf(['response', 'update', 'resolution']),
  cycle: Type.Integer(),
  what: OneOf(CLOCK_WORDS),
  step: NullableText,
  text: Type.String(),
  dueAt: NullableInstant,
  usedMinutes: Type.Number(),
})
export type TicketClockEvent = Static<typeof TicketClockEvent>

/** What a message did: its line of the history, and the ticket after it. */
export const MessageAnswer = Closed({ id: Type.String(), ticket: Ticket })
