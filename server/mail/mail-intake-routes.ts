/** Mail by its own door: handing a mail over, what waits for the desk, whole mails, and files on tickets. */
import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import {
  AssignAnswer,
  AssignInput,
  AttachInput,
  Attachment,
  IntakeItem,
  IntakePreview,
  IntakeQuery,
  MailAnswer,
} from '../../shared/api/mail/intake-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { customerScope, forbidden, mustSeeCustomer, roleMay, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { MailIntake } from './mail-intake.ts'
import { MAX_MAIL_BYTES } from './mail-reading.ts'
import type { MailView } from './mail-view.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { fileOwner, sendFile } from '../attachments/attachment-http.ts'
import { Id } from '../../shared/schema-pieces.ts'

const MAIL_TYPE = 'message/rfc822'
const Show = Type.Object({ show: Type.Optional(Type.Boolean()) }, { additionalProperties: false })

/** Mail that is no customer's yet may be anybody's: it is for those who see every customer. */
function mustSeeAll(caller: Caller): void {
  if (customerScope(caller) !== null) throw forbidden('Mail that waits is for staff who see every customer.')
}

/** Routes of mail intake and attachments. */
export function intakeRoutes(deps: { intake: MailIntake; view: MailView; ticketOwner: Ticketing['ownerOf']; audit: AuditNote }) {
  const { intake, view, audit } = deps
  const mustSeeTicket = async (request: FastifyRequest, ticketId: string, what: string): Promise<Caller> => {
    const caller = callerOf(request)
    const owner = await deps.ticketOwner(ticketId)
    if (!owner || (caller.role === 'partner' && owner.partner_id !== caller.partnerId)) throw notFound(what)
    if (caller.role !== 'partner') mustSeeCustomer(caller, owner.customer_id, what)
    return caller
  }
  return async (app: App): Promise<void> => {
    app.get(
      '/intake',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['intake'],
          summary: 'Mails that became neither a ticket nor a message, newest first; those that wait unless a state is asked for',
          querystring: IntakeQuery,
          response: { 200: ListOf(IntakeItem) },
        },
      },
      request => {
        mustSeeAll(callerOf(request))
        return view.list(request.query)
      },
    )
    app.post(
      '/intake/:id/assign',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['intake'],
          summary: 'Whose mail it is: it becomes a ticket, and later mails of its sender go there too',
          params: Id,
          body: AssignInput,
          response: { 201: AssignAnswer },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        const answer = await intake.assign(request.params.id, request.body.customerId, caller.name)
        await audit(caller, 'intake.assign', { kind: 'intake', id: request.params.id }, { ...request.body, ...answer })
        return reply.code(201).send(answer)
      },
    )
    app.get(
      '/intake/:id/preview',
      {
        config: { access: 'staff' },
        schema: { tags: ['intake'], summary: 'What a mail says that waits, as text', params: Id, response: { 200: IntakePreview } },
      },
      request => {
        mustSeeAll(callerOf(request))
        return view.preview(request.params.id)
      },
    )
    app.post(
      '/intake/:id/attach',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['intake'],
          summary: 'Which ticket it is about: it becomes a message there',
          params: Id,
          body: AttachInput,
          response: { 201: AssignAnswer },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        const answer = await intake.attach(request.params.id, request.body.ticketId, caller.name)
        await audit(caller, 'intake.attach', { kind: 'intake', id: request.params.id }, answer)
        return reply.code(201).send(answer)
      },
    )
    app.post(
      '/intake/:id/dismiss',
      {
        config: { access: 'desk' },
        schema: { tags: ['intake'], summary: 'A mail that is no report; it stays kept', params: Id, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeAll(caller)
        await intake.dismiss(request.params.id, caller.name)
        await audit(caller, 'intake.dismiss', { kind: 'intake', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.get(
      '/mails/:id',
      { config: { access: 'staff' }, schema: { tags: ['intake'], summary: 'A whole mail as it came', params: Id, produces: [MAIL_TYPE] } },
      async (request, reply) => {
        const row = await view.mail(request.params.id)
        if (row.customer_id === null) mustSeeAll(callerOf(request))
        else mustSeeCustomer(callerOf(request), row.customer_id, 'mail')
        return sendFile(reply, { bytes: await view.wholeMail(row), type: 'application/octet-stream', name: `${row.id}.eml` })
      },
    )
    app.get(
      '/tickets/:id/attachments',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Files of a ticket: with mails, messages and visits',
          params: Id,
          response: { 200: ListOf(Attachment) },
        },
      },
      async request => {
        const caller = await mustSeeTicket(request, request.params.id, 'ticket')
        const items = await view.attachments(request.params.id, !roleMay(caller.role, 'staff'))
        return { items, total: items.length, next: null }
      },
    )
    app.get(
      '/attachments/:id',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'One file, to save; a picture with `?show=true` to show',
          params: Id,
          querystring: Show,
          produces: ['application/octet-stream'],
        },
      },
      async (request, reply) => {
        const row = await view.attachment(request.params.id)
        const caller = await mustSeeTicket(request, row.ticket_id, 'attachment')
        if (row.waits_for != null && row.waits_for !== fileOwner(caller)) throw notFound('attachment')
        const isOwn = row.waits_for != null
        if (row.visibility !== 'public' && !isOwn && !roleMay(caller.role, 'staff')) throw notFound('attachment')
        return sendFile(reply, {
          bytes: await view.fileBytes(row),
          type: row.content_type,
          name: row.name,
          isShown: request.query.show === true,
        })
      },
    )
    await app.register(async scoped => {
      const mails = scoped as unknown as App
      // Text and JSON would be taken by default: a mail is bytes.
      mails.removeAllContentTypeParsers()
      mails.addContentTypeParser(MAIL_TYPE, { parseAs: 'buffer', bodyLimit: MAX_MAIL_BYTES }, (_request, body, done) => done(null, body))
      mails.post(
        '/intake/mail',
        {
          bodyLimit: MAX_MAIL_BYTES,
          config: { access: 'desk' },
          schema: {
            tags: ['intake'],
            summary: 'Hand over a mail as it came (message/rfc822); the same mail again is a duplicate',
            response: { 200: MailAnswer },
          },
        },
        async request => {
          mustSeeAll(callerOf(request))
          return intake.receive(request.body as Uint8Array)
        },
      )
    })
  }
}
