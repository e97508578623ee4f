/** Visits of partners: offering, following and moving them. */
import type { FastifyRequest } from 'fastify'
import { ListOf } from '../../shared/api/list.ts'
import { DispatchInput, Visit, VisitMove, VisitQuery } from '../../shared/api/visits/visit-api.ts'
import { customerScope, forbidden, mustSeeCustomer, roleMay, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import type { Visits } from './visits.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** A visit as its caller may see it: what a partner notes, how long it took and why it did not go is not for the customer. */
function shownTo(caller: Caller, visit: Visit): Visit {
  return caller.role === 'customer' ? { ...visit, reason: null, note: null, minutes: null } : visit
}

/** Routes of visits. `publicUrl` is the address links of technicians begin with. */
export function visitRoutes(deps: { visits: Visits; ticketOwner: Ticketing['ownerOf']; audit: AuditNote; publicUrl: () => string }) {
  const { visits, ticketOwner, audit, publicUrl } = deps
  const mustSee = async (request: FastifyRequest, id: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await visits.ownerOf(id)
    if (!owner || (caller.role === 'partner' && owner.partner_id !== caller.partnerId)) throw notFound('visit')
    if (caller.role !== 'partner') mustSeeCustomer(caller, owner.customer_id, 'visit')
    return caller
  }
  return (app: App): void => {
    app.post(
      '/tickets/:id/dispatch',
      {
        config: { access: 'desk' },
        schema: { tags: ['visits'], summary: 'Offer a visit to a partner', params: Id, body: DispatchInput, response: { 201: Visit } },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const owner = await ticketOwner(request.params.id)
        if (!owner) throw notFound('ticket')
        mustSeeCustomer(caller, owner.customer_id, 'ticket')
        const { visit, token } = await visits.dispatch(request.params.id, request.body, { author_kind: 'person', author_name: caller.name })
        await audit(caller, 'visit.offer', { kind: 'visit', id: visit.id }, request.body)
        return reply.code(201).send({ ...visit, link: `${publicUrl().replace(/\/$/, '')}/job/${token}` })
      },
    )
    app.get(
      '/visits',
      { config: { access: 'read' }, schema: { tags: ['visits'], querystring: VisitQuery, response: { 200: ListOf(Visit) } } },
      async request => {
        const caller = callerOf(request)
        const partnerOnly = caller.role === 'partner' ? (caller.partnerId ?? '') : null
        // Who was asked and did not go is between desk and partners.
        const hidesDeclined = caller.role === 'customer'
        const page = await visits.list({ ...request.query, scope: customerScope(caller), partnerOnly, hidesDeclined })
        return { ...page, items: page.items.map(visit => shownTo(caller, visit)) }
      },
    )
    app.get(
      '/visits/:id',
      { config: { access: 'read' }, schema: { tags: ['visits'], params: Id, response: { 200: Visit } } },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const visit = await visits.read(request.params.id)
        if (caller.role === 'customer' && visit.state === 'declined') throw notFound('visit')
        return shownTo(caller, visit)
      },
    )
    app.post(
      '/visits/:id/transitions',
      {
        config: { access: 'read' },
        schema: {
          tags: ['visits'],
          summary: 'Move a visit; it is done only when the device is well',
          params: Id,
          body: VisitMove,
          response: { 200: Visit },
        },
      },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const isPartner = caller.role === 'partner'
        if (!isPartner && !roleMay(caller.role, 'desk')) throw forbidden(`The role ${caller.role} may not move visits.`)
        const visit = await visits.move(request.params.id, request.body, {
          actor: isPartner ? 'partner' : 'desk',
          author: { author_kind: isPartner ? 'partner' : 'person', author_name: caller.name },
        })
        await audit(caller, 'visit.move', { kind: 'visit', id: visit.id }, request.body)
        return visit
      },
    )
  }
}
