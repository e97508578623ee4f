/** What happens to a ticket by itself when its time has come: breaches, escalation, reminders, closing. */
import { fireClocks } from '../sla/rules/clock-firing.ts'
import { closeClocks } from '../sla/rules/ticket-clocks.ts'
import { closeReminderAt, isOpenStatus } from './rules/ticket.ts'
import type { Tx } from '../database/database.ts'
import { lockTicket, updateTicket } from './store/ticket-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { Change } from '../platform/change-bus.ts'
import { loadCase, note, tellAbout } from './loaded-ticket.ts'
import type { Case, Desk } from './ticket-context.ts'
import { nextDeadline, saveCase } from './save-ticket.ts'

/** Until when the fault of an incident is quiet but not yet over (epoch ms); null = it fails, is over, or comes and goes. */
export type QuietUntil = (tx: Tx, incidentId: string) => Promise<number | null>

/** Makes the part of ticketing that the deadline worker runs. */
export function makeTicketDeadlines(desk: Desk, quietUntil: QuietUntil) {
  const close = async (tx: Tx, one: Case, nowMs: number, changes: Change[]): Promise<void> => {
    const text =
      one.row.status === 'resolved'
        ? 'Closed by itself: it stayed resolved.'
        : `Closed by itself: no answer for ${one.plan.autoCloseAfterDays ?? 0} days.`
    const change: Partial<TicketRow> = { status: 'closed', closed_at: nowMs, auto_close_at: null }
    await note(tx, desk, { ...one.row, ...change }, { atMs: nowMs, nowMs, kind: 'closed', text, isPublic: true })
    const wasWaiting = isOpenStatus(one.row.status)
    const saved = await saveCase(tx, desk, one, { change, clocks: closeClocks(one.clocks, nowMs) }, { nowMs, changes })
    if (wasWaiting)
      await tellAbout(tx, desk, saved, {
        kind: 'ticket-closed',
        to: ['desk', 'customer'],
        text,
        once: `${one.row.auto_close_at ?? nowMs}`,
        nowMs,
      })
  }

  /** Once before each of the two: whoever was away for one is told of the next only. */
  const remind = async (tx: Tx, one: Case, autoCloseAtMs: number, nowMs: number, changes: Change[]): Promise<void> => {
    const { row, plan } = one
    const next = closeReminderAt({
      status: row.status,
      autoCloseAtMs,
      autoCloseAfterDays: plan.autoCloseAfterDays,
      sinceMs: nowMs,
    })
    const days = Math.round((autoCloseAtMs - nowMs) / 86_400_000)
    const text = `Closes by itself in ${days} days unless the customer answers.`
    await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'close-reminder', text, isPublic: true })
    const saved = await saveCase(tx, desk, one, { change: { close_reminder_at: next } }, { nowMs, changes })
    const once = row.close_reminder_at ?? nowMs
    await tellAbout(tx, desk, saved, { kind: 'close-reminder', to: ['customer'], text, once, nowMs, closesAtMs: autoCloseAtMs })
  }

  return {
    /**
     * Everything that is due on one ticket; false when nothing is any more. While the fault is quiet but not yet over, nothing
     * falls due: whether the clocks stopped at the recovery is known at the end of the quiet time.
     */
    async runDueTicket(tx: Tx, ticketId: string, changes: Change[]): Promise<boolean> {
      const nowMs = desk.now()
      const row = await lockTicket(tx, ticketId)
      if (!row || row.next_deadline_at === null || row.next_deadline_at > nowMs) return false
      const quietUntilMs = row.incident_id === null ? null : await quietUntil(tx, row.incident_id)
      if (quietUntilMs !== null && isOpenStatus(row.status)) {
        // A little after the end of the quiet time, whose own deadline comes first and asks anew.
        await updateTicket(tx, ticketId, { next_deadline_at: Math.max(quietUntilMs, nowMs) + 1000 })
        return false
      }
      const one = await loadCase(tx, desk, ticketId)
      if (row.auto_close_at !== null && row.auto_close_at <= nowMs) {
        await close(tx, one, nowMs, changes)
        return true
      }
      if (row.close_reminder_at != null && row.close_reminder_at <= nowMs && row.auto_close_at !== null) {
        await remind(tx, one, row.auto_close_at, nowMs, changes)
        return true
      }
      const { clocks, fired } = fireClocks(one.clocks, nowMs)
      if (fired.length === 0) {
        await updateTicket(tx, ticketId, { next_deadline_at: nextDeadline(one.clocks, row.auto_close_at, row.close_reminder_at) })
        return false
      }
      await saveCase(tx, desk, one, { clocks, fired }, { nowMs, changes })
      return true
    },
  }
}
