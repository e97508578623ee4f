/** What people were told: the outbox, a ticket's notices, and trying a given-up one again. */
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import { Notice, OutboxQuery } from '../../shared/api/notifications/outbox-api.ts'
import { customerScope, mustSeeCustomer } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Outbox } from './outbox.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

export type OutboxRouteDeps = { outbox: Outbox; ticketOwner(ticketId: string): Promise<{ customer_id: string } | null>; audit: AuditNote }

/** Routes of notices. */
export function outboxRoutes({ outbox, ticketOwner, audit }: OutboxRouteDeps) {
  return (app: App): void => {
    app.get(
      '/outbox',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['notices'],
          summary: 'What was told to whom, newest first',
          querystring: OutboxQuery,
          response: { 200: ListOf(Notice) },
        },
      },
      request => outbox.list({ ...request.query, scope: customerScope(callerOf(request)) }),
    )
    app.post(
      '/outbox/:id/retry',
      {
        config: { access: 'desk' },
        schema: { tags: ['notices'], summary: 'Try a given-up notice again', params: Id, response: { 200: Notice } },
      },
      async request => {
        const caller = callerOf(request)
        const customerId = await outbox.customerOf(request.params.id)
        // What is about no customer is for those who see all of them.
        if (customerId !== null) mustSeeCustomer(caller, customerId, 'notice')
        else if (customerScope(caller) !== null) throw notFound('notice')
        const notice = await outbox.retry(request.params.id)
        await audit(caller, 'notice.retry', { kind: 'notice', id: notice.id })
        return notice
      },
    )
    app.get(
      '/tickets/:id/notices',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['notices'],
          summary: 'Who was told about a ticket',
          params: Id,
          querystring: ListQuery({}),
          response: { 200: ListOf(Notice) },
        },
      },
      async request => {
        const caller = callerOf(request)
        const owner = await ticketOwner(request.params.id)
        if (!owner) throw notFound('ticket')
        mustSeeCustomer(caller, owner.customer_id, 'ticket')
        return outbox.list({ ...request.query, ticketId: request.params.id, scope: customerScope(caller) })
      },
    )
  }
}
