/** Defects: for staff alone. What customers hear of one is a message on their ticket. */
import { Type } from 'typebox'
import {
  Defect,
  DefectComment,
  DefectDetail,
  DefectInput,
  DefectLetter,
  DefectLetterAnswer,
  DefectLetterInput,
  DefectLetterQuery,
  DefectPatch,
  DefectQuery,
  DefectTicketInput,
} from '../../shared/api/defects/defect-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { seesCustomer, type Caller } from '../platform/caller.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Defects } from './defects.ts'
import type { TicketRelations } from '../tickets/ticket-relations.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const Two = Type.Object({ id: Type.String({ maxLength: 64 }), ticketId: Type.String({ maxLength: 64 }) })

/** Routes of defects. */
export function defectRoutes(deps: {
  defects: Defects
  relations: Pick<TicketRelations, 'idOf'>
  ticketOwner: Ticketing['ownerOf']
  audit: AuditNote
}) {
  const { defects, relations, ticketOwner, audit } = deps
  const ticketOf = async (caller: Caller, name: string): Promise<string> => {
    const id = await relations.idOf(name)
    const owner = id === null ? null : await ticketOwner(id)
    if (id === null || !owner || !seesCustomer(caller, owner.customer_id))
      throw invalidInput([{ path: 'body/ticketId', message: 'is not a ticket that you can see' }])
    return id
  }
  return (app: App): void => {
    app.get(
      '/defects',
      { config: { access: 'staff' }, schema: { tags: ['defects'], querystring: DefectQuery, response: { 200: ListOf(Defect) } } },
      request => defects.list(request.query, callerOf(request)),
    )
    app.post(
      '/defects',
      { config: { access: 'desk' }, schema: { tags: ['defects'], body: DefectInput, response: { 201: DefectDetail } } },
      async (request, reply) => {
        const caller = callerOf(request)
        const { ticketId, ...input } = request.body
        const found = ticketId === undefined ? {} : { ticketId: await ticketOf(caller, ticketId) }
        const defect = await defects.make({ ...input, ...found }, caller)
        await audit(caller, 'defect.create', { kind: 'defect', id: defect.id })
        return reply.code(201).send(defect)
      },
    )
    app.get(
      '/defects/:id',
      { config: { access: 'staff' }, schema: { tags: ['defects'], params: Id, response: { 200: DefectDetail } } },
      request => defects.read(request.params.id, callerOf(request)),
    )
    app.patch(
      '/defects/:id',
      { config: { access: 'desk' }, schema: { tags: ['defects'], params: Id, body: DefectPatch, response: { 200: DefectDetail } } },
      async request => {
        const caller = callerOf(request)
        const defect = await defects.patch(request.params.id, request.body, caller)
        await audit(caller, 'defect.update', { kind: 'defect', id: defect.id }, request.body)
        return defect
      },
    )
    app.post(
      '/defects/:id/comments',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['defects'],
          summary: 'A word between colleagues',
          params: Id,
          body: DefectComment,
          response: { 200: DefectDetail },
        },
      },
      request => defects.comment(request.params.id, request.body.text, callerOf(request)),
    )
    app.post(
      '/defects/:id/tickets',
      {
        config: { access: 'desk' },
        schema: { tags: ['defects'], summary: 'Link a ticket to it', params: Id, body: DefectTicketInput, response: { 200: DefectDetail } },
      },
      async request => {
        const caller = callerOf(request)
        const ticketId = await ticketOf(caller, request.body.ticketId)
        const defect = await defects.link(request.params.id, ticketId, caller)
        await audit(caller, 'defect.link', { kind: 'defect', id: defect.id }, { ticketId })
        return defect
      },
    )
    app.delete(
      '/defects/:id/tickets/:ticketId',
      { config: { access: 'desk' }, schema: { tags: ['defects'], params: Two, response: { 200: DefectDetail } } },
      async request => {
        const caller = callerOf(request)
        const { id, ticketId } = request.params
        const owner = await ticketOwner(ticketId)
        if (!owner || !seesCustomer(caller, owner.customer_id)) throw notFound('link')
        const defect = await defects.unlink(id, ticketId, caller)
        await audit(caller, 'defect.unlink', { kind: 'defect', id }, { ticketId })
        return defect
      },
    )
    app.get(
      '/defects/:id/letter',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['defects'],
          summary: 'What its customers would hear, and which have',
          params: Id,
          querystring: DefectLetterQuery,
          response: { 200: DefectLetter },
        },
      },
      request => defects.letter(request.params.id, request.query.what, callerOf(request)),
    )
    app.post(
      '/defects/:id/letter',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['defects'],
          summary: 'Write it on every linked ticket that has not heard it, as a public message of the caller',
          params: Id,
          body: DefectLetterInput,
          response: { 200: DefectLetterAnswer },
        },
      },
      async request => {
        const caller = callerOf(request)
        const answer = await defects.send(request.params.id, request.body, caller)
        await audit(caller, 'defect.tell', { kind: 'defect', id: request.params.id }, { what: request.body.what, told: answer.told })
        return answer
      },
    )
  }
}
