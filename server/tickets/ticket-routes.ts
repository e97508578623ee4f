/** Tickets: register, list, write, move, history. */
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import {
  ApprovalInput,
  MessageAnswer,
  MessageInput,
  Ticket,
  TicketClockEvent,
  TicketCounts,
  TicketInput,
  TicketPatch,
  TicketQuery,
  TicketTimelineItem,
  TransitionInput,
} from '../../shared/api/tickets/ticket-api.ts'
import { customerScope, forbidden, mustSeeCustomer, roleMay, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Ticketing } from './tickets.ts'
import { readExpected } from './expected-version.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { fileOwner } from '../attachments/attachment-http.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

const isStaff = (caller: Caller): boolean => roleMay(caller.role, 'staff')

/** What a caller's lists are limited to. */
const seenBy = (caller: Caller) => ({
  scope: customerScope(caller),
  partnerOnly: caller.role === 'partner' ? (caller.partnerId ?? '') : null,
})

/** Who writes: staff may log the word of others, everybody else speaks for themselves. */
function authorOf(caller: Caller, asked?: 'person' | 'customer' | 'partner') {
  if (caller.role === 'customer' || caller.role === 'partner') return { author_kind: caller.role, author_name: caller.name }
  return { author_kind: asked ?? 'person', author_name: asked === undefined || asked === 'person' ? caller.name : null }
}

/** Routes of tickets. */
export function ticketRoutes({ ticketing, audit }: { ticketing: Ticketing; audit: AuditNote }) {
  const mustSee = async (request: FastifyRequest, id: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await ticketing.ownerOf(id)
    if (!owner || (caller.role === 'partner' && owner.partner_id !== caller.partnerId)) throw notFound('ticket')
    if (caller.role !== 'partner') mustSeeCustomer(caller, owner.customer_id, 'ticket')
    return caller
  }
  return (app: App): void => {
    app.get(
      '/tickets/counts',
      {
        config: { access: 'read' },
        schema: { tags: ['tickets'], summary: 'How many are open, and overdue', response: { 200: TicketCounts } },
      },
      request => ticketing.counts(seenBy(callerOf(request))),
    )
    app.get(
      '/tickets',
      { config: { access: 'read' }, schema: { tags: ['tickets'], querystring: TicketQuery, response: { 200: ListOf(Ticket) } } },
      request => ticketing.list({ ...request.query, ...seenBy(callerOf(request)) }),
    )
    app.post(
      '/tickets',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Register a ticket; limits of the plan flag it, never refuse it',
          body: TicketInput,
          response: { 201: Ticket },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        if (caller.role !== 'customer' && !roleMay(caller.role, 'desk'))
          throw forbidden(`The role ${caller.role} may not register tickets.`)
        mustSeeCustomer(caller, request.body.customerId, 'customer')
        if (!isStaff(caller) && request.body.at !== undefined) throw forbidden('Only staff may log something that was said earlier.')
        const ticket = await ticketing.register(request.body, {
          author_kind: caller.role === 'customer' ? 'customer' : 'person',
          author_name: caller.name,
        })
        await audit(caller, 'ticket.create', { kind: 'ticket', id: ticket.id })
        return reply.code(201).send(ticket)
      },
    )
    app.get(
      '/tickets/:id',
      { config: { access: 'read' }, schema: { tags: ['tickets'], params: Id, response: { 200: Ticket } } },
      async (request, reply) => {
        await mustSee(request, request.params.id)
        const ticket = await ticketing.read(request.params.id)
        return reply.header('etag', `"${ticket.version}"`).send(ticket)
      },
    )
    app.patch(
      '/tickets/:id',
      { config: { access: 'desk' }, schema: { tags: ['tickets'], params: Id, body: TicketPatch, response: { 200: Ticket } } },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const expected = readExpected(request.headers['if-match'], request.body.version)
        const ticket = await ticketing.patch(request.params.id, request.body, authorOf(caller), expected)
        await audit(caller, 'ticket.update', { kind: 'ticket', id: ticket.id }, request.body)
        return ticket
      },
    )
    app.post(
      '/tickets/:id/messages',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Write on a ticket; a public word by a person meets the response clock',
          params: Id,
          body: MessageInput,
          response: { 201: MessageAnswer },
        },
      },
      async (request, reply) => {
        const caller = await mustSee(request, request.params.id)
        if (caller.role === 'viewer') throw forbidden('The role viewer may not write on tickets.')
        if (!isStaff(caller) && request.body.visibility !== 'public') throw forbidden('Internal notes are for staff.')
        if (!isStaff(caller) && request.body.at !== undefined) throw forbidden('Only staff may log something that was said earlier.')
        const { messageId, ticket } = await ticketing.write(
          request.params.id,
          { ...request.body, filesOf: fileOwner(caller) },
          authorOf(caller, request.body.author?.kind),
        )
        return reply.code(201).send({ id: messageId, ticket })
      },
    )
    app.post(
      '/tickets/:id/transitions',
      {
        config: { access: 'desk' },
        schema: { tags: ['tickets'], summary: 'Move to another status', params: Id, body: TransitionInput, response: { 200: Ticket } },
      },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const expected = readExpected(request.headers['if-match'], request.body.version)
        const ticket = await ticketing.move(request.params.id, request.body, authorOf(caller), expected)
        await audit(caller, 'ticket.move', { kind: 'ticket', id: ticket.id }, request.body)
        return ticket
      },
    )
    app.post(
      '/tickets/:id/approve',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['tickets'],
          summary: 'Take on a case beyond the quota: its clocks run from now',
          params: Id,
          body: ApprovalInput,
          response: { 200: Ticket },
        },
      },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const ticket = await ticketing.approve(request.params.id, request.body, authorOf(caller))
        await audit(caller, 'ticket.approve', { kind: 'ticket', id: ticket.id }, request.body)
        return ticket
      },
    )
    app.get(
      '/tickets/:id/clock-events',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['tickets'],
          summary: 'How the due times came about: each start, pause, change, step and end of its clocks, oldest first',
          params: Id,
          response: { 200: ListOf(TicketClockEvent) },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        const items = await ticketing.clockEvents(request.params.id)
        return { items, total: items.length, next: null }
      },
    )
    app.get(
      '/tickets/:id/timeline',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Everything that happened, newest first',
          params: Id,
          querystring: ListQuery({}),
          response: { 200: ListOf(TicketTimelineItem) },
        },
      },
      async request => {
        const caller = await mustSee(request, request.params.id)
        return ticketing.timeline(request.params.id, {
          isPublicOnly: !isStaff(caller),
          limit: request.query.limit ?? 50,
          cursor: request.query.cursor,
        })
      },
    )
  }
}
