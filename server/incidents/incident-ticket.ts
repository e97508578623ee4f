/** What the monitoring does with tickets: raises, reopens, resolves them, each for one incident. */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { chooseRecovery, chooseTicket } from './rules/incident.ts'
import { whyDue } from '../sla/rules/promise.ts'
import { recurrenceOf, routeFault, ticketSubject, where, type Opening } from './fault-opening.ts'
import { newReference } from '../tickets/new-reference.ts'
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import { latestClock, registerClocks, reopenClocks, resolveClocks, retargetClocks } from '../sla/rules/ticket-clocks.ts'
import { addFlags } from '../tickets/rules/ticket.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { hasPersonWritten, insertTicket, lockEarlierTicket, lockTicket, updateTicket } from '../tickets/store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { clocksFor, flagsOf, loadCase, note, owedSinceMs, promisesOf, tellAbout, whyOf } from '../tickets/loaded-ticket.ts'
import type { Case, Desk, FollowContext } from '../tickets/ticket-context.ts'
import { findEnd } from '../tickets/merged-ticket.ts'
import { saveCase } from '../tickets/save-ticket.ts'
import { newRowId } from '../database/row-id.ts'

/** The visit that a fault's ticket may have: what incidents ask of visits, in their transaction. */
export type VisitUnderWay = {
  /** Whether a partner is asked or on the way for a ticket; such a visit is locked from then on. */
  isUnderWay(tx: Tx, ticketId: string): Promise<boolean>
  /** Nobody is on the way any more: the ticket is the desk's again, which is told `why`. Nothing happens to one that is over. */
  backToDesk(tx: Tx, desk: Desk, one: Case, why: string, once: string, context: FollowContext): Promise<void>
}

/** Makes the monitoring's side of ticketing. Everything runs in the caller's transaction. */
export function makeMonitoringDesk(desk: Desk, visits: VisitUnderWay) {
  const raiseNew = async (tx: Tx, opening: Opening, more: { sameAs: string | null; why: string }, changes: Change[]): Promise<string> => {
    const { incident, place, nowMs } = opening
    const plan = await desk.catalogue.effectivePlanOf(tx, place.customerId)
    const asked = {
      level: incident.level,
      environment: 'production',
      category: 'incident',
      channel: 'monitoring',
      flags: '[]',
      approved_at: null,
    }
    const promises = promisesOf(plan, asked, nowMs)
    const routed = await routeFault(tx, opening, plan)
    const clocks = registerClocks(promises, nowMs)
    const responseDueMs = latestClock(clocks, 'response')?.facts.dueAtMs ?? null
    const again = more.sameAs === null || place.deviceId === null ? null : await recurrenceOf(tx, opening, place.deviceId)
    const row: TicketRow = {
      id: newRowId(),
      reference: await newReference(tx, nowMs),
      source: 'monitoring',
      status: 'new',
      level: promises.level,
      line: 1,
      subject: ticketSubject(opening),
      description: `${incident.text}\n\n${where(place)}, since ${new Date(incident.started_at).toISOString()}.`,
      customer_id: place.customerId,
      site_id: place.siteId,
      device_id: place.deviceId,
      partner_id: routed.partnerId,
      assignee_user_id: null,
      incident_id: incident.id,
      signal: incident.signal,
      component: incident.component,
      channel: asked.channel,
      reporter: null,
      environment: asked.environment,
      category: asked.category,
      software_version: null,
      platform_version: null,
      impact: null,
      flags: JSON.stringify(promises.flags),
      why: JSON.stringify([
        whyDue(promises.response, responseDueMs),
        ...promises.why,
        routed.why,
        ...(more.sameAs === null ? [] : [more.why]),
        ...(again === null ? [] : [again]),
      ]),
      occurrences: 1,
      repeats: 0,
      plan_id: plan.id,
      plan_version: plan.version,
      created_at: nowMs,
      updated_at: nowMs,
      resolved_at: null,
      resolved_by: null,
      closed_at: null,
      auto_close_at: null,
      approved_at: null,
      same_as_ticket_id: more.sameAs,
      next_deadline_at: null,
    }
    await insertTicket(tx, row)
    await note(tx, desk, row, {
      atMs: nowMs,
      nowMs,
      kind: 'opened',
      text: `Ticket raised: ${row.subject}`,
      isPublic: true,
      onDevice: true,
      data: { incidentId: incident.id },
    })
    const saved = await saveCase(tx, desk, { row, clocks: [], plan, promises }, { clocks }, { nowMs, changes })
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-opened',
      to: ['desk', 'partner', 'customer'],
      text: row.description,
      once: row.occurrences,
      nowMs,
      why: whyOf(row),
    })
    await desk.follow.raised(tx, desk, saved, { nowMs, changes })
    return row.id
  }

  /** The same fault again on a ticket that exists: open again, or one more opening of one that was never resolved. */
  const openAgain = async (tx: Tx, ticketId: string, opening: Opening, why: string, changes: Change[]): Promise<string> => {
    const { incident, nowMs } = opening
    const one = await loadCase(tx, desk, ticketId)
    const wasOpen = isOpenStatus(one.row.status)
    const level = Math.min(one.row.level, incident.level) as LevelNumber
    const occurrences = one.row.occurrences + 1
    const promises = promisesOf(one.plan, { ...one.row, level }, wasOpen ? owedSinceMs(one.row) : nowMs)
    const change: Partial<TicketRow> = {
      occurrences,
      level: promises.level,
      incident_id: incident.id,
      flags: JSON.stringify(flagsOf(one.row).filter(flag => flag !== 'recovered')),
      ...(wasOpen ? {} : { status: 'in-progress' as const, resolved_at: null, resolved_by: null, closed_at: null }),
    }
    const moved = wasOpen
      ? retargetClocks(one.clocks, promises, nowMs)
      : { clocks: reopenClocks(one.clocks, promises, nowMs), byChange: [] }
    await note(
      tx,
      desk,
      { ...one.row, ...change },
      { atMs: nowMs, nowMs, kind: 'reopened', text: why, isPublic: true, onDevice: true, data: { incidentId: incident.id } },
    )
    const saved = await saveCase(
      tx,
      desk,
      one,
      { change, clocks: moved.clocks, byChange: level === one.row.level ? [] : moved.byChange, promises },
      { nowMs, changes },
    )
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-reopened',
      to: ['desk', 'partner', 'customer'],
      text: `${why} ${incident.text}`,
      once: occurrences,
      nowMs,
    })
    await desk.follow.raised(tx, desk, saved, { nowMs, changes })
    return ticketId
  }

  return {
    /** The ticket of an incident that opens: new, reopened within a day of its recovery, or the one still open. Gives its id. */
    async openFor(tx: Tx, opening: Opening, changes: Change[]): Promise<string> {
      const { incident, place } = opening
      const earlier = await lockEarlierTicket(tx, {
        deviceId: place.deviceId,
        siteId: place.siteId,
        signal: incident.signal,
        component: incident.component,
      })
      const choice = chooseTicket(
        earlier && {
          id: earlier.id,
          isOpen: isOpenStatus(earlier.status),
          resolvedBy: earlier.resolved_by,
          resolvedAtMs: earlier.resolved_at,
        },
        incident.started_at,
      )
      if (choice.kind === 'new') return raiseNew(tx, opening, choice, changes)
      return openAgain(tx, choice.ticketId, opening, choice.why, changes)
    },

    /** The fault is over for good since `recoveredAtMs`: resolved as of then, unless a person has written on it. */
    async recovered(tx: Tx, fact: { ticketId: string; recoveredAtMs: number; nowMs: number }, changes: Change[]): Promise<void> {
      const { ticketId, nowMs } = fact
      const one = await loadCase(tx, desk, ticketId)
      if (one.row.merged_into_id) {
        // Whoever works on the ticket that it goes on in decides what that means.
        const end = await findEnd(tx, ticketId)
        await note(tx, desk, end, {
          atMs: fact.recoveredAtMs,
          nowMs,
          kind: 'recovered',
          text: `The fault of ${one.row.reference} is over.`,
        })
        changes.push({ kind: 'ticket', id: end.id, customerId: end.customer_id })
        return
      }
      const choice = chooseRecovery({ isOpen: isOpenStatus(one.row.status), hasPersonWritten: await hasPersonWritten(tx, ticketId) })
      // A fault that was over before its ticket was raised was owed something for no time at all.
      const atMs = Math.max(fact.recoveredAtMs, one.row.created_at)
      if (choice.kind === 'nothing') return
      if (choice.kind === 'flag') {
        const hadVisit = await visits.isUnderWay(tx, ticketId)
        await note(tx, desk, one.row, { atMs, nowMs, kind: 'recovered', text: choice.why })
        const saved = await saveCase(
          tx,
          desk,
          one,
          { change: { flags: JSON.stringify(addFlags(flagsOf(one.row), 'recovered')) } },
          { nowMs, changes },
        )
        await tellAbout(tx, desk, saved, {
          kind: 'ticket-recovered',
          to: ['desk', 'partner'],
          text: choice.why,
          once: one.row.occurrences,
          nowMs,
        })
        if (hadVisit && !(await visits.isUnderWay(tx, ticketId)))
          await visits.backToDesk(tx, desk, saved, 'The fault is over by itself: the visit was called off.', `${nowMs}`, { nowMs, changes })
        return
      }
      const change: Partial<TicketRow> = { status: 'resolved', resolved_at: atMs, resolved_by: 'monitoring' }
      await note(tx, desk, { ...one.row, ...change }, { atMs, nowMs, kind: 'resolved', text: choice.why, isPublic: true, onDevice: true })
      const saved = await saveCase(tx, desk, one, { change, clocks: resolveClocks(one.clocks, 'monitoring', atMs) }, { nowMs, changes })
      await tellAbout(tx, desk, saved, {
        kind: 'ticket-resolved',
        to: ['desk', 'partner', 'customer'],
        text: choice.why,
        once: one.row.occurrences,
        nowMs,
      })
    },

    /** The fault became more serious. Never the other way round. */
    async raiseLevel(tx: Tx, fact: { ticketId: string; level: LevelNumber; why: string; nowMs: number }, changes: Change[]): Promise<void> {
      const { nowMs } = fact
      const one = await loadCase(tx, desk, fact.ticketId)
      const promises = promisesOf(one.plan, { ...one.row, level: fact.level }, owedSinceMs(one.row))
      if (!isOpenStatus(one.row.status) || promises.level >= one.row.level) return
      const moved = retargetClocks(one.clocks, promises, nowMs)
      const after = clocksFor({ ...one, promises }, moved.clocks, one.row.status, nowMs)
      const text = `Level ${one.row.level} became ${promises.level}: ${fact.why}`
      await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'level', text, isPublic: true })
      await saveCase(
        tx,
        desk,
        one,
        { change: { level: promises.level }, clocks: after.clocks, byChange: [...moved.byChange, ...after.byChange], promises },
        { nowMs, changes },
      )
    },

    /** The fault is back within its quiet time: deadlines that were put off until its end are asked for again. */
    async resumed(tx: Tx, ticketId: string, nowMs: number): Promise<void> {
      const row = await lockTicket(tx, ticketId)
      if (row && row.next_deadline_at !== null && isOpenStatus(row.status)) await updateTicket(tx, ticketId, { next_deadline_at: nowMs })
    },
  }
}
