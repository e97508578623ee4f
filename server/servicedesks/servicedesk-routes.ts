/** Links to clients' servicedesks, what waits on them for a person, and their webhooks. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import {
  ChangedServicedeskLink,
  ExternalTicket,
  ParkedChange,
  ServicedeskHealth,
  ServicedeskLink,
  ServicedeskLinkInput,
  ServicedeskLinkPatch,
  ServicedeskLinkQuery,
  ServicedeskTest,
} from '../../shared/api/servicedesks/servicedesk-api.ts'
import { Closed, OneOf, Id } from '../../shared/schema-pieces.ts'
import { customerScope, mustSeeCustomer, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { SyncDecisions } from './sync-decisions.ts'
import type { SyncHook } from './sync-hook.ts'
import type { SyncLinks } from './sync-links.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'

const ChangeId = Type.Object({ id: Type.String({ maxLength: 64 }), changeId: Type.String({ maxLength: 64 }) })
const HookAddress = Type.Object({ id: Type.String({ maxLength: 64 }), secret: Type.String({ maxLength: 100 }) })
const tags = ['servicedesks']
const HOOK_BYTES = 1024 * 1024

export type ServicedeskRouteDeps = {
  links: SyncLinks
  decisions: SyncDecisions
  hook: SyncHook
  ticketOwner(ticketId: string): Promise<{ customer_id: string } | null>
  audit: AuditNote
}

/** Routes of links. */
export function servicedeskRoutes({ links, decisions, hook, ticketOwner, audit }: ServicedeskRouteDeps) {
  const mustSee = async (request: FastifyRequest, id: string): Promise<Caller> => {
    const caller = callerOf(request)
    mustSeeCustomer(caller, await links.customerOf(id), 'servicedesk link')
    return caller
  }
  return async (app: App): Promise<void> => {
    app.get(
      '/servicedesk-links',
      {
        config: { access: 'staff' },
        schema: {
          tags,
          summary: 'Links to clients’ servicedesks with their health',
          querystring: ServicedeskLinkQuery,
          response: { 200: ListOf(ServicedeskLink) },
        },
      },
      request => links.list({ ...request.query, limit: request.query.limit ?? 50, scope: customerScope(callerOf(request)) }),
    )
    app.post(
      '/servicedesk-links',
      {
        config: { access: 'manage' },
        schema: {
          tags,
          summary: 'Make a link, switched off; secrets are written and never read',
          body: ServicedeskLinkInput,
          response: { 201: ChangedServicedeskLink },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeCustomer(caller, request.body.customerId, 'customer')
        const made = await links.create(request.body)
        const { secrets: _, ...rest } = request.body
        await audit(caller, 'servicedesk.create', { kind: 'servicedesk', id: made.id }, rest)
        return reply.code(201).send(made)
      },
    )
    app.get(
      '/servicedesk-links/:id',
      { config: { access: 'staff' }, schema: { tags, params: Id, response: { 200: ServicedeskLink } } },
      async request => {
        await mustSee(request, request.params.id)
        return links.read(request.params.id)
      },
    )
    app.patch(
      '/servicedesk-links/:id',
      {
        config: { access: 'manage' },
        schema: {
          tags,
          summary: 'Change a link; switching it on tries it first',
          params: Id,
          body: ServicedeskLinkPatch,
          response: { 200: ChangedServicedeskLink },
        },
      },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const after = await links.update(request.params.id, request.body)
        const { secrets: _, ...rest } = request.body
        await audit(caller, 'servicedesk.update', { kind: 'servicedesk', id: after.id }, rest)
        return after
      },
    )
    app.delete(
      '/servicedesk-links/:id',
      {
        config: { access: 'manage' },
        schema: { tags, summary: 'Forget a link; tickets stay on both sides', params: Id, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const caller = await mustSee(request, request.params.id)
        await links.remove(request.params.id)
        await audit(caller, 'servicedesk.delete', { kind: 'servicedesk', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.post(
      '/servicedesk-links/:id/test',
      { config: { access: 'manage' }, schema: { tags, summary: 'Try login and settings', params: Id, response: { 200: ServicedeskTest } } },
      async request => {
        await mustSee(request, request.params.id)
        return links.test(request.params.id)
      },
    )
    app.get(
      '/servicedesk-links/:id/health',
      { config: { access: 'staff' }, schema: { tags, params: Id, response: { 200: ServicedeskHealth } } },
      async request => {
        await mustSee(request, request.params.id)
        return links.health(request.params.id)
      },
    )
    app.get(
      '/servicedesk-links/:id/parked',
      {
        config: { access: 'staff' },
        schema: {
          tags,
          summary: 'What was refused and waits for a person, oldest first',
          params: Id,
          response: { 200: ListOf(ParkedChange) },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        return decisions.parked(request.params.id)
      },
    )
    for (const [verb, to] of [
      ['retry', 'pending'],
      ['drop', 'dropped'],
    ] as const)
      app.post(
        `/servicedesk-links/:id/parked/:changeId/${verb}`,
        {
          config: { access: 'desk' },
          schema: { tags, summary: verb === 'retry' ? 'Try it again now' : 'Give it up', params: ChangeId, response: { 204: Type.Null() } },
        },
        async (request, reply) => {
          const { id, changeId } = request.params
          const caller = await mustSee(request, id)
          await decisions.decide(id, changeId, to)
          await audit(caller, `servicedesk.${verb}`, { kind: 'servicedesk', id }, { changeId })
          return reply.code(204).send(null)
        },
      )
    app.get(
      '/tickets/:id/external',
      {
        config: { access: 'read' },
        schema: { tags, summary: 'Where a ticket is at clients’ servicedesks', params: Id, response: { 200: ListOf(ExternalTicket) } },
      },
      async request => {
        const owner = await ticketOwner(request.params.id)
        if (!owner) throw notFound('ticket')
        mustSeeCustomer(callerOf(request), owner.customer_id, 'ticket')
        const items = await decisions.ofTicket(request.params.id)
        return { items, total: items.length, next: null }
      },
    )
    await app.register(scope => {
      const hooks = scope as unknown as App
      // The signature is over the very bytes, whatever kind they say they are.
      hooks.removeAllContentTypeParsers()
      hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: HOOK_BYTES }, (_request, body, done) => done(null, body))
      hooks.post(
        '/sync/:id/:secret',
        {
          config: { access: 'public', rateLimit: { max: 1200, timeWindow: 60_000 } },
          bodyLimit: HOOK_BYTES,
          schema: {
            tags,
            summary: 'Webhook of a client’s servicedesk: kept and answered at once',
            security: [],
            params: HookAddress,
            response: { 202: Closed({ outcome: OneOf(['kept', 'repeated', 'nothing', 'off']) }) },
          },
        },
        async (request, reply) => {
          const { id, secret } = request.params
          const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          const headers = Object.fromEntries(
            Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
          )
          const outcome = await hook.receive(id, secret, raw, headers)
          return reply.code(202).header('cache-control', 'no-store').send({ outcome })
        },
      )
    })
  }
}
