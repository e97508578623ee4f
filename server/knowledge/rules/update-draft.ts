/** What a status update says, from live facts: the device's state, what was tried, the visit, the next promise. Nothing internal is among them. */
import type { RemedyResult } from '../../../shared/remedies.ts'
import type { VisitState } from '../../../shared/api/visits/visit-api.ts'

export type UpdateFacts = {
  /** The ticket's own fault; null: a person reported it. */
  signal: string | null
  component: string
  connection: string | null
  connectionSinceMs: number | null
  /** What fails on the device right now. */
  failing: readonly { signal: string; component: string; sinceMs: number }[]
  /** When the fault of the ticket was last seen to end, if it did. */
  wellSinceMs: number | null
  remedies: readonly { id: string; outcome: RemedyResult; atMs: number }[]
  visits: readonly { state: VisitState; atMs: number }[]
  /** When the next update is due after this one; null = nothing is owed. */
  nextDueMs: number | null
  nowMs: number
}
export type UpdateWords = {
  state: 'failing' | 'no-contact' | 'well' | 'reported'
  sinceMs: number | null
  /** What fails, for words of the fault: the ticket's own, else the first there is. */
  fault: { signal: string; component: string } | null
  tried: { id: string; outcome: RemedyResult; atMs: number }[]
  visit: { state: VisitState; atMs: number } | null
  nextDueMs: number | null
  /** What it was written from, for the person who reads it. */
  used: string[]
}

/** Newest attempts that are told: a letter is no log. */
const MAX_TRIED = 5
const OFFLINE = new Set(['offline', 'planned-offline'])

function stateOf(facts: UpdateFacts): Pick<UpdateWords, 'state' | 'sinceMs' | 'fault'> {
  const { signal, component, failing, connection } = facts
  if (signal === null) return { state: 'reported', sinceMs: null, fault: null }
  const own = failing.find(item => item.signal === signal && item.component === component)
  // What a device said last is not its present state once contact is lost.
  if (connection !== null && OFFLINE.has(connection) && !signal.startsWith('agent.'))
    return { state: 'no-contact', sinceMs: facts.connectionSinceMs, fault: { signal, component } }
  if (own) return { state: 'failing', sinceMs: own.sinceMs, fault: { signal, component } }
  return { state: 'well', sinceMs: facts.wellSinceMs, fault: { signal, component } }
}

/** Each rung once, with its newest outcome, oldest first. */
function triedOf(remedies: UpdateFacts['remedies']): UpdateWords['tried'] {
  const newest = new Map<string, UpdateWords['tried'][number]>()
  for (const remedy of remedies.toSorted((one, other) => one.atMs - other.atMs)) {
    newest.delete(remedy.id)
    newest.set(remedy.id, remedy)
  }
  return [...newest.values()].slice(-MAX_TRIED)
}

/** Decides what the update says. */
export function draftUpdate(facts: UpdateFacts): UpdateWords {
  const state = stateOf(facts)
  const tried = triedOf(facts.remedies)
  // A visit that was declined or called off is no news to the customer: who comes instead is.
  const visit = facts.visits.findLast(one => one.state !== 'declined' && one.state !== 'cancelled') ?? null
  const nextDueMs = facts.nextDueMs !== null && facts.nextDueMs > facts.nowMs ? facts.nextDueMs : null
  const used = [
    {
      failing: 'the device: it still fails',
      'no-contact': 'the device: no contact',
      well: 'the device: all is well',
      reported: 'the report: no device says anything',
    }[state.state],
    ...(tried.length > 0 ? [`what was tried: ${tried.length} ${tried.length === 1 ? 'step' : 'steps'}`] : []),
    ...(visit ? [`the visit: ${visit.state}`] : []),
    nextDueMs === null ? 'no update is owed by a fixed time' : 'the next update that the plan owes',
  ]
  return { ...state, tried, visit, nextDueMs, used }
}
