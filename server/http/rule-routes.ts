/** Rules: what follows from each signal, for everybody or in a scope. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { Rule, RuleBody, RuleScope, SignalName } from '../../shared/api/rule-api.ts'
import { Closed } from '../../shared/schema.ts'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { AuditNote } from '../services/accounts.ts'
import type { Catalogue } from '../services/catalogue.ts'
import { inTransaction, type Database } from '../store/database.ts'
import { callerOf, type App } from './app.ts'
import { inBody } from './body-faults.ts'

const Scope = Closed({ scope: Type.Optional(RuleScope) })

export type RuleRouteDeps = {
  db: Database
  catalogue: Pick<Catalogue, 'listRules' | 'putRule'>
  audit: AuditNote
  /** Sends their configuration to devices that run the rule's remedies. */
  configWanted(deviceIds: readonly string[]): Promise<void>
}

/** Staff limited to some customers reach everybody's rules and those customers' own, nothing that might be another's. */
function mustReach(caller: Caller, scope: string): void {
  if (scope === '' || caller.customerIds === null) return
  if (!caller.customerIds.some(id => scope === `customer:${id}`)) throw notFound('scope')
}

/** Routes of rules. */
export function ruleRoutes({ db, catalogue, audit, configWanted }: RuleRouteDeps) {
  return (app: App): void => {
    app.get(
      '/rules',
      {
        config: { access: 'staff' },
        schema: { tags: ['catalogue'], summary: 'Rules in force in a scope', querystring: Scope, response: { 200: ListOf(Rule) } },
      },
      async request => {
        const scope = request.query.scope ?? ''
        mustReach(callerOf(request), scope)
        const items = await catalogue.listRules(db, scope)
        return { items, total: items.length, next: null }
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
        const { rule, deviceIds } = await inBody(() =>
          inTransaction(db, tx => catalogue.putRule(tx, { signal, scope, rule: request.body, by: caller.id })),
        )
        await audit(caller, 'rule.put', { kind: 'rule', id: scope === '' ? signal : `${signal} ${scope}` }, rule)
        await configWanted(deviceIds)
        return rule
      },
    )
  }
}
