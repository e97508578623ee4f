/** A visit of a partner to a device: its states, who may move it, how long an offer waits, and which partner is asked next. */
import { addOpenSeconds, isOpen, nextOpening, type Calendar } from '../../calendars/rules/calendar.ts'
import { spellInstant } from '../../sla/rules/clock.ts'
import { DomainError, invalidInput } from '../../platform/errors.ts'
import { routeOnsite, type Route, type RoutingFacts } from '../../tickets/rules/routing.ts'
import type { VisitState } from '../../../shared/api/visits/visit-api.ts'
import { DAY_MS } from '../../../shared/units.ts'
import { signalOf } from '../../../shared/signals/signals.ts'

/** Who moves a visit: the partner itself, by account or link, or the desk. */
export type VisitActor = 'partner' | 'desk'

type Allowed = { from: VisitState; to: VisitState; by: readonly VisitActor[] }
const BOTH: readonly VisitActor[] = ['partner', 'desk']
/** Every move there is; the desk may note for a partner what it said by phone, only the desk calls a visit off. */
const MOVES: readonly Allowed[] = [
  { from: 'offered', to: 'accepted', by: BOTH },
  { from: 'offered', to: 'declined', by: BOTH },
  { from: 'accepted', to: 'declined', by: BOTH },
  { from: 'scheduled', to: 'declined', by: BOTH },
  { from: 'accepted', to: 'scheduled', by: BOTH },
  { from: 'scheduled', to: 'scheduled', by: BOTH },
  { from: 'accepted', to: 'on-site', by: BOTH },
  { from: 'scheduled', to: 'on-site', by: BOTH },
  { from: 'on-site', to: 'done', by: BOTH },
  { from: 'offered', to: 'cancelled', by: ['desk'] },
  { from: 'accepted', to: 'cancelled', by: ['desk'] },
  { from: 'scheduled', to: 'cancelled', by: ['desk'] },
  { from: 'on-site', to: 'cancelled', by: ['desk'] },
]

/** Whether the visit is still under way. */
export function isOpenVisit(state: VisitState): boolean {
  return state !== 'declined' && state !== 'done' && state !== 'cancelled'
}

/** Where a visit may go from its state, by whom it is moved. */
export function visitMoves(from: VisitState, by: VisitActor): VisitState[] {
  return MOVES.filter(move => move.from === from && move.by.includes(by)).map(move => move.to)
}

/** Throws transition-not-allowed, naming what is allowed. */
export function mustMoveVisit(from: VisitState, to: VisitState, by: VisitActor): void {
  const allowed = visitMoves(from, by)
  if (allowed.includes(to)) return
  const next = allowed.length === 0 ? 'it is over' : `it can become ${allowed.join(', ')}`
  throw new DomainError('conflict', 'transition-not-allowed', `The visit is ${from}: ${next}, not ${to}.`)
}

const ANSWER_MINUTES: Record<1 | 2 | 3 | 4, number> = { 1: 30, 2: 120, 3: 480, 4: 1440 }

/** Until when an offer waits for an answer, or an accepted visit for its time: minutes by level in the partner's hours, else in every hour. */
export function answerDueAt(level: 1 | 2 | 3 | 4, hours: Calendar | null, fromMs: number): number {
  const seconds = ANSWER_MINUTES[level] * 60
  return hours === null ? fromMs + seconds * 1000 : addOpenSeconds(hours, fromMs, seconds)
}

/** Why an offer nobody answered, or an accepted visit nobody scheduled, went back. */
export function spellNoAnswer(state: 'offered' | 'accepted', level: 1 | 2 | 3 | 4): string {
  const minutes = ANSWER_MINUTES[level]
  const time = minutes < 60 ? `${minutes} min` : `${minutes / 60} h`
  return state === 'offered' ? `no answer in ${time}` : `no time named in ${time}`
}

/** Throws invalid-input for a time that has passed or at which the place is closed; the next opening is told. */
export function mustBeReachable(atMs: number, nowMs: number, opening: Calendar | null): void {
  const path = 'body/at'
  if (atMs < nowMs) throw invalidInput([{ path, message: 'must not be in the past' }])
  if (opening === null || isOpen(opening, atMs)) return
  const nextMs = nextOpening(opening, atMs)
  const next = nextMs === null ? 'it does not open again' : `it opens ${spellInstant(nextMs, opening.timeZone)}`
  throw invalidInput([{ path, message: `the place is closed then; ${next}` }], `The place is closed then; ${next}.`)
}

/** The next partner to ask: as routed, without those that said no or nothing about this ticket. Nobody left: the reason. */
export function nextPartner(facts: RoutingFacts, refusedIds: ReadonlySet<string>): Route {
  const partners = facts.partners.filter(partner => !refusedIds.has(partner.id))
  const route = routeOnsite({ ...facts, partners })
  if (route.partnerId !== null || refusedIds.size === 0) return route
  return { partnerId: null, why: `Every partner who could go has declined or not answered (${refusedIds.size}).` }
}

/** When a link ends: 7 days after the visit was done, 60 days after the offer at the latest. */
export function linkEndsAt(offeredAtMs: number, doneAtMs: number | null): number {
  const latestMs = offeredAtMs + 60 * DAY_MS
  return doneAtMs === null ? latestMs : Math.min(latestMs, doneAtMs + 7 * DAY_MS)
}

/** What a technician should take along for a signal; empty when we cannot know. */
export function likelyParts(signal: string | null): readonly string[] {
  return signal === null ? [] : (signalOf(signal)?.parts ?? [])
}
