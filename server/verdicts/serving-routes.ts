/** Serving time of devices and customers. */
import { CustomerServing, DeviceServing, ServingQuery } from '../../shared/api/verdicts/serving-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import type { CustomerOfDevice } from '../devices/device-customer.ts'
import type { Serving } from './serving.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** Routes of serving time. */
export function servingRoutes({ serving, customerOf }: { serving: Serving; customerOf: CustomerOfDevice }) {
  return (app: App): void => {
    app.get(
      '/devices/:id/serving',
      {
        config: { access: 'read' },
        schema: {
          tags: ['devices'],
          summary: 'Time in which it served people, inside the opening hours of its site',
          params: Id,
          querystring: ServingQuery,
          response: { 200: DeviceServing },
        },
      },
      async request => {
        mustSeeCustomer(callerOf(request), await customerOf(request.params.id), 'device')
        return serving.ofDevice(request.params.id, request.query)
      },
    )
    app.get(
      '/customers/:id/serving',
      {
        config: { access: 'read' },
        schema: {
          tags: ['customers'],
          summary: 'Time in which the devices served people, inside the opening hours of their sites',
          params: Id,
          querystring: ServingQuery,
          response: { 200: CustomerServing },
        },
      },
      request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return serving.ofCustomer(request.params.id, request.query)
      },
    )
  }
}
