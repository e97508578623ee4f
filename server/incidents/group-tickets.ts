/** One cause, one ticket: a ticket goes over to the cause, two become one, or one is kept open for a fault that comes and goes. */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { addFlags, isOpenStatus } from '../tickets/rules/ticket.ts'
import { closeClocks, retargetClocks } from '../sla/rules/ticket-clocks.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findOpenTickets, lockEarlierTicket } from '../tickets/store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { flagsOf, loadCase, note, owedSinceMs, promisesOf, tellAbout, whyOf } from '../tickets/loaded-ticket.ts'
import type { Desk } from '../tickets/ticket-context.ts'
import { routeFault, ticketSubject, type Opening } from './fault-opening.ts'
import { makeMonitoringDesk, type VisitUnderWay } from './incident-ticket.ts'
import { saveCase } from '../tickets/save-ticket.ts'

type Said = { ticketId: string; text: string; nowMs: number }

/** Makes the grouping side of ticketing. Everything runs in the caller's transaction. */
function makeGroupingDesk(desk: Desk) {
  return {
    /** Which of these tickets are open. */
    findOpenOnes: async (tx: Tx, ticketIds: readonly string[]): Promise<ReadonlySet<string>> =>
      new Set(await findOpenTickets(tx, ticketIds)),

    /** Whether the fault has an open ticket already. */
    async hasOpenTicket(tx: Tx, { incident, place }: Opening): Promise<boolean> {
      const { signal, component } = incident
      const earlier = await lockEarlierTicket(tx, { deviceId: place.deviceId, siteId: place.siteId, signal, component })
      return earlier !== null && isOpenStatus(earlier.status)
    },

    /** The ticket of a symptom becomes that of its cause, with the higher level of the two. Gives its id. */
    async takeOver(tx: Tx, opening: Opening & { ticketId: string; why: string }, changes: Change[]): Promise<string> {
      const { incident, nowMs, why } = opening
      const one = await loadCase(tx, desk, opening.ticketId)
      const level = Math.min(one.row.level, incident.level) as LevelNumber
      const promises = promisesOf(one.plan, { ...one.row, level }, owedSinceMs(one.row))
      const routed = one.row.partner_id === null ? await routeFault(tx, opening, one.plan) : null
      const change: Partial<TicketRow> = {
        incident_id: incident.id,
        signal: incident.signal,
        component: incident.component,
        subject: ticketSubject(opening),
        level: promises.level,
        why: JSON.stringify([...whyOf(one.row), why, ...(routed ? [routed.why] : [])]),
        ...(routed ? { partner_id: routed.partnerId } : {}),
      }
      const moved = retargetClocks(one.clocks, promises, nowMs)
      const data = { incidentId: incident.id }
      await note(
        tx,
        desk,
        { ...one.row, ...change },
        { atMs: nowMs, nowMs, kind: 'cause', text: why, isPublic: true, onDevice: true, data },
      )
      const byChange = promises.level === one.row.level ? [] : moved.byChange
      const saved = await saveCase(tx, desk, one, { change, clocks: moved.clocks, byChange, promises }, { nowMs, changes })
      if (routed && routed.partnerId !== null)
        await tellAbout(tx, desk, saved, {
          kind: 'ticket-opened',
          to: ['partner'],
          text: `${incident.text} ${why}`,
          once: saved.row.occurrences,
          nowMs,
        })
      if (routed) await desk.follow.raised(tx, desk, saved, { nowMs, changes })
      return opening.ticketId
    },

    /** Two tickets of one cause: this one is closed with the reason, nothing is owed for it any more. */
    async mergeInto(
      tx: Tx,
      fact: { ticketId: string; intoTicketId: string | null; why: string; nowMs: number },
      changes: Change[],
    ): Promise<void> {
      const { ticketId, intoTicketId, nowMs } = fact
      const one = await loadCase(tx, desk, ticketId)
      if (!isOpenStatus(one.row.status)) return
      const into = intoTicketId === null ? null : (await loadCase(tx, desk, intoTicketId)).row.reference
      const text = into === null ? fact.why : `${fact.why} It goes on as ${into}.`
      const change: Partial<TicketRow> = {
        status: 'closed',
        resolved_at: nowMs,
        resolved_by: 'monitoring',
        closed_at: nowMs,
        same_as_ticket_id: intoTicketId,
        why: JSON.stringify([...whyOf(one.row), text]),
      }
      await note(
        tx,
        desk,
        { ...one.row, ...change },
        { atMs: nowMs, nowMs, kind: 'merged', text, isPublic: true, onDevice: true, data: { intoTicketId } },
      )
      const saved = await saveCase(tx, desk, one, { change, clocks: closeClocks(one.clocks, nowMs) }, { nowMs, changes })
      await tellAbout(tx, desk, saved, {
        kind: 'ticket-closed',
        to: ['desk', 'partner', 'customer'],
        text,
        once: one.row.occurrences,
        nowMs,
      })
    },

    /** A line of the history that only the desk reads. */
    async noteOn(tx: Tx, { ticketId, text, nowMs }: Said, changes: Change[]): Promise<void> {
      const { row } = await loadCase(tx, desk, ticketId)
      await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'symptom', text })
      changes.push({ kind: 'ticket', id: row.id, customerId: row.customer_id })
    },

    /** The fault comes and goes too often, or no longer: flagged, with one sentence and no mail. */
    async setUnstable(tx: Tx, fact: Said & { isUnstable: boolean }, changes: Change[]): Promise<void> {
      const { ticketId, isUnstable, text, nowMs } = fact
      const one = await loadCase(tx, desk, ticketId)
      const flags = isUnstable ? addFlags(flagsOf(one.row), 'unstable') : flagsOf(one.row).filter(flag => flag !== 'unstable')
      await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'unstable', text, isPublic: true })
      const change: Partial<TicketRow> = { flags: JSON.stringify(flags), why: JSON.stringify([...whyOf(one.row), text]) }
      await saveCase(tx, desk, one, { change }, { nowMs, changes })
    },
  }
}

/** Makes what incidents do with tickets. Everything runs in the caller's transaction. */
export function makeIncidentTickets(desk: Desk, visits: VisitUnderWay) {
  return { ...makeMonitoringDesk(desk, visits), ...makeGroupingDesk(desk) }
}
export type IncidentTickets = ReturnType<typeof makeIncidentTickets>
