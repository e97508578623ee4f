/** Major incidents: for staff alone. What customers hear of one is a message on their own ticket. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import {
  Major,
  MajorAnswer,
  MajorDetail,
  MajorInput,
  MajorMessageInput,
  MajorNoteInput,
  MajorQuery,
  MajorTicketsInput,
  MajorTicketsOpened,
  MajorTicketsToOpen,
} from '../../shared/api/majors/major-api.ts'
import { invalidInput } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Majors } from './majors.ts'
import type { TicketRelations } from '../tickets/ticket-relations.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const Two = Type.Object({ id: Type.String({ maxLength: 64 }), ticketId: Type.String({ maxLength: 64 }) })

/** Routes of major incidents. */
export function majorRoutes(deps: { majors: Majors; relations: Pick<TicketRelations, 'idOf'>; audit: AuditNote }) {
  const { majors, relations, audit } = deps
  const idsOf = async (names: readonly string[]): Promise<string[]> => {
    const ids = await Promise.all(names.map(relations.idOf))
    const errors = ids.flatMap((id, index) => (id === null ? [{ path: `body/ticketIds/${index}`, message: 'is not a ticket' }] : []))
    if (errors.length > 0) throw invalidInput(errors)
    return ids.flatMap(id => id ?? [])
  }
  return (app: App): void => {
    app.get(
      '/majors',
      { config: { access: 'staff' }, schema: { tags: ['majors'], querystring: MajorQuery, response: { 200: ListOf(Major) } } },
      request => majors.list(request.query, callerOf(request)),
    )
    app.post(
      '/majors',
      {
        config: { access: 'desk', isForAll: true },
        schema: {
          tags: ['majors'],
          summary: 'Raise one from tickets, or from an incident of a site or the platform',
          body: MajorInput,
          response: { 201: MajorDetail },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { ticketIds, ...input } = request.body
        const major = await majors.raise({ ...input, ...(ticketIds ? { ticketIds: await idsOf(ticketIds) } : {}) }, caller)
        await audit(caller, 'major.raise', { kind: 'major', id: major.id })
        return reply.code(201).send(major)
      },
    )
    app.get(
      '/majors/:id',
      { config: { access: 'staff' }, schema: { tags: ['majors'], params: Id, response: { 200: MajorDetail } } },
      request => majors.read(request.params.id, callerOf(request)),
    )
    app.post(
      '/majors/:id/tickets',
      {
        config: { access: 'desk', isForAll: true },
        schema: { tags: ['majors'], params: Id, body: MajorTicketsInput, response: { 200: MajorDetail } },
      },
      async request => {
        const caller = callerOf(request)
        const ids = await idsOf(request.body.ticketIds)
        const major = await majors.add(request.params.id, ids, caller)
        await audit(caller, 'major.tickets', { kind: 'major', id: major.id }, { added: ids })
        return major
      },
    )
    app.post(
      '/majors/:id/open-tickets',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['majors'],
          summary: 'Open a ticket for each customer its incident concerns that has none here',
          params: Id,
          body: MajorTicketsToOpen,
          response: { 200: MajorTicketsOpened },
        },
      },
      async request => {
        const caller = callerOf(request)
        const answer = await majors.openTickets(request.params.id, request.body, caller)
        await audit(caller, 'major.tickets', { kind: 'major', id: request.params.id }, { opened: answer.opened })
        return answer
      },
    )
    app.delete(
      '/majors/:id/tickets/:ticketId',
      { config: { access: 'desk' }, schema: { tags: ['majors'], params: Two, response: { 200: MajorDetail } } },
      async request => {
        const caller = callerOf(request)
        const { id, ticketId } = request.params
        const major = await majors.remove(id, ticketId, caller)
        await audit(caller, 'major.tickets', { kind: 'major', id }, { removed: ticketId })
        return major
      },
    )
    app.post(
      '/majors/:id/messages',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['majors'],
          summary: 'One message to all whose plan has major incident communication, each on its own ticket',
          params: Id,
          body: MajorMessageInput,
          response: { 200: MajorAnswer },
        },
      },
      async request => {
        const caller = callerOf(request)
        const answer = await majors.tell(request.params.id, request.body, caller)
        await audit(caller, 'major.tell', { kind: 'major', id: request.params.id }, { told: answer.told })
        return answer
      },
    )
    app.post(
      '/majors/:id/notes',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['majors'],
          summary: 'A word between colleagues',
          params: Id,
          body: MajorNoteInput,
          response: { 200: MajorDetail },
        },
      },
      request => majors.remark(request.params.id, request.body.text, callerOf(request)),
    )
    app.post(
      '/majors/:id/end',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['majors'],
          summary: 'End it with a last message to all',
          params: Id,
          body: MajorMessageInput,
          response: { 200: MajorAnswer },
        },
      },
      async request => {
        const caller = callerOf(request)
        const answer = await majors.end(request.params.id, request.body, caller)
        await audit(caller, 'major.end', { kind: 'major', id: request.params.id }, { told: answer.told })
        return answer
      },
    )
  }
}
