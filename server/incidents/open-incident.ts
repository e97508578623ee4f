/** When an incident opens, closes or is released: a ticket of its own, the ticket of its cause, or none, and why. */
import { chooseCause, explanation, isPartOf, takesOver, TAKEOVER_MS } from './rules/cause.ts'
import { holdAnew, worsen, type Move } from './rules/condition.ts'
import { spellUnstable } from './rules/flapping.ts'
import { signalKey } from './rules/incident.ts'
import { isOpen } from '../calendars/rules/calendar.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import type { DevicePlace } from './store/condition-store.ts'
import { addWhy, endIncident, noteIncident, type Work } from './incident-changes.ts'
import { kioskNamesOf, siblings, termsOf, type Session } from './incident-session.ts'
import { findLastLoss } from '../devices/store/timeline-store.ts'
import { openingCalendar } from '../calendars/site-hours.ts'
import type { IncidentTickets } from './group-tickets.ts'

/** What an incident hangs under: its cause on the device, or an outage. */
type Parent = { incidentId: string; ticketId: string | null; why: string }

const isCovered = (place: DevicePlace): boolean => place.state === 'active' || place.state === 'additional'
const keyOf = ({ kept }: Work): string => signalKey(kept.signal, kept.component)
const worst = (...levels: number[]): LevelNumber => Math.min(...levels) as LevelNumber

/** Makes what opens and closes incidents. Everything runs in the session's transaction. */
export function makeOpener({
  tickets,
}: {
  tickets: Pick<
    IncidentTickets,
    'openFor' | 'recovered' | 'raiseLevel' | 'findOpenOnes' | 'takeOver' | 'mergeInto' | 'noteOn' | 'setUnstable' | 'hasOpenTicket'
  >
}) {
  const say = (session: Session, work: Work, text: string): void => {
    if (!work.incident) return
    addWhy(work.incident, text)
    session.ledger.incidents.add(work.incident)
  }
  const tellTimeline = (session: Session, work: Work, text: string, atMs = session.nowMs): void =>
    noteIncident(session.ledger, work, { atMs, nowMs: session.nowMs, text, state: work.incident?.state ?? null })

  /** The ticket an incident counts on: its own, or that of what it hangs under on the device. */
  const ticketOf = (session: Session, work: Work): string | null => {
    let at: Work | undefined = work
    for (let depth = 0; at?.incident && depth < 10; depth++) {
      if (at.incident.ticket_id !== null) return at.incident.ticket_id
      const parentId: string | null = at.incident.parent_id
      at = siblings(session, at).find(other => other.incident?.id === parentId)
    }
    return null
  }

  /** The outage that explains why this device has no contact. */
  const outageOf = async (session: Session, { kept, place, incident }: Work): Promise<Parent | null> => {
    if (kept.signal !== 'agent.offline' || !incident) return null
    for (const outage of await session.outages()) {
      const isHere = outage.kind === 'platform' || outage.site_id === place.siteId
      if (!isHere || incident.started_at < outage.began_at - TAKEOVER_MS) continue
      const why =
        outage.kind === 'platform'
          ? 'Lost together with a large part of all devices: an outage of the platform, no ticket.'
          : `Lost together with the other devices of ${place.siteName}: part of the site outage, no ticket of its own.`
      return { incidentId: outage.incident_id, ticketId: null, why }
    }
    return null
  }

  /** The fault on the same device that explains this one. One whose ticket somebody has resolved explains nothing any more. */
  const causeOf = async (session: Session, work: Work): Promise<Parent | null> => {
    const failing = siblings(session, work).filter(other => other.incident !== null && other.kept.condition.hasIncident)
    if (failing.length === 0) return null
    const names = await kioskNamesOf(session, work.place)
    const works = new Map(failing.map(other => [other.kept, other]))
    const left = failing.map(other => other.kept)
    for (;;) {
      const found = chooseCause(work.kept, left, names)
      const cause = found && works.get(found.cause)
      if (!found || !cause?.incident) return null
      const ticketId = ticketOf(session, cause)
      if (ticketId === null || (await tickets.findOpenOnes(session.tx, [ticketId])).has(ticketId))
        return { incidentId: cause.incident.id, ticketId, why: `Explained by ${keyOf(cause)}: ${found.because}. No ticket of its own.` }
      left.splice(left.indexOf(found.cause), 1)
    }
  }
  const parentOf = async (session: Session, work: Work): Promise<Parent | null> =>
    (await outageOf(session, work)) ?? (await causeOf(session, work))

  const attach = async (session: Session, work: Work, parent: Parent): Promise<void> => {
    const { incident } = work
    if (!incident) return
    incident.parent_id = parent.incidentId
    say(session, work, parent.why)
    tellTimeline(session, work, `${keyOf(work)}: ${parent.why}`)
    const cause = siblings(session, work).find(other => other.incident?.id === parent.incidentId)
    if (cause) {
      say(session, cause, `Explains ${keyOf(work)} as well: ${incident.text}`)
      const rule = await session.ruleOf(cause.place, cause.kept.signal)
      const terms = await termsOf(session, cause.place, cause.kept.signal, rule)
      cause.kept.condition = worsen(cause.kept.condition, incident.level as LevelNumber, session.nowMs, terms)
      session.ledger.works.add(cause)
    }
    if (parent.ticketId === null) return
    const text = `${keyOf(work)} fails too, explained by this fault: ${incident.text}`
    await tickets.noteOn(session.tx, { ticketId: parent.ticketId, text, nowMs: session.nowMs }, session.changes)
    const level = incident.level as LevelNumber
    await tickets.raiseLevel(session.tx, { ticketId: parent.ticketId, level, why: text, nowMs: session.nowMs }, session.changes)
  }

  /** Symptoms that have a ticket already although this fault explains them, oldest first. */
  const ticketedSymptoms = async (session: Session, work: Work): Promise<Work[]> => {
    const { sinceAtMs } = work.kept.condition
    const having = siblings(session, work).filter(({ incident }) => incident?.ticket_id != null && incident.opened_at !== null)
    if (having.length === 0) return []
    const names = await kioskNamesOf(session, work.place)
    const explained = having.filter(
      ({ incident, kept }) =>
        takesOver(work.kept, kept, sinceAtMs, incident?.opened_at ?? 0) && explanation(work.kept, kept, names) !== null,
    )
    const openOnes = await tickets.findOpenOnes(
      session.tx,
      explained.map(({ incident }) => incident?.ticket_id ?? ''),
    )
    return explained
      .filter(({ incident }) => openOnes.has(incident?.ticket_id ?? ''))
      .toSorted((one, other) => (one.incident?.opened_at ?? 0) - (other.incident?.opened_at ?? 0))
  }

  /** The ticket of a fault that stands for itself: a new or earlier one, or that of a symptom which came first. */
  const ticketFor = async (session: Session, work: Work): Promise<void> => {
    const { tx, nowMs, changes } = session
    const { incident, place, kept } = work
    if (!incident || !isCovered(place)) return
    const opening = { incident, place, rule: await session.ruleOf(place, kept.signal), nowMs }
    const symptoms = await ticketedSymptoms(session, work)
    const [first] = symptoms
    const firstTicket = first?.incident?.ticket_id
    if (first && firstTicket && !(await tickets.hasOpenTicket(tx, opening))) {
      const why = `${keyOf(work)} explains ${keyOf(first)}, for which this ticket was raised: it is about ${keyOf(work)} now.`
      incident.ticket_id = await tickets.takeOver(tx, { ...opening, ticketId: firstTicket, why }, changes)
      say(session, work, `Took over the ticket of ${keyOf(first)}, which it explains.`)
    } else incident.ticket_id = await tickets.openFor(tx, opening, changes)
    for (const symptom of symptoms) {
      if (!symptom.incident?.ticket_id) continue
      const ticketId = symptom.incident.ticket_id
      symptom.incident.ticket_id = null
      symptom.incident.parent_id = incident.id
      const why = `Explained by ${keyOf(work)}, which came after it: their ticket is one.`
      say(session, symptom, why)
      tellTimeline(session, symptom, `${keyOf(symptom)}: ${why}`)
      if (ticketId !== incident.ticket_id) await tickets.mergeInto(tx, { ticketId, intoTicketId: incident.ticket_id, why, nowMs }, changes)
    }
  }

  /** Why a restart is told to nobody: contact was lost while the site was closed, as where the mains are switched off at night. */
  const quietRestart = async ({ tx }: Session, { kept, place }: Work): Promise<string | null> => {
    if (kept.signal !== 'reboot.unexpected') return null
    const hours = openingCalendar({ openingHours: place.openingHours, timeZone: place.siteTimeZone })
    const lostAtMs = hours && (await findLastLoss(tx, place.deviceId))
    return hours && lostAtMs !== null && !isOpen(hours, lostAtMs)
      ? 'Contact was lost outside opening hours, as where the power is switched off at night: kept as history, without a ticket.'
      : null
  }

  /** Opens the incident of a work. */
  const open = async (session: Session, work: Work, move: Move): Promise<void> => {
    const { nowMs, ledger, changes } = session
    const { incident, place, kept } = work
    if (!incident) return
    incident.state = kept.condition.state === 'recovering' ? 'recovering' : 'open'
    incident.opened_count += 1
    incident.opened_at = nowMs
    incident.level = kept.condition.level ?? incident.level
    incident.text = kept.condition.text
    ledger.incidents.add(incident)
    changes.push({ kind: 'device', id: place.deviceId, customerId: place.customerId })
    const quietWhy = move.isPast
      ? 'It was over before the server heard of it: kept as history, without a ticket.'
      : await quietRestart(session, work)
    if (quietWhy !== null) {
      const why = quietWhy
      say(session, work, why)
      noteIncident(ledger, work, { atMs: move.atMs, nowMs, text: `${kept.condition.text}. ${why}`, state: 'closed' })
      return
    }
    const parent = await parentOf(session, work)
    if (parent) return attach(session, work, parent)
    const children = siblings(session, work).filter(other => other.incident?.parent_id === incident.id)
    incident.level = worst(incident.level, ...children.map(({ incident: child }) => child?.level ?? 4))
    await ticketFor(session, work)
    noteIncident(ledger, work, { atMs: move.atMs, nowMs, text: `Incident opened: ${kept.condition.text}`, state: 'open' })
  }

  /** Whether what an incident hangs under is still there. */
  const hasActiveParent = async (session: Session, work: Work): Promise<boolean> => {
    const parentId = work.incident?.parent_id ?? null
    if (parentId === null) return false
    if (siblings(session, work).some(other => other.incident?.id === parentId)) return true
    return (await session.outages()).some(outage => outage.incident_id === parentId)
  }

  /** An open incident without a ticket gets one as soon as it is owed: its device is covered now, or nothing explains it any more. */
  const cover = async (session: Session, work: Work): Promise<void> => {
    const { incident, place } = work
    if (incident?.state !== 'open' || incident.ticket_id !== null || !isCovered(place) || (await hasActiveParent(session, work))) return
    const wasExplained = incident.parent_id !== null
    incident.parent_id = null
    const parent = await parentOf(session, work)
    if (parent) return attach(session, work, parent)
    await ticketFor(session, work)
    session.ledger.incidents.add(incident)
    tellTimeline(
      session,
      work,
      wasExplained ? 'Nothing explains it any more: the incident has a ticket' : 'Covered by the plan now: the incident has a ticket',
    )
  }

  /**
   * A cause is over since `atMs`: what it explained and still fails is watched anew, and opens on its own when its hold, counted
   * from then, is over.
   */
  const release = async (session: Session, cause: Work, causeIncidentId: string, atMs: number): Promise<void> => {
    const others = siblings(session, cause).filter(({ kept }) => kept.condition.state === 'failing' && kept.condition.hasIncident)
    if (others.length === 0) return
    const names = await kioskNamesOf(session, cause.place)
    for (const other of others) {
      const { incident, kept, place } = other
      const isChild = incident?.parent_id === causeIncidentId
      if (isChild && isPartOf(cause.kept, kept)) continue
      const isWaiting = kept.condition.opensAtMs !== null && explanation(cause.kept, kept, names) !== null
      if (isChild) watchAnew(session, other, `${keyOf(cause)} is over, this is not: watched on its own from there.`)
      if (!isChild && !isWaiting) continue
      const rule = await session.ruleOf(place, kept.signal)
      const held = holdAnew(kept.condition, atMs, session.nowMs, await termsOf(session, place, kept.signal, rule))
      if (isChild || (held.opensAtMs ?? 0) > (kept.condition.opensAtMs ?? 0)) kept.condition = held
      session.ledger.works.add(other)
    }
  }

  /** A child stands for itself again. */
  const watchAnew = (session: Session, work: Work, why: string): void => {
    if (!work.incident) return
    Object.assign(work.incident, { parent_id: null, state: 'pending' })
    say(session, work, why)
    tellTimeline(session, work, `${keyOf(work)}: ${why}`)
  }

  const close = async (session: Session, work: Work, atMs: number): Promise<void> => {
    const { tx, nowMs, ledger, changes } = session
    const { incident, place } = work
    if (!incident) return
    noteIncident(ledger, work, { atMs, nowMs, text: `Incident closed: ${keyOf(work)} is well again`, state: 'closed' })
    const ticketId = incident.ticket_id
    endIncident(ledger, work, atMs)
    if (ticketId) await tickets.recovered(tx, { ticketId, recoveredAtMs: atMs, nowMs }, changes)
    await release(session, work, incident.id, atMs)
    changes.push({ kind: 'device', id: place.deviceId, customerId: place.customerId })
  }

  const raise = async (session: Session, work: Work): Promise<void> => {
    const { incident, kept } = work
    if (!incident) return
    const level = worst(kept.condition.level ?? incident.level, incident.level)
    incident.level = level
    incident.text = kept.condition.text
    session.ledger.incidents.add(incident)
    const ticketId = ticketOf(session, work)
    if (ticketId) await tickets.raiseLevel(session.tx, { ticketId, level, why: kept.condition.text, nowMs: session.nowMs }, session.changes)
  }

  /** It comes and goes too often, or no longer: one sentence for everybody, and no mail for each time. */
  const setUnstable = async (session: Session, work: Work, isUnstable: boolean): Promise<void> => {
    const { incident, kept } = work
    if (!incident) return
    incident.unstable = isUnstable ? 1 : 0
    const text = isUnstable && kept.condition.flaps ? spellUnstable(kept.condition.flaps) : 'Calm again: it does not come and go any more.'
    say(session, work, text)
    tellTimeline(session, work, text)
    if (incident.ticket_id)
      await tickets.setUnstable(session.tx, { ticketId: incident.ticket_id, isUnstable, text, nowMs: session.nowMs }, session.changes)
  }

  return { open, close, cover, raise, release, setUnstable, attach, watchAnew }
}
