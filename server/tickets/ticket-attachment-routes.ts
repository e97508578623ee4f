/** Files of people on tickets: given as bytes, sent with a message, shown or saved with headers that run nothing. */
import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import { Attachment } from '../../shared/api/mail/intake-api.ts'
import { forbidden, mustSeeCustomer, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import { MAX_FILE_BYTES } from '../attachments/rules/file-rules.ts'
import { fileOwner, takeBytes } from '../attachments/attachment-http.ts'
import type { TicketFiles } from './ticket-attachments.ts'
import type { Ticketing } from './tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const FileName = Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false })
/** Routes of files that people give. */
export function fileRoutes(deps: { files: TicketFiles; ticketOwner: Ticketing['ownerOf'] }) {
  const { files } = deps
  const mustSee = async (request: FastifyRequest, ticketId: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await deps.ticketOwner(ticketId)
    if (!owner || (caller.role === 'partner' && owner.partner_id !== caller.partnerId)) throw notFound('ticket')
    if (caller.role !== 'partner') mustSeeCustomer(caller, owner.customer_id, 'ticket')
    if (caller.role === 'viewer') throw forbidden('The role viewer may not write on tickets.')
    return caller
  }
  return async (app: App): Promise<void> => {
    app.delete(
      '/attachments/:id',
      {
        config: { access: 'read' },
        schema: { tags: ['tickets'], summary: 'Take a file back that was not sent yet', params: Id, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        await files.takeBack(request.params.id, fileOwner(callerOf(request)))
        return reply.code(204).send(null)
      },
    )
    await app.register(async scoped => {
      const inner = scoped as unknown as App
      takeBytes(inner, MAX_FILE_BYTES)
      inner.post(
        '/tickets/:id/attachments',
        {
          bodyLimit: MAX_FILE_BYTES,
          config: { access: 'read', rateLimit: { max: 60, timeWindow: 60_000 } },
          schema: {
            tags: ['tickets'],
            summary: 'Give a file (application/octet-stream); it waits, seen by nobody, until a message sends it',
            params: Id,
            querystring: FileName,
            response: { 201: Attachment },
          },
        },
        async (request, reply) => {
          const caller = await mustSee(request, request.params.id)
          const file = { name: request.query.name, bytes: (request.body as Uint8Array | undefined) ?? new Uint8Array() }
          return reply.code(201).send(await files.give(request.params.id, fileOwner(caller), file))
        },
      )
      await Promise.resolve()
    })
  }
}
