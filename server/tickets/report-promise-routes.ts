/** What the plan would promise for a report. */
import { PromiseInput, ReportPromise } from '../../shared/api/tickets/promise-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import type { ReportPromises } from './report-promises.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** The route of promises. */
export function promiseRoutes({ promises }: { promises: ReportPromises }) {
  return (app: App): void => {
    app.post(
      '/customers/:id/promise',
      {
        config: { access: 'read' },
        schema: {
          tags: ['tickets'],
          summary: 'When a report would be answered, and why, before it is sent; nothing is kept',
          params: Id,
          body: PromiseInput,
          response: { 200: ReportPromise },
        },
      },
      request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return promises.read(request.params.id, request.body)
      },
    )
  }
}
