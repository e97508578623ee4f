import type { Logger } from 'pino'
import type { Plan } from '../../shared/api/plan-api.ts'
import type { Rule } from '../../shared/api/rule-api.ts'
import type { Profile, ProfileInput } from '../../shared/profile.ts'
import type { EffectivePlan } from '../domain/plan.ts'
import type { Database, Tx } from '../store/database.ts'

export type Reader = Database | Tx
export type RulePlace = { customerId: string; siteId: string; profileId: string | null; deviceId: string }
export type Catalogue = {
  /** At start: ships the defaults into the store. */
  load(): Promise<void>
  getPlan(db: Reader, id: string): Promise<(Plan & { version: number }) | null>
  listPlans(db: Reader): Promise<(Plan & { version: number })[]>
  putPlan(tx: Tx, plan: unknown, by: string): Promise<Plan & { version: number }>
  /** Throws notFound for an unknown customer. */
  effectivePlanOf(db: Reader, customerId: string): Promise<EffectivePlan & { version: number }>
  /** Call after the commit that changed a customer's plan, overrides or zone. */
  forgetCustomer(customerId: string): void
  listRules(db: Reader, scope: string): Promise<Rule[]>
  putRule(tx: Tx, change: { signal: string; scope: string; rule: unknown; by: string }): Promise<Rule>
  /** Most specific wins: device, profile, site, customer, everybody. `signal` without component. */
  ruleFor(db: Reader, signal: string, place: RulePlace): Promise<Rule>
  getProfile(db: Reader, id: string): Promise<(Profile & { id: string; version: number }) | null>
  listProfiles(db: Reader): Promise<(Profile & { id: string; version: number })[]>
  /** `deviceIds` = devices whose configuration is wanted anew (config_wanted was bumped in the same transaction). */
  putProfile(
    tx: Tx,
    change: { id: string; profile: ProfileInput; by: string },
  ): Promise<{ profile: Profile & { id: string; version: number }; deviceIds: string[] }>
  exportCatalogue(db: Reader): Promise<unknown>
  importCatalogue(tx: Tx, file: unknown, by: string): Promise<{ changed: number; deviceIds: string[] }>
}
export declare function makeCatalogue(options: { db: Database; log: Logger; now: () => number }): Catalogue
