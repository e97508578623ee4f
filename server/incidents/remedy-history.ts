/** What a device tried about an incident: kept with it, and each attempt a row of the timeline at the time it was made. */
import type { Remedy } from '../../shared/api/incidents/remedy-api.ts'
import { remedyWords } from '../../shared/remedies.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import type { Ledger, Work } from './incident-changes.ts'
import type { Observation, ObservedRemedy } from './observation.ts'

const MAX_REMEDIES = 50
const OUTCOME_WORDS: Record<ObservedRemedy['outcome'], string> = {
  worked: 'it helped',
  'did-not-help': 'it did not help',
  failed: 'it could not be done',
  refused: 'not possible here',
  locked: 'waits for the customer',
}

const readRemedies = (incident: Pick<IncidentRow, 'remedies'>): ObservedRemedy[] => JSON.parse(incident.remedies) as ObservedRemedy[]

/** `restarted app: it did not help (30 s)`. */
function spellRung({ id, outcome, tookMs, text }: ObservedRemedy): string {
  const took = tookMs === undefined || tookMs < 1_000 ? '' : ` (${Math.round(tookMs / 1000)} s)`
  return `${remedyWords(id)}: ${OUTCOME_WORDS[outcome]}${took}${text === undefined ? '' : `. ${text}`}`
}

function ladderAfter({ state, remedies = [], exhausted }: Observation): IncidentRow['ladder'] {
  if (exhausted === true) return 'exhausted'
  return state === 'ok' && remedies.at(-1)?.outcome === 'worked' ? 'mended' : 'running'
}

/** Adds what an observation says about remedies that was not known yet. The device repeats the whole list of its episode. */
export function noteRemedies(ledger: Ledger, work: Work, observation: Observation, nowMs: number): void {
  const { incident, kept } = work
  if (!incident || (observation.remedies === undefined && observation.exhausted === undefined)) return
  const known = readRemedies(incident)
  // by the device's own words: the corrected time of the same attempt may differ a little from message to message
  const keyOf = ({ id, outcome, said, at }: ObservedRemedy): string => `${id} ${outcome} ${said ?? at}`
  const keys = new Set(known.map(keyOf))
  const fresh = (observation.remedies ?? []).filter(remedy => !keys.has(keyOf(remedy)))
  for (const remedy of fresh)
    ledger.timeline.push({
      device_id: kept.deviceId,
      at: remedy.at,
      received_at: nowMs,
      kind: 'remedy',
      signal: kept.signal,
      component: kept.component === '' ? null : kept.component,
      state: remedy.outcome,
      text: spellRung(remedy).slice(0, 2_000),
      data: JSON.stringify({ incidentId: incident.id, remedy: remedy.id, tookMs: remedy.tookMs ?? null }),
    })
  incident.remedies = JSON.stringify([...known, ...fresh].slice(-MAX_REMEDIES))
  incident.ladder = ladderAfter(observation)
  ledger.incidents.add(incident)
}

/** As callers see them, oldest first. */
export function viewRemedies(incident: Pick<IncidentRow, 'remedies'>): Remedy[] {
  return readRemedies(incident).map(({ id, outcome, at, tookMs, text }) => ({
    id,
    outcome,
    at: new Date(at).toISOString(),
    ...(tookMs !== undefined && { tookMs }),
    ...(text !== undefined && { text }),
  }))
}
