/** The desk on the phone, and whoever is about to file: who it may be, and which tickets it may be about already. */
import { ListOf } from '../../shared/api/list.ts'
import { CallerQuery, FoundCaller, SimilarQuery, SimilarTicket } from '../../shared/api/tickets/call-api.ts'
import { customerScope, mustSeeCustomer } from '../platform/caller.ts'
import type { PhoneDesk } from './caller-lookup.ts'
import { callerOf, type App } from '../platform/http/app.ts'

const whole = <Item>(items: Item[]): { items: Item[]; total: number; next: null } => ({ items, total: items.length, next: null })

/** Routes of calls. */
export function callRoutes({ phone }: { phone: PhoneDesk }) {
  return (app: App): void => {
    app.get(
      '/callers',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['tickets'],
          summary: 'Named contacts by number, e-mail address or name',
          querystring: CallerQuery,
          response: { 200: ListOf(FoundCaller) },
        },
      },
      async request => whole(await phone.callers(request.query.q, customerScope(callerOf(request)))),
    )
    app.get(
      '/tickets/similar',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'Open tickets that a new report may be about already',
          querystring: SimilarQuery,
          response: { 200: ListOf(SimilarTicket) },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), request.query.customerId, 'customer')
        return whole(await phone.similar(request.query))
      },
    )
  }
}
