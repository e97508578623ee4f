/** A changed ticket is written in one place: its row, its clocks and their log, the next deadline, and what fired by it is told. */
import { clockEvents } from '../sla/rules/clock-history.ts'
import { fireBreaches, nextClockDeadline, type Fired } from '../sla/rules/clock-firing.ts'
import { spellBreach, spellFired } from './rules/fired-clock-words.ts'
import { stepKey, type Audience, type StepTaken } from '../sla/rules/escalation.ts'
import type { TicketPromises } from '../sla/rules/promise.ts'
import type { ClockKind, Clocks } from '../sla/rules/ticket-clocks.ts'
import { queueAt, searchText } from './rules/ticket-queue.ts'
import { addFlags, autoCloseAt, closeReminderAt } from './rules/ticket.ts'
import { insertClockEvents } from '../sla/store/clock-event-store.ts'
import { writeClocks } from '../sla/store/clock-store.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { updatePromised, updateTicket } from './store/ticket-store.ts'
import { flagsOf, note, tellAbout } from './loaded-ticket.ts'
import type { Case, Desk, FollowContext, SavedTicket } from './ticket-context.ts'

/** What became of a ticket. `fired`: what the worker found due; without it, what the change itself made or found overdue fires. */
export type CaseChange = {
  change?: Partial<TicketRow>
  clocks?: Clocks
  byChange?: readonly ClockKind[]
  promises?: TicketPromises
  fired?: readonly Fired[]
}
type Saving = { before: Case; saved: Case; fired: readonly Fired[]; byChange: readonly ClockKind[] }

/** Earliest of a ticket's deadlines: its clocks' and others, as its closing by itself and the reminder before. */
export function nextDeadline(clocks: Clocks, ...others: readonly (number | null | undefined)[]): number | null {
  const deadlines = [nextClockDeadline(clocks), ...others].filter(atMs => typeof atMs === 'number')
  return deadlines.length === 0 ? null : Math.min(...deadlines)
}

/** The line that steps lead to: never back, and never beyond those the plan has. */
function lineAfter({ row, plan }: Case, fired: readonly Fired[]): number {
  const wanted = fired.map(item => (item.kind === 'steps' ? (item.taken.toLine ?? 1) : 1))
  return Math.max(row.line, Math.min(plan.lines, Math.max(1, ...wanted)))
}

function prepare(before: Case, after: CaseChange, nowMs: number): Saving {
  const wanted = [...(after.clocks ?? before.clocks)]
  const { clocks, fired } = after.fired ? { clocks: wanted, fired: after.fired } : fireBreaches(before.clocks, wanted)
  const row: TicketRow = { ...before.row, ...after.change, updated_at: nowMs }
  const byChange = after.byChange ?? []
  if (byChange.length > 0) row.flags = JSON.stringify(addFlags(flagsOf(row), 'breached-by-change'))
  row.line = lineAfter({ ...before, row }, fired)
  // A warning that a clock is due changes nothing that somebody at work on the ticket could overwrite.
  if (after.fired === undefined || row.line !== before.row.line) row.version = (before.row.version ?? 1) + 1
  if (row.status !== before.row.status) {
    row.auto_close_at = autoCloseAt({
      status: row.status,
      sinceMs: nowMs,
      resolvedBy: row.resolved_by,
      autoCloseAfterDays: before.plan.autoCloseAfterDays,
    })
  }
  if (row.auto_close_at !== before.row.auto_close_at || row.close_reminder_at === undefined)
    row.close_reminder_at = closeReminderAt({
      status: row.status,
      autoCloseAtMs: row.auto_close_at,
      autoCloseAfterDays: before.plan.autoCloseAfterDays,
      sinceMs: nowMs,
    })
  row.next_deadline_at = nextDeadline(clocks, row.auto_close_at, row.close_reminder_at)
  row.queue_at = queueAt(
    row.level,
    clocks.filter(clock => clock.facts.endedAtMs === null).map(clock => clock.facts.dueAtMs),
  )
  row.search_text = searchText(row)
  const saved: Case = { row, clocks: [...clocks], plan: before.plan, promises: after.promises ?? before.promises }
  return { before, saved, fired, byChange }
}

/** A step that leads to another line: the history says so, and the customer where the plan tells escalations. */
async function tellLine(tx: Tx, desk: Desk, { before, saved }: Saving, once: string, text: string, nowMs: number): Promise<void> {
  const { row, plan } = saved
  const isPublic = plan.tellEscalations
  await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'line', text: `Line ${before.row.line} became ${row.line}: ${text}`, isPublic })
  if (!isPublic) return
  const told = `Your ticket was given to line ${row.line}.`
  const words = { kind: 'ticket-escalated', to: ['customer'], text: told, line: row.line } as const
  await tellAbout(tx, desk, saved, { ...words, once: `${row.line}:${once}`, nowMs })
}

/** Notes and tells what fired. The customer hears once of a step that gives the ticket to another line. */
async function tellFired(tx: Tx, desk: Desk, saving: Saving, nowMs: number): Promise<void> {
  const { before, saved, fired, byChange } = saving
  const lineBy = fired.find(item => item.kind === 'steps' && item.taken.toLine !== null && saved.row.line > before.row.line)
  for (const item of fired) {
    const { kind, cycle, facts, why } = item.clock
    const isByChange = byChange.includes(kind)
    const data = { clock: kind, cycle }
    if (item.kind === 'breach') {
      const text = spellBreach(item.clock, isByChange)
      await note(tx, desk, saved.row, { atMs: facts.breachedAtMs ?? nowMs, nowMs, kind: 'clock-breached', text, data })
      continue
    }
    const { kind: letter, text } = spellFired(item, isByChange)
    if (item.kind === 'reminder') {
      await tellAbout(tx, desk, saved, { kind: letter, to: ['desk'], text, once: `${cycle}:${item.missed}`, nowMs })
      await note(tx, desk, saved.row, { atMs: nowMs, nowMs, kind: letter, text, data: { cycle, missed: item.missed } })
      continue
    }
    const once = `${kind}:${cycle}:${stepKey(item.taken.step)}`
    if (item === lineBy) await tellLine(tx, desk, saving, once, text, nowMs)
    const to = audience(item.taken, item === lineBy && saved.plan.tellEscalations)
    await tellAbout(tx, desk, saved, { kind: letter, to, text, once, nowMs, why: letter === 'clock-breached' ? [why] : [] })
    if (letter !== 'clock-breached')
      await note(tx, desk, saved.row, { atMs: nowMs, nowMs, kind: letter, text, data: { ...data, step: stepKey(item.taken.step) } })
  }
}

function audience({ tell }: StepTaken, isCustomerTold: boolean): Audience[] {
  return tell.filter(one => one !== 'customer' || !isCustomerTold)
}

/** What followers are to hear of. */
function followed({ before, saved }: Saving): SavedTicket {
  return { before: before.row, after: saved.row, plan: saved.plan }
}

function logged({ before, saved, fired }: Saving, nowMs: number) {
  return clockEvents(before.clocks, saved.clocks, fired, nowMs).map(event => ({ ticketId: saved.row.id, event }))
}

/** Writes a changed ticket and tells what fired, each once, wherever it was found. Gives the case as it is now. */
export async function saveCase(tx: Tx, desk: Desk, before: Case, after: CaseChange, { nowMs, changes }: FollowContext): Promise<Case> {
  const saving = prepare(before, after, nowMs)
  const { saved } = saving
  await updateTicket(tx, saved.row.id, saved.row)
  await writeClocks(tx, [{ ticketId: saved.row.id, before: before.clocks, after: saved.clocks }])
  await insertClockEvents(tx, logged(saving, nowMs), nowMs)
  await tellFired(tx, desk, saving, nowMs)
  await desk.follow.saved(tx, [followed(saving)], { nowMs, changes })
  changes.push({ kind: 'ticket', id: saved.row.id, customerId: saved.row.customer_id })
  return saved
}

/** As `saveCase` for many whose promise changed, in a few statements. Of their rows only what a promise decides is written. */
export async function savePromised(
  tx: Tx,
  desk: Desk,
  cases: readonly { before: Case; after: CaseChange }[],
  { nowMs, changes }: FollowContext,
): Promise<void> {
  const savings = cases.map(({ before, after }) => prepare(before, after, nowMs))
  await updatePromised(
    tx,
    savings.map(({ saved }) => saved.row),
  )
  await writeClocks(
    tx,
    savings.map(({ before, saved }) => ({ ticketId: saved.row.id, before: before.clocks, after: saved.clocks })),
  )
  await insertClockEvents(
    tx,
    savings.flatMap(saving => logged(saving, nowMs)),
    nowMs,
  )
  await desk.follow.saved(tx, savings.map(followed), { nowMs, changes })
  for (const saving of savings) {
    await tellFired(tx, desk, saving, nowMs)
    changes.push({ kind: 'ticket', id: saving.saved.row.id, customerId: saving.saved.row.customer_id })
  }
}
