/** Macros of the desk, and updates drafted from live data. */
import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import { ListOf } from '../../shared/api/list.ts'
import { Macro, MacroAnswer, MacroInput, MacroPreview, MacroRun, MacroVariable, UpdateDraft } from '../../shared/api/knowledge/macro-api.ts'
import { mustSeeCustomer, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Macros } from './macros.ts'
import type { UpdateDrafts } from './ticket-text.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const OnTicket = Type.Object({ id: Type.String({ maxLength: 64 }), macroId: Type.String({ maxLength: 64 }) })
const tags = ['macros']
const staff = { access: 'staff' } as const
const desk = { access: 'desk' } as const

/** Routes of macros and drafts; all for staff. */
export function macroRoutes(deps: { macros: Macros; drafts: UpdateDrafts; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { macros, drafts, audit } = deps
  const mustSee = async (request: FastifyRequest, ticketId: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await deps.ticketOwner(ticketId)
    if (!owner) throw notFound('ticket')
    mustSeeCustomer(caller, owner.customer_id, 'ticket')
    return caller
  }
  return (app: App): void => {
    app.get('/macros', { config: staff, schema: { tags, response: { 200: ListOf(Macro) } } }, async () => {
      const items = await macros.list()
      return { items, total: items.length, next: null }
    })
    app.get(
      '/macros/variables',
      { config: staff, schema: { tags, summary: 'Words a text may use', response: { 200: ListOf(MacroVariable) } } },
      () => {
        const items = macros.variables()
        return { items, total: items.length, next: null }
      },
    )
    app.get('/macros/:id', { config: staff, schema: { tags, params: Id, response: { 200: Macro } } }, request =>
      macros.read(request.params.id),
    )
    app.post('/macros', { config: desk, schema: { tags, body: MacroInput, response: { 201: Macro } } }, async (request, reply) => {
      const made = await macros.create(request.body, callerOf(request).name)
      await audit(callerOf(request), 'macro.create', { kind: 'macro', id: made.id }, request.body)
      return reply.code(201).send(made)
    })
    app.put('/macros/:id', { config: desk, schema: { tags, params: Id, body: MacroInput, response: { 200: Macro } } }, async request => {
      const after = await macros.replace(request.params.id, request.body, callerOf(request).name)
      await audit(callerOf(request), 'macro.update', { kind: 'macro', id: after.id }, request.body)
      return after
    })
    app.delete('/macros/:id', { config: desk, schema: { tags, params: Id, response: { 204: Type.Null() } } }, async (request, reply) => {
      await macros.remove(request.params.id)
      await audit(callerOf(request), 'macro.delete', { kind: 'macro', id: request.params.id })
      return reply.code(204).send(null)
    })
    app.get(
      '/tickets/:id/macros/:macroId',
      { config: desk, schema: { tags, summary: 'What a macro would say and do here', params: OnTicket, response: { 200: MacroPreview } } },
      async request => macros.preview(request.params.macroId, request.params.id, await mustSee(request, request.params.id)),
    )
    app.post(
      '/tickets/:id/macros/:macroId',
      { config: desk, schema: { tags, summary: 'Run a macro', params: OnTicket, body: MacroRun, response: { 200: MacroAnswer } } },
      async request => {
        const caller = await mustSee(request, request.params.id)
        const answer = await macros.run(request.params.macroId, request.params.id, caller, request.body.text)
        await audit(caller, 'macro.run', { kind: 'ticket', id: request.params.id }, { macroId: request.params.macroId })
        return answer
      },
    )
    app.post(
      '/tickets/:id/draft',
      {
        config: desk,
        schema: {
          tags: ['tickets'],
          summary: 'A status update suggested from what the device says now; nothing is sent',
          params: Id,
          response: { 200: UpdateDraft },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        return drafts.write(request.params.id)
      },
    )
  }
}
