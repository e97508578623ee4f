/** Status of a ticket on two desks: what each of their states is here and back, and which side moves when they differ. */
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

/** The neutral words both sides are put into: our own. */
export const SYNC_STATES = [
  'new',
  'in-progress',
  'waiting-customer',
  'waiting-partner',
  'waiting-information',
  'resolved',
  'closed',
] as const satisfies readonly TicketStatus[]

/**
 * The table of one link, by their states as the interface names them (numbers, ids or words), never guessed by name. `theirs`:
 * what a state of theirs is here, `ignore` = says nothing. `ours`: the state that is set there, `ignore` = nothing is set.
 */
export type StateMap = { theirs: Readonly<Record<string, TicketStatus | 'ignore'>>; ours: Readonly<Partial<Record<TicketStatus, string>>> }

/** What a map lacks, one sentence a fault: every status of ours needs a state there, and every state set there a way back. */
export function mapFaults(map: StateMap): { path: string; message: string }[] {
  const missing = SYNC_STATES.filter(state => map.ours[state] === undefined).map(state => ({
    path: `/ours/${state}`,
    message: 'needs the state that is set at their desk, or ignore',
  }))
  const oneWay = [...new Set(Object.values(map.ours))]
    .filter(state => state !== 'ignore' && !Object.hasOwn(map.theirs, state))
    .map(state => ({ path: `/theirs/${state}`, message: 'is set at their desk, so it needs a status here, or ignore' }))
  return [...missing, ...oneWay]
}

/** What their state is here; null = it is not in the table. */
export function statusOf(map: StateMap, theirs: string): TicketStatus | 'ignore' | null {
  return Object.hasOwn(map.theirs, theirs) ? (map.theirs[theirs] ?? null) : null
}

/** Whether both desks say the same: their state is what ours is set as, or is ours by the table, or ours is set nowhere. */
export function isSameStatus(map: StateMap, ours: TicketStatus, theirs: string): boolean {
  const wanted = map.ours[ours]
  return wanted === theirs || statusOf(map, theirs) === ours || wanted === 'ignore'
}

/** What both sides had when they last agreed; null = never yet. */
export type Agreed = { ours: TicketStatus; theirs: string } | null
export type StateDecision =
  | { kind: 'nothing' }
  /** Ours becomes `to`, as theirs did. */
  | { kind: 'take'; to: TicketStatus }
  /** Theirs is set to `state`. `conflict`: they had moved too; ours stays, and people are told. */
  | { kind: 'push'; state: string; conflict: boolean }
  /** Their state is not in the table: nobody guesses. */
  | { kind: 'unknown'; state: string }

/**
 * Decides which side moves. One that moved since both agreed is followed; when both did, ours stays, because our clocks run from
 * it. Where nothing was agreed yet a ticket of ours is pushed and a ticket of theirs is taken.
 */
export function decideState(
  map: StateMap,
  now: { ours: TicketStatus; theirs: string },
  agreed: Agreed,
  madeBy: 'us' | 'them',
): StateDecision {
  const meaning = statusOf(map, now.theirs)
  const theyMoved = agreed === null ? madeBy === 'them' : agreed.theirs !== now.theirs
  const weMoved = agreed === null ? madeBy === 'us' : agreed.ours !== now.ours
  if (meaning === null && theyMoved) return { kind: 'unknown', state: now.theirs }
  // A state without a meaning here moves nothing, and is left only when ours moves on.
  const isMute = meaning === null || meaning === 'ignore'
  if (isSameStatus(map, now.ours, now.theirs) || (isMute && !weMoved)) return { kind: 'nothing' }
  if (theyMoved && !weMoved && !isMute) return { kind: 'take', to: meaning }
  const state = map.ours[now.ours]
  return state === undefined ? { kind: 'nothing' } : { kind: 'push', state, conflict: theyMoved && weMoved && !isMute }
}

/**
 * The way to a status here that a move of theirs asks for, step by step; null = there is none (nothing becomes `new` again) and
 * ours stays. What is resolved or closed is opened first, so that its clocks begin at one place.
 */
export function stepsTo(from: TicketStatus, to: TicketStatus): TicketStatus[] | null {
  if (from === to) return []
  if (to === 'new') return null
  const isDone = from === 'resolved' || from === 'closed'
  if (!isDone || to === 'in-progress' || (from === 'resolved' && to === 'closed')) return [to]
  return ['in-progress', to]
}
