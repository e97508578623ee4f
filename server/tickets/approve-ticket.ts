/** A case beyond the quota owes nothing until somebody of the desk takes it on. */
import type { ApprovalInput } from '../../shared/api/tickets/ticket-api.ts'
import { DomainError } from '../platform/errors.ts'
import { whyDue } from '../sla/rules/promise.ts'
import { addFlags, isOpenStatus } from './rules/ticket.ts'
import { approveClocks, latestClock } from '../sla/rules/ticket-clocks.ts'
import { clocksFor, flagsOf, loadCase, note, promisesOf, tellAbout, waitsForApproval, whyOf } from './loaded-ticket.ts'
import type { Act, Case } from './ticket-context.ts'
import { saveCase } from './save-ticket.ts'

/** Why there is nothing to approve, in words; null when there is. */
function nothingToApprove({ row }: Case): string | null {
  if (row.approved_at !== null) return `${row.reference} was approved already, ${new Date(row.approved_at).toISOString()}.`
  if (!waitsForApproval(row)) return `${row.reference} waits for no approval: it is not beyond the case quota, or is paid on its own.`
  return isOpenStatus(row.status) ? null : `${row.reference} is ${row.status}: open it again before you approve it.`
}

/** Approves a case in the caller's transaction: its clocks start now. Throws nothing-to-approve. */
export async function approveTicket({ tx, desk, changes, author }: Act, ticketId: string, { reason }: ApprovalInput): Promise<void> {
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  const refusal = nothingToApprove(one)
  if (refusal !== null) throw new DomainError('conflict', 'nothing-to-approve', refusal)
  const row = { ...one.row, approved_at: nowMs }
  const promises = promisesOf(one.plan, row, nowMs)
  const { clocks, byChange } = clocksFor({ ...one, promises }, approveClocks(one.clocks, promises, nowMs), row.status, nowMs)
  const by = author.author_name ?? 'the desk'
  const dueAtMs = latestClock(clocks, 'response')?.facts.dueAtMs ?? null
  const due = whyDue(promises.response, dueAtMs)
  const change = {
    approved_at: nowMs,
    flags: JSON.stringify(addFlags(flagsOf(row), ...promises.flags)),
    why: JSON.stringify(
      addFlags(whyOf(row), `Approved beyond the case quota by ${by}: the deadlines run from then.`, due, ...promises.why),
    ),
  }
  // The reason is for colleagues: what the customer reads is that it goes on, and until when.
  await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'approved', text: `Approved beyond the case quota: ${reason}`, author })
  const saved = await saveCase(tx, desk, one, { change, clocks, byChange, promises }, { nowMs, changes })
  await tellAbout(tx, desk, saved, {
    kind: 'ticket-approved',
    to: ['desk', 'customer'],
    text: 'Your case is beyond the cases of the month and was approved: we work on it.',
    once: 1,
    nowMs,
    why: [due],
    dueAtMs,
  })
}
