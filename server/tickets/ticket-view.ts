/** Tickets as callers see them. */
import type { Ticket, TicketClockEvent, TicketTimelineItem } from '../../shared/api/tickets/ticket-api.ts'
import { CLOCK_WORDS } from '../../shared/clock-words.ts'
import type { ClockView } from '../../shared/api/sla/sla-api.ts'
import { breachIfDue, explainClock, usedSecondsAt } from '../sla/rules/clock.ts'
import { latestClock, type ClockKind, type Clocks } from '../sla/rules/ticket-clocks.ts'
import type { EffectivePlan } from '../plans/rules/plan.ts'
import type { ClockEventRow } from '../database/tables/clock-event-rows.ts'
import { readClocks } from '../sla/store/clock-store.ts'
import type { Database, Tx } from '../database/database.ts'
import type { TicketEventRow, TicketRow } from '../database/tables/schema.ts'
import { flagsOf, whyOf } from './loaded-ticket.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

const KINDS: readonly ClockKind[] = ['response', 'update', 'resolution']
const NOT_BEGUN: Record<ClockKind, string> = {
  response: 'no deadline',
  update: 'begins with the first response',
  resolution: 'no deadline',
}

/** One clock as of now; a kind that has not begun has no deadline. */
function clockView(clocks: Clocks, kind: ClockKind, nowMs: number): ClockView {
  const clock = latestClock(clocks, kind)
  if (!clock) return { state: 'none', dueAt: null, usedMinutes: 0, why: NOT_BEGUN[kind] }
  const facts = breachIfDue(clock.facts, nowMs)
  return {
    state: facts.state,
    dueAt: isoOrNull(facts.dueAtMs),
    usedMinutes: Math.round((usedSecondsAt(facts, nowMs) / 60) * 1000) / 1000,
    why: `${explainClock(facts, nowMs)}: ${clock.why}`,
  }
}

function toClockEvent(row: ClockEventRow): TicketClockEvent {
  return {
    at: iso(row.at),
    recordedAt: iso(row.recorded_at),
    clock: row.kind,
    cycle: row.cycle,
    what: row.what,
    step: row.step,
    text: row.text,
    dueAt: isoOrNull(row.due_at),
    usedMinutes: Math.round((row.used_seconds / 60) * 1000) / 1000,
  }
}

/** The log of a ticket's clocks in the order in which it happened. */
export function viewClockEvents(rows: readonly ClockEventRow[]): TicketClockEvent[] {
  const order = ({ at, kind, cycle, what, step }: ClockEventRow): number[] => [
    at,
    KINDS.indexOf(kind),
    cycle,
    CLOCK_WORDS.indexOf(what),
    Number(step?.split(':').at(-1) ?? 0) || 0,
  ]
  return rows
    .map(row => ({ row, key: order(row) }))
    .toSorted((one, other) => one.key.map((part, index) => part - (other.key[index] ?? 0)).find(difference => difference !== 0) ?? 0)
    .map(({ row }) => toClockEvent(row))
}

/** What an incident behind a ticket tells it. */
export type TicketIncident = { id: string } & Pick<Ticket, 'evidence' | 'remedies' | 'ladder'>
/** The incidents behind tickets and those that these explain, oldest first, by the id of the ticket; one without any is left out. */
export type IncidentsOf = (db: Database | Tx, ticketIds: readonly string[]) => Promise<ReadonlyMap<string, readonly TicketIncident[]>>

function toTicket(row: TicketRow, clocks: Clocks, incidents: readonly TicketIncident[], levelName: string, nowMs: number): Ticket {
  return {
    id: row.id,
    reference: row.reference,
    source: row.source,
    status: row.status,
    level: row.level,
    levelName,
    line: row.line,
    subject: row.subject,
    description: row.description,
    deviceId: row.device_id,
    customerId: row.customer_id,
    siteId: row.site_id,
    partnerId: row.partner_id,
    assignee: row.assignee_user_id,
    incidentId: row.incident_id,
    signal: row.signal,
    component: row.component === '' ? null : row.component,
    // Only words of the lists are ever written to these columns.
    channel: row.channel as Ticket['channel'],
    reporter: row.reporter === null ? null : (JSON.parse(row.reporter) as Ticket['reporter']),
    environment: row.environment as Ticket['environment'],
    category: row.category as Ticket['category'],
    productId: row.product_id ?? null,
    softwareVersion: row.software_version,
    platformVersion: row.platform_version,
    impact: row.impact,
    clocks: {
      response: clockView(clocks, 'response', nowMs),
      update: clockView(clocks, 'update', nowMs),
      ...(latestClock(clocks, 'resolution') ? { resolution: clockView(clocks, 'resolution', nowMs) } : {}),
    },
    flags: flagsOf(row),
    why: whyOf(row),
    occurrences: row.occurrences,
    repeats: row.repeats,
    planId: row.plan_id,
    planVersion: row.plan_version,
    sameAsTicketId: row.same_as_ticket_id,
    mergedIntoId: row.merged_into_id ?? null,
    version: row.version ?? 1,
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
    resolvedAt: isoOrNull(row.resolved_at),
    resolvedBy: row.resolved_by,
    closedAt: isoOrNull(row.closed_at),
    approvedAt: isoOrNull(row.approved_at),
    autoCloseAt: isoOrNull(row.auto_close_at),
    evidence: incidents.flatMap(incident => incident.evidence),
    remedies: incidents.flatMap(incident => incident.remedies),
    ladder: (incidents.find(incident => incident.id === row.incident_id) ?? incidents.at(-1))?.ladder ?? 'none',
  }
}

/** What a view asks of others: the plan in force for a customer, for the names of levels, and the incidents behind. */
type Around = { planOf(customerId: string): Promise<EffectivePlan>; incidentsOf: IncidentsOf }

/** Rows with their clocks and evidence. */
export async function viewTickets(
  db: Database | Tx,
  rows: readonly TicketRow[],
  nowMs: number,
  { planOf, incidentsOf }: Around,
): Promise<Ticket[]> {
  const ids = rows.map(row => row.id)
  const clocks = await readClocks(db, ids)
  const incidents = await incidentsOf(db, ids)
  const tickets: Ticket[] = []
  for (const row of rows) {
    const plan = await planOf(row.customer_id)
    const levelName = plan.levels[`${row.level}` as '1' | '2' | '3' | '4'].name
    tickets.push(toTicket(row, clocks.get(row.id) ?? [], incidents.get(row.id) ?? [], levelName, nowMs))
  }
  return tickets
}

/** One line of the history. */
export function toTimelineItem(row: TicketEventRow): TicketTimelineItem {
  return {
    id: row.id,
    at: iso(row.at),
    kind: row.kind,
    visibility: row.visibility,
    author: { kind: row.author_kind, name: row.author_name },
    text: row.text,
    data: row.data === null ? null : (JSON.parse(row.data) as Record<string, unknown>),
  }
}
