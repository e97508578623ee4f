/** Two tickets become one: what was said stays where it was said, what is said later goes to the one that is worked on. */
import { notFound } from '../platform/errors.ts'
import { mustUndo, relationRefused, whyNotMerge, type TiedTicket } from './rules/ticket-graph.ts'
import { closeClocks, reopenClocks } from '../sla/rules/ticket-clocks.ts'
import { isOpenStatus } from './rules/ticket.ts'
import { lockCustomer, type Tx } from '../database/database.ts'
import {
  deleteReporterWatcher,
  findLastMerge,
  insertMerge,
  insertWatcher,
  listWatchers,
  markMergeUndone,
} from './store/ticket-relation-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { TicketStatus } from '../../shared/api/tickets/ticket-api.ts'
import { findTicket } from './store/ticket-store.ts'
import { findEnd } from './merged-ticket.ts'
import { clocksFor, loadCase, note, promisesOf, tellAbout, whyOf } from './loaded-ticket.ts'
import type { Act } from './ticket-context.ts'
import { saveCase } from './save-ticket.ts'
import { newRowId } from '../database/row-id.ts'

/** A ticket as the rules of tying take it. */
export function toTied(row: TicketRow): TiedTicket {
  return {
    id: row.id,
    reference: row.reference,
    customerId: row.customer_id,
    status: row.status,
    mergedIntoId: row.merged_into_id ?? null,
  }
}

const reporterOf = (row: TicketRow): { name: string; email?: string } | null =>
  row.reporter === null ? null : (JSON.parse(row.reporter) as { name: string; email?: string })

/** Merges a ticket into another of its customer. Throws relation-refused with the rule. */
export async function mergeTicket(
  { tx, desk, changes, author }: Act,
  ticketId: string,
  intoId: string,
  reason: string | null,
): Promise<void> {
  const nowMs = desk.now()
  const asked = await findTicket(tx, ticketId)
  if (!asked) throw notFound('ticket')
  // All ties of a customer's tickets are made one at a time: no two of them can close a circle together.
  await lockCustomer(tx, asked.customer_id)
  const end = await findEnd(tx, intoId)
  const refusal = whyNotMerge(toTied(asked), toTied(end))
  if (refusal !== null) throw relationRefused(refusal)
  const cases = new Map<string, Awaited<ReturnType<typeof loadCase>>>()
  for (const id of [ticketId, end.id].toSorted()) cases.set(id, await loadCase(tx, desk, id))
  const [one, into] = [cases.get(ticketId), cases.get(end.id)]
  if (!one || !into) throw notFound('ticket')

  const text = `Merged into ${into.row.reference}: it goes on there.`
  const change: Partial<TicketRow> = {
    status: 'closed',
    closed_at: nowMs,
    // What a person merged is not opened again by the monitoring.
    resolved_at: one.row.resolved_at ?? nowMs,
    resolved_by: 'person',
    merged_into_id: into.row.id,
    why: JSON.stringify([...whyOf(one.row), text]),
  }
  const by = author.author_name ?? 'the desk'
  await insertMerge(tx, {
    ticket_id: ticketId,
    into_id: into.row.id,
    status_before: one.row.status,
    by_name: by,
    at: nowMs,
    reason,
    undone_at: null,
  })
  const data = { intoTicketId: into.row.id, intoReference: into.row.reference }
  await note(
    tx,
    desk,
    { ...one.row, ...change },
    { atMs: nowMs, nowMs, kind: 'merged', text, author, isPublic: true, onDevice: true, data },
  )
  if (reason) await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'reason', text: reason, author })
  const clocks = closeClocks(one.clocks, nowMs).map((clock, index) =>
    clock === one.clocks[index] ? clock : { ...clock, why: `${one.clocks[index]?.why ?? ''}; merged into ${into.row.reference}` },
  )
  const saved = await saveCase(tx, desk, one, { change, clocks }, { nowMs, changes })
  await note(tx, desk, into.row, {
    atMs: nowMs,
    nowMs,
    kind: 'merged-here',
    text: `${one.row.reference} was merged into this ticket.`,
    author,
    isPublic: true,
    data: { ticketId, reference: one.row.reference },
  })
  await saveCase(tx, desk, into, {}, { nowMs, changes })
  for (const watcher of await listWatchers(tx, one.row.id))
    await insertWatcher(tx, { ...watcher, id: newRowId(), ticket_id: into.row.id, by_name: by, at: nowMs })
  await watchForReporter(tx, one.row, into.row, by, nowMs)
  await tellAbout(tx, desk, saved, { kind: 'ticket-closed', to: ['customer', 'partner'], text, once: `merged:${nowMs}`, nowMs })
}

/** Who reported what goes on elsewhere hears of it there. */
async function watchForReporter(tx: Tx, from: TicketRow, into: TicketRow, by: string, nowMs: number): Promise<void> {
  const [reporter, other] = [reporterOf(from), reporterOf(into)]
  const email = reporter?.email?.toLowerCase()
  if (!reporter || !email || email === other?.email?.toLowerCase()) return
  await insertWatcher(tx, {
    id: newRowId(),
    ticket_id: into.id,
    kind: 'reporter',
    ref_id: '',
    email,
    name: reporter.name,
    by_name: by,
    at: nowMs,
  })
}

/** Undoes a merge within the hour: the ticket is what it was, and owed from now on what it was owed. Throws relation-refused. */
export async function unmergeTicket({ tx, desk, changes, author }: Act, ticketId: string): Promise<void> {
  const nowMs = desk.now()
  const asked = await findTicket(tx, ticketId)
  if (!asked) throw notFound('ticket')
  await lockCustomer(tx, asked.customer_id)
  const merge = await findLastMerge(tx, ticketId)
  mustUndo(merge && { atMs: merge.at, undoneAtMs: merge.undone_at }, asked.reference, nowMs)
  if (!merge) return
  const one = await loadCase(tx, desk, ticketId)
  const status = merge.status_before as TicketStatus
  await markMergeUndone(tx, merge.id, nowMs)
  const isOpen = isOpenStatus(status)
  const promises = promisesOf(one.plan, one.row, nowMs)
  const moved = isOpen ? clocksFor({ ...one, promises }, reopenClocks(one.clocks, promises, nowMs), status, nowMs) : null
  const change: Partial<TicketRow> = {
    status,
    merged_into_id: null,
    closed_at: status === 'closed' ? one.row.closed_at : null,
    ...(isOpen ? { resolved_at: null, resolved_by: null } : {}),
  }
  const text = 'The merge was undone: it goes on here.'
  await note(tx, desk, { ...one.row, ...change }, { atMs: nowMs, nowMs, kind: 'unmerged', text, author, isPublic: true })
  const saved = await saveCase(tx, desk, one, { change, ...(moved ? { ...moved, promises } : {}) }, { nowMs, changes })
  const into = await findTicket(tx, merge.into_id)
  const email = reporterOf(one.row)?.email
  if (into) {
    await note(tx, desk, into, {
      atMs: nowMs,
      nowMs,
      kind: 'unmerged',
      text: `${one.row.reference} goes on by itself again.`,
      author,
      isPublic: true,
    })
    if (email) await deleteReporterWatcher(tx, into.id, email.toLowerCase())
    changes.push({ kind: 'ticket', id: into.id, customerId: into.customer_id })
  }
  if (isOpen)
    await tellAbout(tx, desk, saved, { kind: 'ticket-reopened', to: ['customer', 'partner'], text, once: `unmerged:${nowMs}`, nowMs })
}
