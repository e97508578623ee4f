/** One ticket with its clocks and what its customer's plan promises: loaded, changed, saved and told in one place. */
import type { TicketFlag } from '../../shared/api/tickets/ticket-flags.ts'
import type { Category, Channel, Environment } from '../../shared/api/sla/sla-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { notFound } from '../platform/errors.ts'
import { promisesFor, type EffectivePlan } from '../plans/rules/plan.ts'
import type { TicketPromises } from '../sla/rules/promise.ts'
import type { Audience } from '../sla/rules/escalation.ts'
import { setClocksToStatus, type ClockKind, type Clocks, type PauseTerms } from '../sla/rules/ticket-clocks.ts'
import type { TicketStatus } from '../../shared/api/tickets/ticket-api.ts'
import { readClocks } from '../sla/store/clock-store.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { insertTicketEvent, lockTicket } from './store/ticket-store.ts'
import { insertTimeline } from '../devices/store/timeline-store.ts'
import type { LetterTimes } from './customer-letters.ts'
import type { LetterKind } from './rules/staff-letter.ts'
import type { Author, Case, Desk } from './ticket-context.ts'

export const SYSTEM: Author = { author_kind: 'system', author_name: null }

/** Flags of a row. */
export function flagsOf(row: Pick<TicketRow, 'flags'>): TicketFlag[] {
  return JSON.parse(row.flags) as TicketFlag[]
}
/** Sentences of a row that say why. */
export function whyOf(row: Pick<TicketRow, 'why'>): string[] {
  return JSON.parse(row.why) as string[]
}

/** Whether a case is beyond the quota, not paid on its own, and not approved yet. */
export function waitsForApproval(ticket: Pick<TicketRow, 'flags' | 'approved_at'>): boolean {
  const flags = flagsOf(ticket)
  return ticket.approved_at === null && flags.includes('case-quota-exceeded') && !flags.includes('pay-per-incident')
}

/** Since when something is owed for a ticket: its approval where it needed one, else its registration. */
export function owedSinceMs(row: Pick<TicketRow, 'created_at' | 'approved_at'>): number {
  return row.approved_at ?? row.created_at
}

/** Why nothing is owed although the plan knows the kind of ticket; null = what the plan says is owed. */
function whyNothing(ticket: Pick<TicketRow, 'flags' | 'approved_at' | 'scope_reason'>): string | null {
  if (ticket.scope_reason) return `out of scope: ${ticket.scope_reason}`
  return waitsForApproval(ticket) ? 'beyond the case quota, waits for approval' : null
}

/** What the plan owes for a ticket as it is; one out of scope, or beyond the quota and not approved yet, is owed nothing. */
export function promisesOf(
  plan: EffectivePlan,
  ticket: Pick<TicketRow, 'level' | 'environment' | 'category' | 'channel' | 'flags' | 'approved_at' | 'scope_reason'>,
  registeredAtMs: number,
): TicketPromises {
  const promises = promisesFor(plan, {
    level: ticket.level as LevelNumber,
    environment: ticket.environment as Environment,
    category: ticket.category as Category,
    channel: ticket.channel as Channel,
    registeredAtMs,
  })
  const reason = whyNothing(ticket)
  if (reason === null) return promises
  const nothing = (kind: 'response' | 'update' | 'resolution') => ({
    target: { kind: 'none' as const },
    calendar: promises.response.calendar,
    steps: [],
    why: `no ${kind} deadline: ${reason}`,
  })
  return {
    ...promises,
    response: nothing('response'),
    update: nothing('update'),
    ...(promises.resolution ? { resolution: nothing('resolution') } : {}),
  }
}

/** Which clocks a status stops, by the plan. */
export function pauseTerms(plan: EffectivePlan, promises: TicketPromises): PauseTerms {
  return { waitingPausesUpdate: promises.waitingPausesUpdate, waitingPartnerPauses: plan.waitingPartnerPauses }
}

/** Locks and loads a ticket. Throws not-found. */
export async function loadCase(tx: Tx, desk: Desk, ticketId: string): Promise<Case> {
  const row = await lockTicket(tx, ticketId)
  if (!row) throw notFound('ticket')
  const plan = await desk.catalogue.effectivePlanOf(tx, row.customer_id)
  const clocks = (await readClocks(tx, [ticketId])).get(ticketId) ?? []
  return { row, clocks, plan, promises: promisesOf(plan, row, owedSinceMs(row)) }
}

/** Adds to the ticket's history, and to the timeline of its device when `onDevice`; followers hear of a public message. Gives its id. */
export async function note(
  tx: Tx,
  desk: Pick<Desk, 'follow'>,
  row: TicketRow,
  event: {
    atMs: number
    nowMs: number
    kind: string
    text: string
    author?: Author
    isPublic?: boolean
    data?: unknown
    onDevice?: boolean
  },
): Promise<string> {
  const id = await insertTicketEvent(tx, {
    ticket_id: row.id,
    at: event.atMs,
    kind: event.kind,
    text: event.text,
    visibility: event.isPublic ? 'public' : 'internal',
    ...(event.author ?? SYSTEM),
    data: event.data === undefined ? null : JSON.stringify(event.data),
    ticket_version: row.version ?? 1,
  })
  if (event.kind === 'message' && event.isPublic)
    await desk.follow.said(tx, row, { id, text: event.text, ...(event.author ?? SYSTEM) }, event.nowMs)
  if (event.onDevice && row.device_id !== null) {
    await insertTimeline(tx, {
      device_id: row.device_id,
      at: event.atMs,
      received_at: event.nowMs,
      kind: 'ticket',
      signal: row.signal,
      component: row.component === '' ? null : row.component,
      state: row.status,
      text: `${row.reference}: ${event.text}`,
      data: JSON.stringify({ ticketId: row.id }),
    })
  }
  return id
}

/** Tells people about a ticket. */
export function tellAbout(
  tx: Tx,
  desk: Desk,
  one: Pick<Case, 'row' | 'promises'>,
  telling: {
    kind: LetterKind
    to: readonly Audience[]
    text: string
    once: string | number
    nowMs: number
    why?: readonly string[]
  } & LetterTimes,
): Promise<void> {
  return desk.tell(tx, { ...telling, ticket: one.row, levelName: one.promises.levelName, why: telling.why ?? [] })
}

/** Clocks as a status wants them, with what a pause's end made overdue. */
export function clocksFor(one: Case, clocks: Clocks, status: TicketStatus, atMs: number): { clocks: Clocks; byChange: ClockKind[] } {
  return setClocksToStatus(clocks, status, pauseTerms(one.plan, one.promises), atMs)
}
