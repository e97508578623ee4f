/** Ties between tickets, watchers, likely duplicates, and one change of many. */
import { Type } from 'typebox'
import {
  BulkAnswer,
  BulkInput,
  DuplicateQuery,
  DuplicatesAnswer,
  HandOversAnswer,
  LinkInput,
  MergeInput,
  Relations,
  ResolvePartsInput,
  WatchInput,
} from '../../shared/api/tickets/relation-api.ts'
import { forbidden, mustSeeCustomer, seesCustomer, type Caller } from '../platform/caller.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Looker, TicketRelations } from './ticket-relations.ts'
import type { Author } from './ticket-context.ts'
import type { Ticketing } from './tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

const Two = Type.Object({ id: Type.String({ maxLength: 64 }), otherId: Type.String({ maxLength: 64 }) })
const authorOf = (caller: Caller): Author => ({ author_kind: 'person', author_name: caller.name })
const lookerOf = (caller: Caller): Looker => ({
  userId: caller.kind === 'user' ? caller.id : null,
  sees: customerId => seesCustomer(caller, customerId),
})

/** Routes of relations. */
export function relationRoutes(deps: { relations: TicketRelations; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { relations, ticketOwner, audit } = deps
  const mustSee = async (caller: Caller, ticketId: string): Promise<void> => {
    const owner = await ticketOwner(ticketId)
    if (!owner) throw notFound('ticket')
    mustSeeCustomer(caller, owner.customer_id, 'ticket')
  }
  /** The other ticket by id or reference: one the caller may not see is not there. */
  const otherOf = async (caller: Caller, name: string, path: string): Promise<string> => {
    const id = await relations.idOf(name)
    const owner = id === null ? null : await ticketOwner(id)
    if (id === null || !owner || !seesCustomer(caller, owner.customer_id))
      throw invalidInput([{ path, message: 'is not a ticket that you can see' }])
    return id
  }
  const begin = async (request: FastifyRequest, id: string): Promise<Caller> => {
    const caller = callerOf(request)
    await mustSee(caller, id)
    return caller
  }
  return (app: App): void => {
    app.get(
      '/tickets/duplicates',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Open tickets of the customer that a report may repeat',
          querystring: DuplicateQuery,
          response: { 200: DuplicatesAnswer },
        },
      },
      async request => {
        const caller = callerOf(request)
        if (caller.role === 'partner') throw forbidden('The role partner may not do this.')
        mustSeeCustomer(caller, request.query.customerId, 'customer')
        return { items: await relations.duplicatesOf(request.query) }
      },
    )
    app.post(
      '/tickets/bulk',
      {
        config: { access: 'desk' },
        schema: { tags: ['tickets'], summary: 'The same change of many tickets', body: BulkInput, response: { 200: BulkAnswer } },
      },
      async request => {
        const caller = callerOf(request)
        const { ticketIds, ...change } = request.body
        const seen: string[] = []
        for (const id of ticketIds) {
          const owner = await ticketOwner(id)
          if (owner && seesCustomer(caller, owner.customer_id)) seen.push(id)
        }
        if (change.assignee === undefined && change.level === undefined && change.to === undefined)
          throw invalidInput([{ path: 'body', message: 'needs assignee, level or to' }])
        const answer = await relations.changeMany({ ticketIds: seen, ...change }, authorOf(caller))
        const unseen = ticketIds.filter(id => !seen.includes(id))
        for (const id of answer.done) await audit(caller, 'ticket.update', { kind: 'ticket', id }, change)
        return {
          done: answer.done,
          refused: [...answer.refused, ...unseen.map(ticketId => ({ ticketId, slug: 'not-found', detail: notFound('ticket').message }))],
        }
      },
    )
    app.get(
      '/tickets/:id/relations',
      {
        config: { access: 'staff' },
        schema: { tags: ['tickets'], summary: 'What it is tied to', params: Id, response: { 200: Relations } },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.get(
      '/tickets/:id/hand-overs',
      {
        config: { access: 'staff' },
        schema: { tags: ['tickets'], summary: 'Who had it, when, and why', params: Id, response: { 200: HandOversAnswer } },
      },
      async request => {
        await begin(request, request.params.id)
        return { items: await relations.handOvers(request.params.id) }
      },
    )
    app.post(
      '/tickets/:id/merge',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['tickets'],
          summary: 'It goes on in another ticket of the customer; later words are kept there',
          params: Id,
          body: MergeInput,
          response: { 200: Relations },
        },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const intoTicketId = await otherOf(caller, request.body.intoTicketId, 'body/intoTicketId')
        await relations.merge(request.params.id, { ...request.body, intoTicketId }, authorOf(caller))
        await audit(caller, 'ticket.merge', { kind: 'ticket', id: request.params.id }, { intoTicketId })
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.delete(
      '/tickets/:id/merge',
      {
        config: { access: 'desk' },
        schema: { tags: ['tickets'], summary: 'Undo a merge within the hour', params: Id, response: { 200: Relations } },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        await relations.unmerge(request.params.id, authorOf(caller))
        await audit(caller, 'ticket.unmerge', { kind: 'ticket', id: request.params.id })
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.post(
      '/tickets/:id/links',
      {
        config: { access: 'desk' },
        schema: { tags: ['tickets'], summary: 'Tie it to another ticket', params: Id, body: LinkInput, response: { 200: Relations } },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const ticketId = await otherOf(caller, request.body.ticketId, 'body/ticketId')
        await relations.link(request.params.id, { ...request.body, ticketId }, authorOf(caller))
        await audit(caller, 'ticket.link', { kind: 'ticket', id: request.params.id }, { kind: request.body.kind, ticketId })
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.delete(
      '/tickets/:id/links/:otherId',
      { config: { access: 'desk' }, schema: { tags: ['tickets'], summary: 'Untie it', params: Two, response: { 200: Relations } } },
      async request => {
        const caller = await begin(request, request.params.id)
        await relations.unlink(request.params.id, request.params.otherId, authorOf(caller))
        await audit(caller, 'ticket.unlink', { kind: 'ticket', id: request.params.id }, { linkId: request.params.otherId })
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.post(
      '/tickets/:id/parts/resolve',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['tickets'],
          summary: 'Resolve every open part of it, each told in its own ticket',
          params: Id,
          body: ResolvePartsInput,
          response: { 200: Relations },
        },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const ids = await relations.resolveParts(request.params.id, request.body, authorOf(caller))
        for (const id of ids) await audit(caller, 'ticket.move', { kind: 'ticket', id }, { to: 'resolved', parentId: request.params.id })
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.post(
      '/tickets/:id/watchers',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['tickets'],
          summary: 'Somebody of the staff or a named contact watches; without a name the caller',
          params: Id,
          body: WatchInput,
          response: { 200: Relations },
        },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        const { userId, contactId } = request.body
        if (userId !== undefined && contactId !== undefined)
          throw invalidInput([{ path: 'body/contactId', message: 'cannot come with userId: one of the two' }])
        const own = caller.kind === 'user' ? caller.id : undefined
        if (caller.role === 'viewer' && (contactId !== undefined || (userId ?? own) !== own))
          throw forbidden('The role viewer may watch tickets, and add nobody else.')
        const id = userId ?? own
        if (contactId === undefined && id === undefined)
          throw invalidInput([{ path: 'body/userId', message: 'is needed: a token is no person who could be told' }])
        await relations.watch(request.params.id, contactId === undefined ? { userId: id ?? '' } : { contactId }, authorOf(caller))
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
    app.delete(
      '/tickets/:id/watchers/:otherId',
      {
        config: { access: 'staff' },
        schema: { tags: ['tickets'], summary: 'Watches no longer', params: Two, response: { 200: Relations } },
      },
      async request => {
        const caller = await begin(request, request.params.id)
        if (caller.role === 'viewer') throw forbidden('The role viewer may not take anybody off.')
        await relations.unwatch(request.params.id, request.params.otherId, authorOf(caller))
        return relations.view(request.params.id, lookerOf(caller))
      },
    )
  }
}
