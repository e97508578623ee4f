/** A piece of work on one condition and its incident: loaded, moved in memory, written together. */
import { openKey, signalKey, spellRemedy, type RemedyNote } from './rules/incident.ts'
import type { Move, Step } from './rules/condition.ts'
import { writeConditions, type ConditionKey, type DevicePlace, type KeptCondition } from './store/condition-store.ts'
import type { Tx } from '../database/database.ts'
import { deleteIncidents, writeIncidents } from './store/incident-store.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { insertTimeline, type NewTimelineRow } from '../devices/store/timeline-store.ts'
import { newRowId } from '../database/row-id.ts'

/** One thing kept with an incident as evidence. */
export type EvidenceItem = { id: string; kind: 'screenshot' | 'log' | 'metrics' | 'state'; at: number; data: unknown }
/** `incident` is the open one, or null. */
export type Work = { place: DevicePlace; kept: KeptCondition; incident: IncidentRow | null }
/** Work on a condition seen for the first time; its first step starts from nothing and replaces what stands here. */
export function newWork(place: DevicePlace, key: ConditionKey): Work {
  const { deviceId, signal, component } = key
  const condition: KeptCondition['condition'] = {
    state: 'unknown',
    level: null,
    text: '',
    sinceAtMs: 0,
    observedAtMs: 0,
    recoveredAtMs: null,
    heldUntilMs: null,
    opensAtMs: null,
    clearsAtMs: null,
    hasIncident: false,
    flaps: null,
  }
  return { place, kept: { deviceId, signal, component, incidentId: null, evidence: null, condition }, incident: null }
}

/** What a transaction has to write at its end. */
export type Ledger = { works: Set<Work>; incidents: Set<IncidentRow>; dropped: Set<string>; timeline: NewTimelineRow[]; repeated: string[] }

const MAX_EVIDENCE = 20
/** Incidents are read whole by lists: a page of them has to fit in memory. */
const MAX_EVIDENCE_CHARS = 100_000
const EVIDENCE_KINDS = ['screenshot', 'log', 'metrics', 'state'] as const

export function emptyLedger(): Ledger {
  return { works: new Set(), incidents: new Set(), dropped: new Set(), timeline: [], repeated: [] }
}

/** Writes everything of the ledger. */
export async function writeLedger(tx: Tx, ledger: Ledger): Promise<void> {
  // A dropped one goes first: the next episode may have taken its open key.
  await deleteIncidents(tx, [...ledger.dropped])
  await writeIncidents(tx, [...ledger.incidents])
  await writeConditions(
    tx,
    [...ledger.works].map(work => work.kept),
  )
  await insertTimeline(tx, ...ledger.timeline)
}

/** Evidence of an incident. */
export function readEvidence(incident: Pick<IncidentRow, 'evidence'>): EvidenceItem[] {
  return JSON.parse(incident.evidence) as EvidenceItem[]
}

function kindOf(data: unknown): EvidenceItem['kind'] {
  const kind = typeof data === 'object' && data !== null && 'kind' in data ? data.kind : null
  return EVIDENCE_KINDS.find(known => known === kind) ?? 'state'
}

/** Adds what a device sent along: the first pieces and the newest are kept, within a number and a size. */
export function addEvidence(ledger: Ledger, work: Work, data: unknown, atMs: number): void {
  if (data === undefined || !work.incident) return
  const items = [...readEvidence(work.incident), { id: newRowId(), kind: kindOf(data), at: atMs, data }]
  const sizes = items.map(item => JSON.stringify(item).length)
  const isTooMuch = (): boolean => items.length > MAX_EVIDENCE || sizes.reduce((sum, size) => sum + size, 0) > MAX_EVIDENCE_CHARS
  while (items.length > 2 && isTooMuch()) {
    const middle = items.length >> 1
    items.splice(middle, 1)
    sizes.splice(middle, 1)
  }
  work.incident.evidence = JSON.stringify(items)
  ledger.incidents.add(work.incident)
}

/** An incident says its newest sentences. */
const MAX_WHY = 40

/** Adds a sentence to why an incident is as it is; the same one twice in a row is said once. */
export function addWhy(incident: IncidentRow, text: string): void {
  const said = JSON.parse(incident.why) as string[]
  if (said.at(-1) !== text) incident.why = JSON.stringify([...said, text].slice(-MAX_WHY))
}

/** A row of the device's timeline about its incident. */
export function noteIncident(
  ledger: Ledger,
  work: Work,
  note: { atMs: number; nowMs: number; text: string; state: string | null; isMended?: boolean },
): void {
  const { deviceId, signal, component } = work.kept
  ledger.timeline.push({
    device_id: deviceId,
    at: note.atMs,
    received_at: note.nowMs,
    // a fault that the device mended itself is of its own kind: reports count them
    kind: note.isMended === true ? 'mended' : 'incident',
    signal,
    component: component === '' ? null : component,
    state: note.state,
    text: note.text,
    data: work.incident ? JSON.stringify({ incidentId: work.incident.id, ticketId: work.incident.ticket_id }) : null,
  })
}

function startIncident(work: Work, move: Move): IncidentRow {
  const { place, kept } = work
  const { deviceId, signal, component, condition } = kept
  return {
    id: newRowId(),
    kind: 'device',
    customer_id: place.customerId,
    site_id: place.siteId,
    device_id: deviceId,
    signal,
    component,
    state: 'pending',
    open_key: openKey({ customerId: place.customerId, deviceId, signal, component }),
    unstable: 0,
    level: condition.level ?? 4,
    text: condition.text,
    ticket_id: null,
    parent_id: null,
    evidence: '[]',
    remedies: '[]',
    ladder: 'none',
    started_at: move.atMs,
    ended_at: null,
    opened_count: 0,
    opened_at: null,
    why: '[]',
  }
}

/** Ends the incident in memory; the condition has no incident any more. */
export function endIncident(ledger: Ledger, work: Work, atMs: number): void {
  if (!work.incident) return
  Object.assign(work.incident, { state: 'closed', open_key: null, ended_at: atMs })
  ledger.incidents.add(work.incident)
  work.incident = null
  work.kept.incidentId = null
}

/** Takes a move that concerns no ticket. `remedies` and `nowMs` belong to the observation that made it. */
export function takeMove(ledger: Ledger, work: Work, move: Move, seen: { nowMs: number; remedies: readonly RemedyNote[] }): void {
  const { kept, incident } = work
  const fixed = incident ? spellRemedy(seen.remedies, move.atMs - incident.started_at) : null
  const note = (text: string, state: string | null): void =>
    noteIncident(ledger, work, { atMs: move.atMs, nowMs: seen.nowMs, text, state, isMended: fixed !== null })
  switch (move.kind) {
    case 'start':
      work.incident = startIncident(work, move)
      kept.incidentId = work.incident.id
      ledger.incidents.add(work.incident)
      return
    case 'drop':
      if (fixed) note(fixed, null)
      // It was open under a cause that is over: what it was stays on record.
      if (incident && incident.opened_count > 0) return endIncident(ledger, work, move.atMs)
      if (incident) {
        ledger.incidents.delete(incident)
        ledger.dropped.add(incident.id)
      }
      work.incident = null
      kept.incidentId = null
      return
    case 'mend':
      note(fixed ?? `${signalKey(kept.signal, kept.component)} was mended before a ticket was due`, 'closed')
      endIncident(ledger, work, move.atMs)
      return
    case 'repeat':
      if (incident?.ticket_id) ledger.repeated.push(incident.ticket_id)
      return
    case 'recover':
    case 'resume':
      if (!incident) return
      if (move.kind === 'recover' && fixed) note(fixed, 'recovering')
      if (incident.state === 'pending') return
      incident.state = move.kind === 'recover' ? 'recovering' : 'open'
      ledger.incidents.add(incident)
      return
    case 'raise':
    case 'open':
    case 'close':
    case 'unstable':
    case 'calm':
      throw new Error(`A move "${move.kind}" may concern a ticket and is not taken here`)
  }
}

/** Keeps the condition a step ended with. */
export function takeStep(ledger: Ledger, work: Work, step: Step): void {
  work.kept.condition = step.condition
  ledger.works.add(work)
}
