/** Plans, and the whole catalogue as a file. */
import { ListOf } from '../../shared/api/list.ts'
import { CatalogueDocument, ImportAnswer, PlanBody, StoredPlan } from '../../shared/api/plans/plan-api.ts'
import { PlanAnswer } from '../../shared/api/contracts/terms-api.ts'
import { reachesRules } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Catalogue } from './catalogue.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'
import { Id } from '../../shared/schema-pieces.ts'

const IMPORT_LIMIT_BYTES = 8 * 1024 * 1024

export type PlanRouteDeps = {
  db: Database
  catalogue: Catalogue
  audit: AuditNote
  /** After the commit: limits and promises of customers on these plans may be others now. */
  plansChanged(planIds: readonly string[]): Promise<void>
  /** After the commit: these devices are to get their configuration anew. */
  configWanted(deviceIds: readonly string[]): Promise<void>
}

/** The catalogue answers for every fault itself, line by line; the schema is there for the document. */
const checkedByCatalogue = () => (): boolean => true

/** Routes of plans and of the catalogue file. */
export function planRoutes({ db, catalogue, audit, plansChanged, configWanted }: PlanRouteDeps) {
  const answer = async (plan: StoredPlan): Promise<PlanAnswer> => {
    const { version, ...terms } = plan
    return { ...terms, version, warnings: await catalogue.planWarnings(terms) }
  }
  return (app: App): void => {
    app.get('/plans', { config: { access: 'read' }, schema: { tags: ['catalogue'], response: { 200: ListOf(StoredPlan) } } }, async () => {
      const items = await catalogue.listPlans(db)
      return { items, total: items.length, next: null }
    })
    app.get(
      '/plans/:id',
      { config: { access: 'read' }, schema: { tags: ['catalogue'], params: Id, response: { 200: PlanAnswer } } },
      async request => {
        const plan = await catalogue.getPlan(db, request.params.id)
        if (!plan) throw notFound('plan')
        return answer(plan)
      },
    )
    app.put(
      '/plans/:id',
      {
        config: { access: 'manage', isForAll: true },
        schema: {
          tags: ['catalogue'],
          summary: 'Create or replace a plan: a new version, or a refusal with every wrong line',
          params: Id,
          body: PlanBody,
          response: { 200: PlanAnswer },
        },
        validatorCompiler: checkedByCatalogue,
      },
      async request => {
        const caller = callerOf(request)
        const body: unknown = request.body
        const isObject = typeof body === 'object' && body !== null
        const { id } = request.params
        const given = isObject ? { id, ...body } : body
        const plan = await inBody(() => inTransaction(db, tx => catalogue.putPlan(tx, { id, plan: given, by: caller.id })))
        await audit(caller, 'plan.put', { kind: 'plan', id }, { version: plan.version })
        await plansChanged([id])
        return answer(plan)
      },
    )
    app.get(
      '/catalogue/export',
      {
        config: { access: 'staff' },
        schema: { tags: ['catalogue'], summary: 'Plans, rules and profiles in force as one file', response: { 200: CatalogueDocument } },
      },
      async (request, reply) => {
        void reply.header('content-disposition', 'attachment; filename="kioskeeper-catalogue.json"')
        const file = await catalogue.exportCatalogue(db)
        return { ...file, rules: file.rules.filter(({ scope }) => reachesRules(callerOf(request), scope)) }
      },
    )
    app.post(
      '/catalogue/import',
      {
        config: { access: 'manage', isForAll: true },
        bodyLimit: IMPORT_LIMIT_BYTES,
        schema: {
          tags: ['catalogue'],
          summary: 'Take over a file, or refuse it whole with every wrong line',
          body: CatalogueDocument,
          response: { 200: ImportAnswer },
        },
        validatorCompiler: checkedByCatalogue,
      },
      async request => {
        const caller = callerOf(request)
        const answer = await inBody(() => inTransaction(db, tx => catalogue.importCatalogue(tx, request.body, caller.id)))
        await audit(caller, 'catalogue.import', { kind: 'catalogue', id: 'all' }, { changed: answer.changed })
        if (answer.planIds.length > 0) await plansChanged(answer.planIds)
        if (answer.deviceIds.length > 0) await configWanted(answer.deviceIds)
        return answer
      },
    )
  }
}
