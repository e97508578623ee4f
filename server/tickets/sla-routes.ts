/** The SLA calculators: open time, one clock, a whole ticket under a plan. */
import { CalculateAnswer, CalculateBody, ClockPreviewAnswer, PreviewBody, TicketPreviewAnswer } from '../../shared/api/sla/sla-api.ts'
import { Type } from 'typebox'
import { calculate } from './rules/sla-calculate.ts'
import { previewClock } from './rules/sla-preview.ts'
import { previewTicket } from './rules/sla-preview-ticket.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Database } from '../database/database.ts'
import type { App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'

export type SlaRouteDeps = { db: Database; catalogue: Pick<Catalogue, 'planFor'> }

/** Routes of the calculators; they read the catalogue and write nothing. */
export function slaRoutes({ db, catalogue }: SlaRouteDeps) {
  return (app: App): void => {
    app.post(
      '/sla/calculate',
      {
        config: { access: 'read' },
        schema: { tags: ['sla'], summary: 'Add or measure open service time', body: CalculateBody, response: { 200: CalculateAnswer } },
      },
      request => inBody(() => calculate(request.body)),
    )
    app.post(
      '/sla/preview',
      {
        config: { access: 'read' },
        schema: {
          tags: ['sla'],
          summary: 'What one clock, or the clocks of a ticket under a plan, would say',
          body: PreviewBody,
          response: { 200: Type.Union([ClockPreviewAnswer, TicketPreviewAnswer]) },
        },
      },
      request =>
        inBody(async () => {
          const { body } = request
          if (!('planId' in body)) return previewClock(body)
          return previewTicket(await catalogue.planFor(db, body.planId, body.timeZone), body)
        }),
    )
  }
}
