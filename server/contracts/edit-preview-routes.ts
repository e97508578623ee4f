/** What an edit of a plan or of a customer's terms would change, before it is saved. Judged by the rules of the edit itself. */
import { Type, type TSchema } from 'typebox'
import { CustomerPatch } from '../../shared/api/contracts/customer-api.ts'
import { PlanBody } from '../../shared/api/plans/plan-api.ts'
import { EditPreview, TermsPreviewBody } from '../../shared/api/contracts/plan-preview-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import type { EditPreviews } from './edit-preview.ts'
import { callerOf, makeValidator, type App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** The part of a change of a customer that can be previewed, as loosely checked as the change: its rule names each wrong term. */
const LooseTerms = Type.Pick(CustomerPatch, ['planId', 'timeZone', 'overrides'], { additionalProperties: false })

/** Routes of previews. */
export function previewRoutes({ previews }: { previews: EditPreviews }) {
  return (app: App): void => {
    app.post(
      '/plans/:id/preview',
      {
        config: { access: 'manage', isForAll: true },
        schema: {
          tags: ['catalogue'],
          summary: 'What a new version of a plan would change: tickets that move, devices, contacts. Nothing is saved',
          params: Id,
          body: PlanBody,
          response: { 200: EditPreview },
        },
        validatorCompiler: () => (): boolean => true,
      },
      request => {
        const body: unknown = request.body
        const { id } = request.params
        return inBody(() => previews.ofPlan(id, typeof body === 'object' && body !== null ? { id, ...body } : body))
      },
    )
    app.post(
      '/customers/:id/preview',
      {
        config: { access: 'manage' },
        schema: {
          tags: ['customers'],
          summary: 'What other terms would change for the customer: tickets that move, devices, contacts. Nothing is saved',
          params: Id,
          body: TermsPreviewBody,
          response: { 200: EditPreview },
        },
        validatorCompiler: ({ schema, httpPart }) =>
          makeValidator({ schema: httpPart === 'body' ? LooseTerms : (schema as TSchema), httpPart }),
      },
      request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return previews.ofTerms(request.params.id, request.body)
      },
    )
  }
}
