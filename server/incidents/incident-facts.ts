/** What an incident tells a ticket. */
import type { Evidence } from '../../shared/api/tickets/ticket-api.ts'
import type { EvidenceFileRow } from '../database/tables/evidence-rows.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { readEvidence } from './incident-changes.ts'
import { toEvidence } from '../evidence/evidence.ts'
import { readEvidenceFiles } from '../evidence/store/evidence-store.ts'
import type { Database, Tx } from '../database/database.ts'
import type { TicketIncident } from '../tickets/ticket-view.ts'
import { viewRemedies } from './remedy-history.ts'
import { readIncidentsOfTickets } from './store/incident-store.ts'
import { iso } from '../../shared/instants.ts'

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

/** What tickets show of the incidents behind them, by the id of the ticket, oldest first (see `IncidentsOf`). */
export async function incidentsOfTickets(db: Database | Tx, ticketIds: readonly string[]): Promise<ReadonlyMap<string, TicketIncident[]>> {
  const rows = await readIncidentsOfTickets(db, ticketIds)
  const files = await readEvidenceFiles(
    db,
    rows.map(row => row.id),
  )
  const told = new Map<string, TicketIncident[]>()
  for (const row of rows) {
    if (row.ticket_id === null) continue
    const incident = { id: row.id, evidence: evidenceOf(row, files.get(row.id)), remedies: viewRemedies(row), ladder: row.ladder }
    told.set(row.ticket_id, [...(told.get(row.ticket_id) ?? []), incident])
  }
  return told
}
