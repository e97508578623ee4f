/** Incidents and the evidence kept with them. */
import { Type } from 'typebox'
import { EvidenceDetail, Incident, IncidentQuery } from '../../shared/api/incidents/incident-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { customerScope, mustSeeCustomer, roleMay } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { IncidentReader } from './incident-view.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

const EvidenceId = Type.Object({ id: Type.String({ maxLength: 64 }), evidenceId: Type.String({ maxLength: 64 }) })

/** Routes of incidents. One of the whole platform belongs to no customer and is for staff. */
export function incidentRoutes({ incidents }: { incidents: IncidentReader }) {
  const mustSee = async (request: FastifyRequest, id: string): Promise<void> => {
    const caller = callerOf(request)
    const { customerId, partnerId } = await incidents.ownerOf(id)
    if (caller.role === 'partner' && caller.partnerId !== null && caller.partnerId === partnerId) return
    if (customerId !== null) mustSeeCustomer(caller, customerId, 'incident')
    else if (!roleMay(caller.role, 'staff')) throw notFound('incident')
  }
  return (app: App): void => {
    app.get(
      '/incidents',
      { config: { access: 'read' }, schema: { tags: ['incidents'], querystring: IncidentQuery, response: { 200: ListOf(Incident) } } },
      request => incidents.list({ ...request.query, scope: customerScope(callerOf(request)) }),
    )
    app.get(
      '/incidents/:id',
      { config: { access: 'read' }, schema: { tags: ['incidents'], params: Id, response: { 200: Incident } } },
      async request => {
        await mustSee(request, request.params.id)
        return incidents.read(request.params.id)
      },
    )
    app.get(
      '/incidents/:id/evidence/:evidenceId',
      {
        config: { access: 'read' },
        schema: {
          tags: ['incidents'],
          summary: 'One piece of evidence as the device sent it',
          params: EvidenceId,
          response: { 200: EvidenceDetail },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        return incidents.evidence(request.params.id, request.params.evidenceId)
      },
    )
  }
}
