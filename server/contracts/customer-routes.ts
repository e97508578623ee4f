/** Customers, sites, contacts. */
import { Type } from 'typebox'
import {
  ChangedCustomer,
  Contact,
  ContactInput,
  Customer,
  CustomerInput,
  CustomerPatch,
  CustomerQuery,
  Site,
  SiteInput,
  SitePatch,
} from '../../shared/api/contracts/customer-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { CustomerDetail, CustomerTerms } from '../../shared/api/contracts/terms-api.ts'
import { customerScope, mustSeeCustomer } from '../platform/caller.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { CustomerTermsReader } from './customer-terms.ts'
import type { Customers } from './customers.ts'
import type { Sites } from '../customers/sites.ts'
import { toPage } from '../database/paging.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const whole = <Item>(items: Item[]) => ({ items, total: items.length, next: null })

export type CustomerRouteDeps = { customers: Customers; sites: Sites; terms: CustomerTermsReader; audit: AuditNote }

/** Routes of customers and what belongs to them. */
export function customerRoutes({ customers, sites, terms, audit }: CustomerRouteDeps) {
  return (app: App): void => {
    app.get(
      '/customers',
      { config: { access: 'read' }, schema: { tags: ['customers'], querystring: CustomerQuery, response: { 200: ListOf(Customer) } } },
      async request => {
        const limit = request.query.limit ?? 50
        const { rows, more, total } = await customers.list({
          scope: customerScope(callerOf(request)),
          q: request.query.q,
          limit,
          cursor: request.query.cursor,
        })
        const page = toPage(
          more,
          limit,
          total,
          row => row.id,
          row => [row.name, row.id],
        )
        return { items: rows.slice(0, limit), total, next: page.next }
      },
    )
    app.post(
      '/customers',
      { config: { access: 'manage' }, schema: { tags: ['customers'], body: CustomerInput, response: { 201: ChangedCustomer } } },
      async (request, reply) => {
        const made = await customers.create(request.body)
        await audit(callerOf(request), 'customer.create', { kind: 'customer', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.get(
      '/customers/:id',
      { config: { access: 'read' }, schema: { tags: ['customers'], params: Id, response: { 200: CustomerDetail } } },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return { ...(await customers.read(request.params.id)), warnings: await terms.warnings(request.params.id) }
      },
    )
    app.get(
      '/customers/:id/terms',
      {
        config: { access: 'read' },
        schema: { tags: ['customers'], summary: 'The plan in force, with their own terms', params: Id, response: { 200: CustomerTerms } },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return terms.read(request.params.id)
      },
    )
    app.patch(
      '/customers/:id',
      {
        config: { access: 'manage' },
        schema: { tags: ['customers'], params: Id, body: CustomerPatch, response: { 200: ChangedCustomer } },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const after = await customers.update(request.params.id, request.body)
        await audit(callerOf(request), 'customer.update', { kind: 'customer', id: after.id }, request.body)
        return after
      },
    )
    app.get(
      '/customers/:id/sites',
      { config: { access: 'read' }, schema: { tags: ['customers'], params: Id, response: { 200: ListOf(Site) } } },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return whole(await sites.listSites(request.params.id))
      },
    )
    app.post(
      '/customers/:id/sites',
      { config: { access: 'desk' }, schema: { tags: ['customers'], params: Id, body: SiteInput, response: { 201: Site } } },
      async (request, reply) => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const made = await sites.createSite(request.params.id, request.body)
        await audit(callerOf(request), 'site.create', { kind: 'site', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.patch(
      '/customers/:id/sites/:siteId',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['customers'],
          params: Type.Object({ ...Id.properties, siteId: Type.String({ maxLength: 64 }) }),
          body: SitePatch,
          response: { 200: Site },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const after = await sites.updateSite(request.params.id, request.params.siteId, request.body)
        await audit(callerOf(request), 'site.update', { kind: 'site', id: after.id }, request.body)
        return after
      },
    )
    app.get(
      '/customers/:id/contacts',
      { config: { access: 'read' }, schema: { tags: ['customers'], params: Id, response: { 200: ListOf(Contact) } } },
      async request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return whole(await customers.listContacts(request.params.id))
      },
    )
    app.post(
      '/customers/:id/contacts',
      { config: { access: 'desk' }, schema: { tags: ['customers'], params: Id, body: ContactInput, response: { 201: Contact } } },
      async (request, reply) => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        const made = await customers.addContact(request.params.id, request.body)
        await audit(callerOf(request), 'contact.create', { kind: 'contact', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.delete(
      '/customers/:id/contacts/:contactId',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['customers'],
          params: Type.Object({ ...Id.properties, contactId: Type.String({ maxLength: 64 }) }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        await customers.removeContact(request.params.id, request.params.contactId)
        await audit(callerOf(request), 'contact.delete', { kind: 'contact', id: request.params.contactId }, {})
        return reply.code(204).send(null)
      },
    )
  }
}
