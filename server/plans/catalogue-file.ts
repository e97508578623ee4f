/** The whole catalogue as one file: what an export holds and what an import accepts. */
import { Type, type Static } from 'typebox'
import { Plan } from '../../shared/api/plans/plan-api.ts'
import { Product, ProductId } from '../../shared/api/plans/product-api.ts'
import { Rule, RuleScope } from '../../shared/api/incidents/rule-api.ts'
import { ProfileInput } from '../../shared/profile.ts'
import { Closed } from '../../shared/schema-pieces.ts'
import { DomainError, type FieldError } from '../platform/errors.ts'
import { planFaults } from './rules/plan-faults.ts'
import { schemaFaults } from '../platform/schema-faults.ts'
import { productFaults } from './rules/product-faults.ts'
import { holidayFaults } from '../calendars/holidays.ts'

export const CATALOGUE_FORMAT = 'kioskeeper-catalogue'
export const PROFILE_ID = /^[A-Za-z0-9-]{1,64}$/

const List = Type.Array(Type.Unknown(), { maxItems: 10_000 })
const Frame = Closed({
  format: Type.Literal(CATALOGUE_FORMAT),
  formatVersion: Type.Literal(1),
  plans: List,
  rules: List,
  profiles: List,
  products: Type.Optional(List),
})
const ScopedRule = Closed({ scope: RuleScope, rule: Rule })
const NamedProfile = Closed({ id: Type.String({ pattern: PROFILE_ID.source }), profile: ProfileInput })
const NamedProduct = Closed({ id: ProductId, product: Product })

/** An exported catalogue. Scope '' is everybody's rule. */
export type CatalogueFile = {
  format: typeof CATALOGUE_FORMAT
  formatVersion: 1
  plans: Plan[]
  rules: Static<typeof ScopedRule>[]
  profiles: Static<typeof NamedProfile>[]
  products: Static<typeof NamedProduct>[]
}

/** Nobody reads more of them, and a hostile file could have millions. */
const MAX_FAULTS = 1_000

type Kind<Value> = {
  name: string
  list: unknown[]
  faultsOf(value: unknown): FieldError[] | Promise<FieldError[]>
  keyOf(value: Value): string
}

/** Adds what is wrong with the things of one kind, and ids that are there twice. */
async function checkEach<Value>({ name, list, faultsOf, keyOf }: Kind<Value>, faults: FieldError[]): Promise<void> {
  const seen = new Set<string>()
  for (const [index, value] of list.entries()) {
    if (faults.length >= MAX_FAULTS) return
    const wrong = await faultsOf(value)
    faults.push(...wrong.map(fault => ({ path: `/${name}/${index}${fault.path}`, message: fault.message })))
    if (wrong.length > 0) continue
    const key = keyOf(value as Value)
    if (seen.has(key)) faults.push({ path: `/${name}/${index}`, message: `${key} is there twice` })
    seen.add(key)
  }
}

async function faultsOfPlan(plan: unknown, nowMs: number): Promise<FieldError[]> {
  const faults = planFaults(plan)
  return faults.length > 0 ? faults : holidayFaults((plan as Plan).holidays, nowMs)
}

function faultsOfProduct(value: unknown): FieldError[] {
  const faults = schemaFaults(NamedProduct, value)
  if (faults.length > 0) return faults
  return productFaults((value as Static<typeof NamedProduct>).product).map(fault => ({ ...fault, path: `/product${fault.path}` }))
}

const byKey =
  <Value>(keyOf: (value: Value) => string) =>
  (one: Value, other: Value): number =>
    keyOf(one) < keyOf(other) ? -1 : 1
const ruleKey = ({ scope, rule }: CatalogueFile['rules'][number]): string => `${rule.signal} ${scope}`

/**
 * The file, checked whole, each list in the order of its ids: imports that run at once then wait for each other instead of crossing.
 * Throws DomainError `invalid-catalogue` with every wrong line, up to a thousand; nothing is taken then.
 */
export async function readCatalogueFile(file: unknown, nowMs: number): Promise<CatalogueFile> {
  const faults: FieldError[] = schemaFaults(Frame, file)
  if (faults.length === 0) {
    const { plans, rules, profiles, products = [] } = file as Static<typeof Frame>
    await checkEach<Plan>({ name: 'plans', list: plans, faultsOf: plan => faultsOfPlan(plan, nowMs), keyOf: plan => plan.id }, faults)
    await checkEach({ name: 'rules', list: rules, faultsOf: value => schemaFaults(ScopedRule, value), keyOf: ruleKey }, faults)
    await checkEach<CatalogueFile['profiles'][number]>(
      { name: 'profiles', list: profiles, faultsOf: value => schemaFaults(NamedProfile, value), keyOf: ({ id }) => id },
      faults,
    )
    await checkEach<CatalogueFile['products'][number]>(
      { name: 'products', list: products, faultsOf: faultsOfProduct, keyOf: ({ id }) => id },
      faults,
    )
  }
  if (faults.length > 0)
    throw new DomainError('invalid', 'invalid-catalogue', 'The file was refused whole; errors lists each wrong line.', {
      errors: faults.slice(0, MAX_FAULTS),
    })
  // Files from before there were products have none.
  const {
    plans,
    rules,
    profiles,
    products = [],
    ...frame
  } = file as Omit<CatalogueFile, 'products'> & Partial<Pick<CatalogueFile, 'products'>>
  return {
    ...frame,
    plans: plans.toSorted(byKey(plan => plan.id)),
    rules: rules.toSorted(byKey(ruleKey)),
    profiles: profiles.toSorted(byKey(({ id }) => id)),
    products: products.toSorted(byKey(({ id }) => id)),
  }
}
