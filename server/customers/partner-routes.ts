/** Service partners. */
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import { ChangedPartner, Partner, PartnerInput, PartnerPatch } from '../../shared/api/customers/partner-api.ts'
import { roleMay, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Partners } from './partners.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** Staff see every partner, a partner itself, a customer none. */
const onlyIdFor = (caller: Caller): string | null => (roleMay(caller.role, 'staff') ? null : (caller.partnerId ?? ''))

/** Routes of partners. */
export function partnerRoutes({ partners, audit }: { partners: Partners; audit: AuditNote }) {
  return (app: App): void => {
    app.get(
      '/partners',
      { config: { access: 'read' }, schema: { tags: ['partners'], querystring: ListQuery({}), response: { 200: ListOf(Partner) } } },
      request => partners.list({ onlyId: onlyIdFor(callerOf(request)), limit: request.query.limit ?? 50, cursor: request.query.cursor }),
    )
    app.post(
      '/partners',
      {
        config: { access: 'manage', isForAll: true },
        schema: { tags: ['partners'], body: PartnerInput, response: { 201: ChangedPartner } },
      },
      async (request, reply) => {
        const made = await partners.create(request.body)
        await audit(callerOf(request), 'partner.create', { kind: 'partner', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.patch(
      '/partners/:id',
      {
        config: { access: 'manage', isForAll: true },
        schema: { tags: ['partners'], params: Id, body: PartnerPatch, response: { 200: ChangedPartner } },
      },
      async request => {
        const after = await partners.update(request.params.id, request.body)
        await audit(callerOf(request), 'partner.update', { kind: 'partner', id: after.id }, request.body)
        return after
      },
    )
    app.get(
      '/partners/:id',
      { config: { access: 'read' }, schema: { tags: ['partners'], params: Id, response: { 200: Partner } } },
      async request => {
        const only = onlyIdFor(callerOf(request))
        if (only !== null && only !== request.params.id) throw notFound('partner')
        return partners.read(request.params.id)
      },
    )
  }
}
