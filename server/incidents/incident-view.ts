/** Incidents as callers see them. */
import type { Incident, IncidentQuery } from '../../shared/api/incidents/incident-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { notFound } from '../platform/errors.ts'
import { splitSignalKey } from './rules/incident.ts'
import type { Database } from '../database/database.ts'
import type { EvidenceFileRow } from '../database/tables/evidence-rows.ts'
import { readEvidenceFiles } from '../evidence/store/evidence-store.ts'
import { findIncident, listIncidents, readChildren } from './store/incident-store.ts'
import { toPage } from '../database/paging.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { readEvidence } from './incident-changes.ts'
import { viewRemedies } from './remedy-history.ts'
import { evidenceOf } from './incident-facts.ts'

/** An outage of the platform has thousands: answers stay small, `GET /devices` has them all. */
const MAX_CHILDREN = 500

const toIncident = (row: IncidentRow, children: readonly string[], files: readonly EvidenceFileRow[] = []): Incident => ({
  id: row.id,
  kind: row.kind,
  signal: row.signal,
  component: row.component === '' ? null : row.component,
  customerId: row.customer_id,
  siteId: row.site_id,
  deviceId: row.device_id,
  state: row.state,
  level: row.level,
  text: row.text,
  unstable: row.unstable === 1,
  ticketId: row.ticket_id,
  parentId: row.parent_id,
  childCount: children.length,
  children: children.slice(0, MAX_CHILDREN),
  why: JSON.parse(row.why) as string[],
  evidence: evidenceOf(row, files),
  remedies: viewRemedies(row),
  ladder: row.ladder,
  startedAt: new Date(row.started_at).toISOString(),
  endedAt: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
})

/** Makes the reader of incidents. */
export function makeIncidentReader({ db }: { db: Database }) {
  const one = async (id: string): Promise<IncidentRow> => {
    const row = await findIncident(db, id)
    if (!row) throw notFound('incident')
    return row
  }
  return {
    /** Whose incident it is (null = of the whole platform), and the partner its ticket was given to. Throws not-found. */
    async ownerOf(id: string): Promise<{ customerId: string | null; partnerId: string | null }> {
      const row = await one(id)
      const ticket = row.ticket_id === null ? null : await findTicket(db, row.ticket_id)
      return { customerId: row.customer_id, partnerId: ticket?.partner_id ?? null }
    },
    async read(id: string): Promise<Incident> {
      const row = await one(id)
      return toIncident(row, (await readChildren(db, [id])).get(id) ?? [], (await readEvidenceFiles(db, [id])).get(id))
    },
    async list(query: IncidentQuery & { scope: readonly string[] | null }): Promise<Page<Incident>> {
      const limit = query.limit ?? 50
      const key = query.signal === undefined ? undefined : splitSignalKey(query.signal)
      const { rows, total } = await listIncidents(db, { ...query, signal: key?.signal, component: key?.component, limit })
      const ids = rows.map(row => row.id)
      const children = await readChildren(db, ids)
      const files = await readEvidenceFiles(db, ids)
      return toPage(
        rows,
        limit,
        total,
        row => toIncident(row, children.get(row.id) ?? [], files.get(row.id)),
        row => [row.started_at, row.id] as const,
      )
    },
    /** One piece of evidence as the device sent it. Throws not-found. */
    async evidence(id: string, evidenceId: string): Promise<{ id: string; kind: string; at: string; data: unknown }> {
      const item = readEvidence(await one(id)).find(kept => kept.id === evidenceId)
      if (!item) throw notFound('evidence')
      return { ...item, at: new Date(item.at).toISOString() }
    },
  }
}
export type IncidentReader = ReturnType<typeof makeIncidentReader>
