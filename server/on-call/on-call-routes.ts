/** Who is on call, the calls they got, and taking one: by login, or by the link of a call. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { OnCallAlert, OnCallAlertQuery, OnCallCall, Rota, RotaInput } from '../../shared/api/on-call/on-call-api.ts'
import { customerScope, forbidden, mustSeeCustomer, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { OnCall } from './on-call.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const Token = Type.Object({ token: Type.String({ maxLength: 100 }) })
const tags = ['on-call']
const byLink = { access: 'public', rateLimit: { max: 60, timeWindow: 60_000 } } as const

/** A rota is for everybody or for several customers: it is for those who see every customer. */
function mustSeeAll(caller: Caller): void {
  if (customerScope(caller) !== null) throw forbidden('Rotas are for managers who see every customer.')
}

/** Routes of on-call. */
export function onCallRoutes(deps: { onCall: OnCall; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { onCall, audit } = deps
  return (app: App): void => {
    app.get('/on-call', { config: { access: 'staff' }, schema: { tags, response: { 200: ListOf(Rota) } } }, async request => {
      const items = await onCall.list(customerScope(callerOf(request)))
      return { items, total: items.length, next: null }
    })
    app.post(
      '/on-call',
      { config: { access: 'manage' }, schema: { tags, body: RotaInput, response: { 201: Rota } } },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        const made = await onCall.create(request.body, caller.name)
        await audit(caller, 'on-call.create', { kind: 'rota', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.put(
      '/on-call/:id',
      { config: { access: 'manage' }, schema: { tags, params: Id, body: RotaInput, response: { 200: Rota } } },
      async request => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        const after = await onCall.replace(request.params.id, request.body, caller.name)
        await audit(caller, 'on-call.update', { kind: 'rota', id: after.id }, request.body)
        return after
      },
    )
    app.delete(
      '/on-call/:id',
      { config: { access: 'manage' }, schema: { tags, params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        await onCall.remove(request.params.id)
        await audit(caller, 'on-call.delete', { kind: 'rota', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.get(
      '/on-call/alerts',
      {
        config: { access: 'staff' },
        schema: {
          tags,
          summary: 'Tickets for which people on call were asked',
          querystring: OnCallAlertQuery,
          response: { 200: ListOf(OnCallAlert) },
        },
      },
      request => onCall.alerts({ ...request.query, scope: customerScope(callerOf(request)) }),
    )
    app.post(
      '/tickets/:id/on-call/acknowledge',
      { config: { access: 'desk' }, schema: { tags, summary: 'Take the call', params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const caller = callerOf(request)
        const owner = await deps.ticketOwner(request.params.id)
        if (!owner) throw notFound('ticket')
        mustSeeCustomer(caller, owner.customer_id, 'ticket')
        await onCall.acknowledge(request.params.id, caller.name)
        await audit(caller, 'on-call.acknowledge', { kind: 'ticket', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.get(
      '/on-call/calls/:token',
      { config: byLink, schema: { tags, summary: 'One call by its link', security: [], params: Token, response: { 200: OnCallCall } } },
      async (request, reply) => {
        void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
        return onCall.read(request.params.token)
      },
    )
    app.post(
      '/on-call/calls/:token/acknowledge',
      { config: byLink, schema: { tags, summary: 'Take the call', security: [], params: Token, response: { 200: OnCallCall } } },
      async (request, reply) => {
        void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
        return onCall.acknowledgeByLink(request.params.token)
      },
    )
  }
}
