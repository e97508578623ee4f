/**
 * Plans, rules, profiles and products: immutable versions in the store. Reads go to the store each time, so that what a transaction or
 * another server changed is seen at once; only parsing and merging are kept, by version.
 */
import type { Logger } from 'pino'
import type { Plan, PlanOverrides, StoredPlan } from '../../shared/api/plans/plan-api.ts'
import type { StoredProduct } from '../../shared/api/plans/product-api.ts'
import { RuleBody, type Rule } from '../../shared/api/incidents/rule-api.ts'
import type { DeviceRules } from '../../shared/remedy-rules.ts'
import { fillProfile, ProfileInput, type Profile } from '../../shared/profile.ts'
import { atPath, DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { effectivePlan, mergePlan, type EffectivePlan } from './rules/plan.ts'
import { planFaults } from './rules/plan-faults.ts'
import { readOverrides, readStoredPlan } from './rules/stored-plan.ts'
import { schemaFaults } from '../platform/schema-faults.ts'
import { calendarWarnings } from './rules/plan-own.ts'
import { findCurrent, findCustomerTerms, listCurrent, wantNewConfig, type CatalogueKey } from './store/catalogue-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { CatalogueRow } from '../database/tables/schema.ts'
import { shippedPlans, shippedProducts, shippedRules } from './catalogue-defaults.ts'
import { CATALOGUE_FORMAT, PROFILE_ID, readCatalogueFile, type CatalogueFile } from './catalogue-file.ts'
import { closingDates, holidayFaults } from '../calendars/holidays.ts'
import { changesRemedies, remedyRules, scopesOf, UNNAMED_RULE, type RulePlace } from './catalogue-rules.ts'
import { findProduct, listProducts, productKey, readProduct, storeProduct, type ProductDeps } from './catalogue-products.ts'
import { mustBeCurrent, shipVersion, storeVersion } from './catalogue-versions.ts'

export type Reader = Database | Tx
export type { RulePlace } from './catalogue-rules.ts'
export type StoredProfile = Profile & { id: string; version: number }

const MAX_KEPT = 2_000

function keep<Value>(cache: Map<string, Value>, key: string, value: Value): Value {
  if (cache.size >= MAX_KEPT) cache.clear()
  cache.set(key, value)
  return value
}

const planKey = (id: string): CatalogueKey => ({ kind: 'plan', id, scope: '' })
const profileKey = (id: string): CatalogueKey => ({ kind: 'profile', id, scope: '' })
const toPlan = (row: CatalogueRow): StoredPlan => ({ ...readStoredPlan(row.body), version: row.version })
const toProfile = (row: CatalogueRow): StoredProfile => ({
  ...fillProfile(JSON.parse(row.body) as ProfileInput),
  id: row.id,
  version: row.version,
})

/** Makes the catalogue. `load` must have run once before anything is read. */
export function makeCatalogue(options: { db: Database; log: Logger; now: () => number }) {
  const { db: database, log, now } = options
  const rules = new Map<string, Rule>()
  const terms = new Map<string, EffectivePlan & { version: number }>()

  const toRule = (row: CatalogueRow): Rule => {
    const key = `${row.id} ${row.scope} ${row.version}`
    return rules.get(key) ?? keep(rules, key, JSON.parse(row.body) as Rule)
  }

  const pickRule = (signal: string, place: RulePlace, rows: readonly CatalogueRow[]): Rule => {
    for (const scope of scopesOf(place)) {
      const row = rows.find(each => each.scope === scope)
      if (row) return toRule(row)
    }
    return { signal, ...UNNAMED_RULE }
  }

  const store = (tx: Tx, key: CatalogueKey, body: unknown, by: string, expected?: number): Promise<number | null> =>
    storeVersion(tx, { key, body, by, nowMs: now(), ...(expected === undefined ? {} : { expected }) })
  const ship = (tx: Tx, key: CatalogueKey, body: unknown): Promise<boolean> => shipVersion(tx, { key, body, nowMs: now() })

  /** Stores a rule; whether that made a new version, and which devices are to be told of it. */
  const storeRule = async (tx: Tx, scope: string, rule: Rule, by: string): Promise<{ isNew: boolean; deviceIds: string[] }> => {
    const key: CatalogueKey = { kind: 'rule', id: rule.signal, scope }
    const before = await findCurrent(tx, key)
    const isNew = (await store(tx, key, rule, by)) !== null
    // a first rule of a scope stands over one that this scope does not show
    const isTold = isNew && (changesRemedies(before && toRule(before), rule) || (before === null && scope !== ''))
    return { isNew, deviceIds: isTold ? await wantNewConfig(tx, scope) : [] }
  }

  /** A plan that somebody sent, checked. Throws `invalid-plan` with every wrong line. */
  const readPlan = async (change: { id: string; plan: unknown }): Promise<{ plan: Plan; expected: number | undefined }> => {
    const given = (typeof change.plan === 'object' && change.plan !== null ? change.plan : {}) as Record<string, unknown>
    // What a person read and sends back: warnings are an answer, not a term.
    const { version, warnings: _warnings, ...plan } = given
    const errors = planFaults(plan)
    if (errors.length === 0) errors.push(...(await holidayFaults((plan as Plan).holidays, now())))
    if (version !== undefined && !Number.isInteger(version)) errors.push({ path: '/version', message: 'must be a number' })
    if (plan['id'] !== change.id) errors.push({ path: '/id', message: `must be ${change.id}` })
    if (errors.length > 0)
      throw new DomainError(
        'invalid',
        'invalid-plan',
        'The plan is wrong; each wrong line is listed in errors. The version before stays in force.',
        { errors },
      )
    return { plan: plan as Plan, expected: typeof version === 'number' ? version : undefined }
  }

  const catalogue = {
    /** At start: the shipped defaults become versions where no person has changed them. */
    async load(): Promise<void> {
      const stored: string[] = []
      await inTransaction(database, async tx => {
        for (const plan of shippedPlans()) if (await ship(tx, planKey(plan.id), plan)) stored.push(plan.id)
        const rulesBefore = stored.length
        for (const rule of shippedRules()) if (await ship(tx, { kind: 'rule', id: rule.signal, scope: '' }, rule)) stored.push(rule.signal)
        if (stored.length > rulesBefore) await wantNewConfig(tx, '')
        for (const { id, product } of shippedProducts()) if (await ship(tx, productKey(id), product)) stored.push(id)
      })
      if (stored.length > 0)
        log.info({ versions: stored.length, ids: stored.join(' ') }, 'shipped defaults became versions of the catalogue')
    },

    /** The plan in force, or null. */
    async getPlan(db: Reader, id: string): Promise<StoredPlan | null> {
      const row = await findCurrent(db, planKey(id))
      return row && toPlan(row)
    },

    async listPlans(db: Reader): Promise<StoredPlan[]> {
      return (await listCurrent(db, { kind: 'plan' })).map(toPlan)
    },

    /**
     * Makes a new version of a plan. Throws `invalid-plan` with every wrong line, and `conflict` when `version` is given and
     * no longer the current one; the version before stays in force then.
     */
    async putPlan(tx: Tx, change: { id: string; plan: unknown; by: string }): Promise<StoredPlan> {
      const { expected, plan } = await readPlan(change)
      const made = await store(tx, planKey(change.id), plan, change.by, expected)
      return { ...plan, version: made ?? (await catalogue.getPlan(tx, change.id))?.version ?? 1 }
    },

    /** Refuses what `putPlan` would refuse, and writes nothing. Gives the plan. */
    async checkPlan(db: Reader, change: { id: string; plan: unknown }): Promise<Plan> {
      const { expected, plan } = await readPlan(change)
      mustBeCurrent(await findCurrent(db, planKey(change.id)), expected)
      return plan
    },

    /** A plan with somebody's own terms over it, in their zone; the days of a country are looked up. */
    async inForce(plan: Plan, overrides: PlanOverrides, timeZone: string): Promise<EffectivePlan> {
      const { holidays } = mergePlan(plan, overrides)
      const dates = Array.isArray(holidays) ? holidays : await closingDates(holidays, now())
      return effectivePlan({ plan, overrides, timeZone, holidaysOf: () => dates })
    },

    /** What people should be told about a plan's calendar, in sentences. */
    async planWarnings(plan: Plan): Promise<string[]> {
      const inForce = await catalogue.inForce(plan, {}, plan.suggestedTimeZone)
      return calendarWarnings(inForce, new Date(now()).getUTCFullYear())
    },

    /** The customer's plan with their own terms, in their zone. Throws `not-found` for an unknown customer. */
    async effectivePlanOf(db: Reader, customerId: string): Promise<EffectivePlan & { version: number }> {
      const row = await findCustomerTerms(db, customerId)
      if (!row) throw notFound('customer')
      if (row.body === null || row.version === null)
        throw new Error(`customer ${customerId} has the plan ${row.planId}, which is not in the catalogue`)
      const year = new Date(now()).getUTCFullYear()
      const key = JSON.stringify([row.planId, row.version, row.overrides, row.timeZone, year])
      const known = terms.get(key)
      if (known) return known
      const plan = await catalogue.inForce(readStoredPlan(row.body), readOverrides(row.overrides), row.timeZone)
      return keep(terms, key, { ...plan, version: row.version })
    },

    /** A plan for somebody who has no terms of their own. Throws `not-found` for an unknown plan. */
    async planFor(db: Reader, planId: string, timeZone: string): Promise<EffectivePlan> {
      const plan = await catalogue.getPlan(db, planId)
      if (!plan) throw notFound('plan')
      return catalogue.inForce(plan, {}, timeZone)
    },

    /** Rules in force in a scope: everybody's, with the scope's own over them. */
    async listRules(db: Reader, scope: string): Promise<Rule[]> {
      const bySignal = new Map<string, Rule>()
      for (const row of await listCurrent(db, { kind: 'rule', scopes: ['', scope] })) {
        if (row.scope === scope || !bySignal.has(row.id)) bySignal.set(row.id, toRule(row))
      }
      return [...bySignal.values()].sort((one, other) => (one.signal < other.signal ? -1 : 1))
    },

    /**
     * Makes a new version of a rule in a scope. `deviceIds` are the devices whose ladder of remedies it changes: tell them after
     * the commit. Throws `invalid` with every wrong field.
     */
    async putRule(
      tx: Tx,
      change: { signal: string; scope: string; rule: unknown; by: string },
    ): Promise<{ rule: Rule; deviceIds: string[] }> {
      const errors = schemaFaults(RuleBody, change.rule)
      if (errors.length > 0) throw invalidInput(errors)
      const rule: Rule = { ...(change.rule as RuleBody), signal: change.signal }
      if ((change.rule as RuleBody).signal !== undefined && (change.rule as RuleBody).signal !== change.signal)
        throw invalidInput([{ path: '/signal', message: `must be ${change.signal}, as in the address` }])
      return { rule, deviceIds: (await storeRule(tx, change.scope, rule, change.by)).deviceIds }
    },

    /** Rules in force at a device that have remedies, as the device gets them. */
    async remedyRulesFor(db: Reader, place: RulePlace): Promise<DeviceRules> {
      return remedyRules(place, await listCurrent(db, { kind: 'rule', scopes: scopesOf(place) }), toRule)
    },

    /** The rule for a signal (without component) at a device: the most specific of device, profile, site, customer, everybody. */
    async ruleFor(db: Reader, signal: string, place: RulePlace): Promise<Rule> {
      return pickRule(signal, place, await listCurrent(db, { kind: 'rule', id: signal, scopes: scopesOf(place) }))
    },

    /** The rules of one signal in all scopes, read once for a whole group of devices. Most specific wins, as in `ruleFor`. */
    async rulesOf(db: Reader, signal: string): Promise<(place: RulePlace) => Rule> {
      const rows = await listCurrent(db, { kind: 'rule', id: signal })
      return place => pickRule(signal, place, rows)
    },

    async getProfile(db: Reader, id: string): Promise<StoredProfile | null> {
      const row = await findCurrent(db, profileKey(id))
      return row && toProfile(row)
    },

    async listProfiles(db: Reader): Promise<StoredProfile[]> {
      return (await listCurrent(db, { kind: 'profile' })).map(toProfile)
    },

    /**
     * Makes a new version of a profile. `deviceIds` are the devices whose configuration is wanted anew: tell them after the
     * commit. Throws `invalid` with every wrong field.
     */
    async putProfile(
      tx: Tx,
      change: { id: string; profile: unknown; by: string },
    ): Promise<{ profile: StoredProfile; deviceIds: string[] }> {
      const errors = schemaFaults(ProfileInput, change.profile)
      if (!PROFILE_ID.test(change.id)) errors.push({ path: '/id', message: 'must be 1 to 64 letters, digits or dashes' })
      if (errors.length > 0) throw invalidInput(errors)
      const made = await store(tx, profileKey(change.id), change.profile, change.by)
      const row = await findCurrent(tx, profileKey(change.id))
      if (!row) throw new Error(`profile ${change.id} was not stored`)
      return { profile: toProfile(row), deviceIds: made === null ? [] : await wantNewConfig(tx, `profile:${change.id}`) }
    },

    getProduct: findProduct,
    listProducts,

    /** Makes a new version of a product, see `storeProduct`. Throws `invalid` with every wrong line, and `conflict`. */
    async putProduct(tx: Tx, change: { id: string; product: unknown; by: string }): Promise<StoredProduct> {
      const { id, by } = change
      await storeProduct(tx, productDeps, { id, by, nowMs: now(), ...readProduct(id, change.product) })
      const stored = await findProduct(tx, id)
      if (!stored) throw new Error(`product ${id} was not stored`)
      return stored
    },

    /** The whole catalogue in force as one file. */
    async exportCatalogue(db: Reader): Promise<CatalogueFile> {
      const [plans, rows, profiles] = [
        await listCurrent(db, { kind: 'plan' }),
        await listCurrent(db, { kind: 'rule' }),
        await listCurrent(db, { kind: 'profile' }),
      ]
      return {
        format: CATALOGUE_FORMAT,
        formatVersion: 1,
        plans: plans.map(row => readStoredPlan(row.body)),
        rules: rows.map(row => ({ scope: row.scope, rule: toRule(row) })),
        profiles: profiles.map(row => ({ id: row.id, profile: JSON.parse(row.body) as ProfileInput })),
        products: (await listProducts(db)).map(({ id, version: _version, ...product }) => ({ id, product })),
      }
    },

    /** Takes over a file: what differs becomes a new version, what is not in it stays. Refused whole with every wrong line. */
    async importCatalogue(tx: Tx, file: unknown, by: string): Promise<{ changed: number; planIds: string[]; deviceIds: string[] }> {
      const { plans, rules: scoped, profiles, products } = await readCatalogueFile(file, now())
      const planIds: string[] = []
      const deviceIds = new Set<string>()
      let changed = 0
      for (const plan of plans) if ((await store(tx, planKey(plan.id), plan, by)) !== null) planIds.push(plan.id)
      for (const { scope, rule } of scoped) {
        const stored = await storeRule(tx, scope, rule, by)
        if (stored.isNew) changed += 1
        for (const deviceId of stored.deviceIds) deviceIds.add(deviceId)
      }
      for (const { id, profile } of profiles) {
        if ((await store(tx, profileKey(id), profile, by)) === null) continue
        changed += 1
        for (const deviceId of await wantNewConfig(tx, `profile:${id}`)) deviceIds.add(deviceId)
      }
      for (const [index, { id, product }] of products.entries()) {
        const made = await atPath(`/products/${index}/product`, () => storeProduct(tx, productDeps, { id, product, by, nowMs: now() }))
        if (made !== null) changed += 1
      }
      return { changed: changed + planIds.length, planIds, deviceIds: [...deviceIds] }
    },
  }
  const productDeps: ProductDeps = { effectivePlanOf: catalogue.effectivePlanOf, plans: catalogue.listPlans }
  return catalogue
}
export type Catalogue = ReturnType<typeof makeCatalogue>
