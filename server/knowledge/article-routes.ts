/** Knowledge articles: for the desk, and for customers before they file a ticket. */
import { Type } from 'typebox'
import { Article, ArticleHelped, ArticleInput, ArticlePatch, ArticleQuery } from '../../shared/api/knowledge/article-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import type { Reader } from './rules/article.ts'
import { customerScope, mustSeeCustomer, roleMay, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Articles } from './articles.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const readerOf = (caller: Caller): Reader => ({ isStaff: roleMay(caller.role, 'staff'), customerIds: customerScope(caller) })
const tags = ['articles']

/** Routes of articles. */
export function articleRoutes(deps: { articles: Articles; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { articles, audit } = deps
  return (app: App): void => {
    app.get(
      '/articles',
      {
        config: { access: 'read' },
        schema: {
          tags,
          summary: 'Articles about a signal, device or ticket, best first; customers are shown public ones',
          querystring: ArticleQuery,
          response: { 200: ListOf(Article) },
        },
      },
      request => articles.find(request.query, readerOf(callerOf(request))),
    )
    app.post(
      '/articles',
      { config: { access: 'desk' }, schema: { tags, body: ArticleInput, response: { 201: Article } } },
      async (request, reply) => {
        const caller = callerOf(request)
        for (const id of request.body.customers ?? []) mustSeeCustomer(caller, id, 'customer')
        const made = await articles.create(request.body, caller.name)
        await audit(caller, 'article.create', { kind: 'article', id: made.id }, { title: made.title })
        return reply.code(201).send(made)
      },
    )
    app.get('/articles/:id', { config: { access: 'read' }, schema: { tags, params: Id, response: { 200: Article } } }, request =>
      articles.read(request.params.id, readerOf(callerOf(request))),
    )
    app.patch(
      '/articles/:id',
      { config: { access: 'desk' }, schema: { tags, params: Id, body: ArticlePatch, response: { 200: Article } } },
      async request => {
        const caller = callerOf(request)
        for (const id of request.body.customers ?? []) mustSeeCustomer(caller, id, 'customer')
        const after = await articles.update(request.params.id, request.body, caller.name, readerOf(caller))
        await audit(caller, 'article.update', { kind: 'article', id: after.id }, { title: after.title })
        return after
      },
    )
    app.delete(
      '/articles/:id',
      { config: { access: 'desk' }, schema: { tags, summary: 'Take it from the shelf', params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const caller = callerOf(request)
        await articles.retire(request.params.id, caller.name, readerOf(caller))
        await audit(caller, 'article.retire', { kind: 'article', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.post(
      '/articles/:id/helped',
      {
        config: { access: 'read' },
        schema: {
          tags,
          summary: 'It helped: once a ticket, else once a caller',
          params: Id,
          body: ArticleHelped,
          response: { 200: Article },
        },
      },
      async request => {
        const caller = callerOf(request)
        const { ticketId } = request.body
        if (ticketId !== undefined) {
          const owner = await deps.ticketOwner(ticketId)
          if (!owner || (caller.role === 'partner' && owner.partner_id !== caller.partnerId)) throw notFound('ticket')
          if (caller.role !== 'partner') mustSeeCustomer(caller, owner.customer_id, 'ticket')
        }
        const who = ticketId === undefined ? `${caller.kind}:${caller.id}` : `ticket:${ticketId}`
        return articles.helped(request.params.id, who, readerOf(caller))
      },
    )
  }
}
