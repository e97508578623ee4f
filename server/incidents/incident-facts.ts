/** What an incident tells a ticket. */
import type { Evidence } from '../../shared/api/tickets/ticket-api.ts'
import type { EvidenceFileRow } from '../database/tables/evidence-rows.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { readEvidence } from './incident-changes.ts'
import { toEvidence } from '../evidence/evidence.ts'

const iso = (atMs: number): string => new Date(atMs).toISOString()

/** What was kept of an incident, as links: what came with its events, and the files the device sent. */
export function evidenceOf(incident: IncidentRow, files: readonly EvidenceFileRow[] = []): Evidence[] {
  const told = readEvidence(incident).map(item => ({
    id: item.id,
    kind: item.kind,
    at: iso(item.at),
    url: `/api/v1/incidents/${incident.id}/evidence/${item.id}`,
  }))
  return [...told, ...files.map(toEvidence)]
}
