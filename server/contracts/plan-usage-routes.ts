/** What a customer uses of the plan: limits, covered devices, entitlements, monthly statements. */
import { Type } from 'typebox'
import { CoverChoice, CoveredDevices, Usage } from '../../shared/api/contracts/customer-api.ts'
import { EntitlementBalance, EntitlementUse, EntitlementUseInput } from '../../shared/api/contracts/entitlement-api.ts'
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import { Month, Statement, StatementListItem } from '../../shared/api/contracts/statement-api.ts'
import { Closed, Id } from '../../shared/schema-pieces.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import { writeStatementCsv } from './rules/statement-csv.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Downgrades } from './downgrades.ts'
import type { Entitlements } from './entitlements.ts'
import type { Statements } from './statements.ts'
import { callerOf, type App } from '../platform/http/app.ts'

const EntitlementId = Type.Object({ ...Id.properties, entitlementId: Type.String({ maxLength: 40 }) })
const UseId = Type.Object({ ...EntitlementId.properties, useId: Type.String({ maxLength: 64 }) })
const MonthQuery = Closed({ month: Type.Optional(Month) })
const whole = <Item>(items: Item[]) => ({ items, total: items.length, next: null })

export type UsageRouteDeps = {
  usageOf(customerId: string): Promise<Usage>
  entitlements: Entitlements
  statements: Statements
  downgrades: Downgrades
  audit: AuditNote
}

/** Routes of usage. */
export function usageRoutes({ usageOf, entitlements, statements, downgrades, audit }: UsageRouteDeps) {
  return (app: App): void => {
    app.get(
      '/customers/:id/usage',
      {
        config: { access: 'read' },
        schema: { tags: ['customers'], summary: 'What of the plan is used', params: Id, response: { 200: Usage } },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return usageOf(request.params.id)
      },
    )
    app.get(
      '/customers/:id/covered-devices',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'After a downgrade: the devices to choose from, the longest enrolled first',
          params: Id,
          response: { 200: CoverChoice },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return downgrades.choice(request.params.id)
      },
    )
    app.put(
      '/customers/:id/covered-devices',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['customers'],
          summary: 'After a downgrade: which devices stay covered',
          params: Id,
          body: CoveredDevices,
          response: { 200: Usage },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        await downgrades.choose(request.params.id, request.body.deviceIds)
        await audit(callerOf(request), 'customer.cover', { kind: 'customer', id: request.params.id }, request.body)
        return usageOf(request.params.id)
      },
    )
    app.get(
      '/customers/:id/entitlements',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'Training, workshops, visits and the like: what is left in the period that runs now',
          params: Id,
          response: { 200: ListOf(EntitlementBalance) },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return whole(await entitlements.list(request.params.id))
      },
    )
    app.get(
      '/customers/:id/entitlements/:entitlementId/uses',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'Uses of an entitlement, newest first; cancelled ones stay in the list',
          params: EntitlementId,
          querystring: ListQuery({}),
          response: { 200: ListOf(EntitlementUse) },
        },
      },
      async request => {
        const { id, entitlementId } = request.params
        mustSeeCustomer(callerOf(request), id, 'customer')
        return entitlements.uses(id, entitlementId, { limit: request.query.limit ?? 50, cursor: request.query.cursor })
      },
    )
    app.post(
      '/customers/:id/entitlements/:entitlementId/uses',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['customers'],
          summary: 'Note a use; refused when it is more than is left',
          params: EntitlementId,
          body: EntitlementUseInput,
          response: { 201: EntitlementUse },
        },
      },
      async (request, reply) => {
        const { id, entitlementId } = request.params
        mustSeeCustomer(callerOf(request), id, 'customer')
        const made = await entitlements.use(id, entitlementId, request.body, callerOf(request).name)
        await audit(callerOf(request), 'entitlement.use', { kind: 'entitlement-use', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.delete(
      '/customers/:id/entitlements/:entitlementId/uses/:useId',
      {
        config: { access: 'desk' },
        schema: { tags: ['customers'], summary: 'Cancel a use', params: UseId, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const { id, entitlementId, useId } = request.params
        mustSeeCustomer(callerOf(request), id, 'customer')
        await entitlements.cancel(id, entitlementId, useId, callerOf(request).name)
        await audit(callerOf(request), 'entitlement.cancel', { kind: 'entitlement-use', id: useId }, {})
        return reply.code(204).send(null)
      },
    )
    app.get(
      '/customers/:id/statements',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'Months there are statements of, newest first',
          params: Id,
          response: { 200: ListOf(StatementListItem) },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return whole(await statements.list(request.params.id))
      },
    )
    app.get(
      '/customers/:id/statement',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'What goes beyond the plan in a month, by default the running one',
          params: Id,
          querystring: MonthQuery,
          response: { 200: Statement },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return statements.read(request.params.id, request.query.month)
      },
    )
    app.get(
      '/customers/:id/statement.csv',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'The same lines for a spreadsheet: UTF-8 with byte order mark, comma, CRLF',
          params: Id,
          querystring: MonthQuery,
          produces: ['text/csv'],
        },
      },
      async (request, reply) => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const statement = await statements.read(request.params.id, request.query.month)
        return reply
          .type('text/csv; charset=utf-8; header=present')
          .header('content-disposition', `attachment; filename="statement-${statement.month}.csv"`)
          .send(writeStatementCsv(statement))
      },
    )
  }
}
