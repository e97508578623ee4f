/** Tickets beyond their plan: mark, offer, decide. */
import type { FastifyRequest } from 'fastify'
import { OfferDecision, OutOfScopeInput, TicketScope } from '../../shared/api/tickets/scope-api.ts'
import { forbidden, mustSeeCustomer, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { TicketScopes } from './ticket-scope.ts'
import type { Author } from './ticket-context.ts'
import type { Ticketing } from './tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const authorOf = (caller: Caller): Author => ({ author_kind: caller.role === 'customer' ? 'customer' : 'person', author_name: caller.name })

/** What the desk noted at a decision is for colleagues. */
function shownTo(caller: Caller, scope: TicketScope): TicketScope {
  return caller.role === 'customer' ? { ...scope, offers: scope.offers.map(offer => ({ ...offer, note: null })) } : scope
}

/** Routes of scope. */
export function scopeRoutes(deps: { scopes: TicketScopes; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { scopes, ticketOwner, audit } = deps
  const begin = async (request: FastifyRequest, id: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await ticketOwner(id)
    if (!owner) throw notFound('ticket')
    mustSeeCustomer(caller, owner.customer_id, 'ticket')
    return caller
  }
  return (app: App): void => {
    app.get(
      '/tickets/:id/scope',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Whether the plan covers it, and what was offered',
          params: Id,
          response: { 200: TicketScope },
        },
      },
      async request => {
        return shownTo(await begin(request, request.params.id), await scopes.view(request.params.id))
      },
    )
    app.post(
      '/tickets/:id/scope',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['tickets'],
          summary: 'Mark it as out of scope and offer something instead',
          params: Id,
          body: OutOfScopeInput,
          response: { 200: TicketScope },
        },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const answer = await scopes.exclude(request.params.id, request.body, authorOf(caller))
        await audit(caller, 'ticket.out-of-scope', { kind: 'ticket', id: request.params.id }, request.body)
        return answer
      },
    )
    app.delete(
      '/tickets/:id/scope',
      {
        config: { access: 'desk' },
        schema: { tags: ['tickets'], summary: 'It is covered after all', params: Id, response: { 200: TicketScope } },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const answer = await scopes.include(request.params.id, authorOf(caller))
        await audit(caller, 'ticket.in-scope', { kind: 'ticket', id: request.params.id })
        return answer
      },
    )
    app.post(
      '/tickets/:id/offer/decision',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Accept or decline billable work: the customer, or the desk for it',
          params: Id,
          body: OfferDecision,
          response: { 200: TicketScope },
        },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        if (caller.role === 'viewer') throw forbidden('The role viewer may not decide for customers.')
        const answer = await scopes.decide(request.params.id, request.body, authorOf(caller))
        await audit(caller, 'ticket.offer', { kind: 'ticket', id: request.params.id }, request.body)
        return shownTo(caller, answer)
      },
    )
  }
}
