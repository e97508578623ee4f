/** What customers thought: the question by its link, the answer on the ticket, and the months of a customer. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { AnswerInput, Question, SatisfactionMonth, TicketSatisfaction } from '../../shared/api/satisfaction/satisfaction-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { Satisfaction } from './satisfaction.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyReply } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

const Token = Type.Object({ token: Type.String({ maxLength: 100 }) })
const tags = ['satisfaction']
const byLink = { access: 'public', rateLimit: { max: 30, timeWindow: 60_000 } } as const
/** The address is the secret: nothing keeps it, nobody is told it. */
const quiet = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')

/** Routes of satisfaction. */
export function satisfactionRoutes(deps: { satisfaction: Satisfaction; ticketOwner: Ticketing['ownerOf'] }) {
  const { satisfaction } = deps
  return (app: App): void => {
    app.get(
      '/satisfaction/:token',
      { config: byLink, schema: { tags, summary: 'The question of a letter', security: [], params: Token, response: { 200: Question } } },
      async (request, reply) => {
        quiet(reply)
        return satisfaction.read(request.params.token)
      },
    )
    app.post(
      '/satisfaction/:token',
      {
        config: byLink,
        schema: { tags, summary: 'Answer it, once', security: [], params: Token, body: AnswerInput, response: { 200: Question } },
      },
      async (request, reply) => {
        quiet(reply)
        return satisfaction.answer(request.params.token, request.body)
      },
    )
    app.get(
      '/tickets/:id/satisfaction',
      { config: { access: 'read' }, schema: { tags, params: Id, response: { 200: TicketSatisfaction } } },
      async request => {
        const owner = await deps.ticketOwner(request.params.id)
        if (!owner) throw notFound('ticket')
        mustSeeCustomer(callerOf(request), owner.customer_id, 'ticket')
        return satisfaction.ofTicket(request.params.id)
      },
    )
    app.get(
      '/customers/:id/satisfaction',
      {
        config: { access: 'read' },
        schema: { tags, summary: 'The last twelve months', params: Id, response: { 200: ListOf(SatisfactionMonth) } },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const items = await satisfaction.months(request.params.id)
        return { items, total: items.length, next: null }
      },
    )
  }
}
