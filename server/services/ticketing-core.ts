/** One ticket with its clocks and what its customer's plan promises: loaded, changed, saved and told in one place. */
import type { Category, Channel, Environment } from '../../shared/api/sla-api.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import { notFound } from '../domain/errors.ts'
import { promisesFor, type EffectivePlan, type TicketPromises } from '../domain/plan.ts'
import {
  nextClockDeadline,
  setClocksToStatus,
  type ClockKind,
  type Clocks,
  type PauseTerms,
  type TicketClock,
} from '../domain/ticket-clocks.ts'
import { addFlags, autoCloseAt, type TicketStatus } from '../domain/ticket.ts'
import { readClocks, writeClocks } from '../store/clock-store.ts'
import type { Tx } from '../store/database.ts'
import type { TicketEventRow, TicketRow } from '../store/schema.ts'
import { insertTicketEvent, lockTicket, updateTicket } from '../store/ticket-store.ts'
import { insertTimeline } from '../store/timeline-store.ts'
import type { Catalogue } from './catalogue.ts'
import type { Change } from './changes.ts'
import type { Audience, Tell } from './ticketing-notices.ts'
import type { LetterKind } from '../domain/ticket-letter.ts'

export type Desk = {
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  tell: Tell
  /** A case of the customer counts against the plan now. */
  caseCounted(tx: Tx, customerId: string): Promise<void>
}
export type PlanInForce = EffectivePlan & { version: number }
/** A ticket under work. `row` and `clocks` are as stored; what changes goes through `save`. */
export type Case = { row: TicketRow; clocks: TicketClock[]; plan: PlanInForce; promises: TicketPromises }
export type Author = Pick<TicketEventRow, 'author_kind' | 'author_name'>

export const SYSTEM: Author = { author_kind: 'system', author_name: null }
const CLOCK_WORDS: Record<ClockKind, string> = { response: 'first response', update: 'status update', resolution: 'resolution' }

/** Flags of a row. */
export function flagsOf(row: Pick<TicketRow, 'flags'>): string[] {
  return JSON.parse(row.flags) as string[]
}
/** Sentences of a row that say why. */
export function whyOf(row: Pick<TicketRow, 'why'>): string[] {
  return JSON.parse(row.why) as string[]
}

/** What the plan owes for a ticket as it is; a case beyond the quota that waits for approval is owed nothing yet. */
export function promisesOf(
  plan: EffectivePlan,
  ticket: Pick<TicketRow, 'level' | 'environment' | 'category' | 'channel' | 'flags'>,
  registeredAtMs: number,
): TicketPromises {
  const promises = promisesFor(plan, {
    level: ticket.level as LevelNumber,
    environment: ticket.environment as Environment,
    category: ticket.category as Category,
    channel: ticket.channel as Channel,
    registeredAtMs,
  })
  const flags = flagsOf(ticket)
  const waitsForApproval = flags.includes('case-quota-exceeded') && !flags.includes('pay-per-incident')
  if (!waitsForApproval) return promises
  const nothing = (kind: 'response' | 'update' | 'resolution') => ({
    target: { kind: 'none' as const },
    calendar: promises.response.calendar,
    why: `no ${kind} deadline: beyond the case quota, waits for approval`,
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
  return { row, clocks, plan, promises: promisesOf(plan, row, row.created_at) }
}

/** Adds to the ticket's history, and to the timeline of its device when `onDevice`. */
export async function note(
  tx: Tx,
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
  })
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

/** Clocks that are breached now and were not before. */
function newlyBreached(before: Clocks, after: Clocks): TicketClock[] {
  return after.filter(
    clock =>
      clock.facts.breachedAtMs !== null &&
      !before.some(old => old.kind === clock.kind && old.cycle === clock.cycle && old.facts.breachedAtMs !== null),
  )
}

/** Tells people about a ticket. */
export function tellAbout(
  tx: Tx,
  desk: Desk,
  one: Pick<Case, 'row' | 'promises'>,
  telling: { kind: LetterKind; to: readonly Audience[]; text: string; once: string | number; nowMs: number; why?: readonly string[] },
): Promise<void> {
  return desk.tell(tx, { ...telling, ticket: one.row, levelName: one.promises.levelName, why: telling.why ?? [] })
}

/**
 * Writes a changed ticket: its row, its clocks, the next deadline. A clock that is breached by it is noted and told here, once,
 * wherever the breach was found. Gives the case as it is now.
 */
export async function saveCase(
  tx: Tx,
  desk: Desk,
  before: Case,
  after: { change?: Partial<TicketRow>; clocks?: Clocks; byChange?: readonly ClockKind[]; promises?: TicketPromises },
  context: { nowMs: number; changes: Change[] },
): Promise<Case> {
  const { nowMs, changes } = context
  const clocks = [...(after.clocks ?? before.clocks)]
  const promises = after.promises ?? before.promises
  const merged: TicketRow = { ...before.row, ...after.change, updated_at: nowMs }
  if (after.byChange && after.byChange.length > 0) merged.flags = JSON.stringify(addFlags(flagsOf(merged), 'breached-by-change'))
  const sinceMs = merged.status === before.row.status ? null : nowMs
  if (sinceMs !== null) {
    merged.auto_close_at = autoCloseAt({
      status: merged.status,
      sinceMs,
      resolvedBy: merged.resolved_by,
      autoCloseAfterDays: before.plan.autoCloseAfterDays,
    })
  }
  const clockDeadline = nextClockDeadline(clocks)
  merged.next_deadline_at = clockDeadline === null ? merged.auto_close_at : Math.min(clockDeadline, merged.auto_close_at ?? clockDeadline)
  await updateTicket(tx, merged.id, merged)
  await writeClocks(tx, merged.id, before.clocks, clocks)
  const saved: Case = { row: merged, clocks, plan: before.plan, promises }
  for (const clock of newlyBreached(before.clocks, clocks)) {
    const isByChange = after.byChange?.includes(clock.kind) === true
    const text = `Overdue: ${CLOCK_WORDS[clock.kind]} (${clock.why}).${isByChange ? ' Caused by the change of level or plan.' : ''}`
    await note(tx, merged, {
      atMs: clock.facts.breachedAtMs ?? nowMs,
      nowMs,
      kind: 'clock-breached',
      text,
      data: { clock: clock.kind, cycle: clock.cycle },
    })
    await tellAbout(tx, desk, saved, {
      kind: 'clock-breached',
      to: ['desk', 'partner'],
      text,
      once: `${clock.kind}:${clock.cycle}`,
      nowMs,
      why: [clock.why],
    })
  }
  changes.push({ kind: 'ticket', id: merged.id, customerId: merged.customer_id })
  return saved
}

/** Clocks as a status wants them, with what a pause's end made overdue. */
export function clocksFor(one: Case, clocks: Clocks, status: TicketStatus, atMs: number): { clocks: Clocks; byChange: ClockKind[] } {
  return setClocksToStatus(clocks, status, pauseTerms(one.plan, one.promises), atMs)
}
