/** Rules: what follows from each signal, for everybody or in a scope. */
import { Type } from 'typebox'
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import { Rule, RuleBody, RuleScope, SignalName } from '../../shared/api/incidents/rule-api.ts'
import { NoiseQuery, NoiseReport, RuleTrial } from '../../shared/api/incidents/rule-trial-api.ts'
import { Closed } from '../../shared/schema-pieces.ts'
import { mustSeeEveryCustomer, reachesRules, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { RuleTrials } from './rule-trials.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { readCursor, toPage } from '../database/paging.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'

const Scope = Closed({ scope: Type.Optional(RuleScope) })
const RuleQuery = ListQuery({ scope: Type.Optional(RuleScope) })
/** There are some forty signals: one page holds them unless somebody asks for less. */
const DEFAULT_LIMIT = 500

export type RuleRouteDeps = {
  db: Database
  catalogue: Pick<Catalogue, 'listRules' | 'putRule'>
  trials: RuleTrials
  audit: AuditNote
  /** Sends their configuration to devices that run the rule's remedies. */
  configWanted(deviceIds: readonly string[]): Promise<void>
}

function mustReach(caller: Caller, scope: string): void {
  if (!reachesRules(caller, scope)) throw notFound('scope')
}

/** Routes of rules. */
export function ruleRoutes({ db, catalogue, trials, audit, configWanted }: RuleRouteDeps) {
  return (app: App): void => {
    app.get(
      '/rules',
      {
        config: { access: 'staff' },
        schema: { tags: ['catalogue'], summary: 'Rules in force in a scope', querystring: RuleQuery, response: { 200: ListOf(Rule) } },
      },
      async request => {
        const scope = request.query.scope ?? ''
        mustReach(callerOf(request), scope)
        const limit = request.query.limit ?? DEFAULT_LIMIT
        const all = await catalogue.listRules(db, scope)
        const after = readCursor(request.query.cursor)?.[1] ?? ''
        const rows = all.filter(rule => rule.signal > after).slice(0, limit + 1)
        return toPage(
          rows,
          limit,
          all.length,
          rule => rule,
          rule => [rule.signal, rule.signal],
        )
      },
    )
    app.put(
      '/rules/:signal',
      {
        config: { access: 'manage' },
        schema: {
          tags: ['catalogue'],
          summary: 'Create or replace a rule in a scope',
          params: Type.Object({ signal: SignalName }),
          querystring: Scope,
          body: RuleBody,
          response: { 200: Rule },
        },
      },
      async request => {
        const caller = callerOf(request)
        const { signal } = request.params
        const scope = request.query.scope ?? ''
        mustReach(caller, scope)
        if (scope === '') mustSeeEveryCustomer(caller)
        const { rule, deviceIds } = await inBody(() =>
          inTransaction(db, tx => catalogue.putRule(tx, { signal, scope, rule: request.body, by: caller.id })),
        )
        await audit(caller, 'rule.put', { kind: 'rule', id: scope === '' ? signal : `${signal} ${scope}` }, rule)
        await configWanted(deviceIds)
        return rule
      },
    )
    app.post(
      '/rules/:signal/try',
      {
        config: { access: 'manage' },
        schema: {
          tags: ['catalogue'],
          summary: 'What a rule would have opened in the last 30 days; nothing is saved',
          params: Type.Object({ signal: SignalName }),
          querystring: Scope,
          body: RuleBody,
          response: { 200: RuleTrial },
        },
      },
      async request => {
        const scope = request.query.scope ?? ''
        mustReach(callerOf(request), scope)
        // examples and misses name devices of everybody
        if (callerOf(request).customerIds !== null && scope === '') throw notFound('scope')
        return inBody(() => trials.tryRule(request.params.signal, scope, request.body))
      },
    )
    app.get(
      '/reports/noise',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['catalogue'],
          summary: 'Signals that made tickets nobody acted on, each with a fix that was tried on the past',
          querystring: NoiseQuery,
          response: { 200: NoiseReport },
        },
      },
      request => {
        if (callerOf(request).customerIds !== null) throw notFound('report')
        return trials.noise(request.query.days)
      },
    )
  }
}
