/** The plans, rules and products that ship: JSON files beside the code, checked before anything is stored. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Plan } from '../../shared/api/plans/plan-api.ts'
import type { Product } from '../../shared/api/plans/product-api.ts'
import { Rule } from '../../shared/api/incidents/rule-api.ts'
import { planFaults } from './rules/plan-faults.ts'
import { schemaFaults } from '../platform/schema-faults.ts'
import { productFaults } from './rules/product-faults.ts'

const FOLDER = new URL('../catalogue/', import.meta.url)

function read(file: string, faultsOf: (value: unknown) => { path: string; message: string }[]): unknown {
  const value: unknown = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
  const [fault] = faultsOf(value)
  if (fault) throw new Error(`Shipped ${file} is wrong at ${fault.path}: ${fault.message}`)
  return value
}

/** Every shipped plan. Throws when a file is wrong: that is a fault of the release. */
export function shippedPlans(): Plan[] {
  return readdirSync(new URL('plans/', FOLDER))
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => read(`plans/${name}`, planFaults) as Plan)
}

/** Every shipped product with its id, which is the name of its file. */
export function shippedProducts(): { id: string; product: Product }[] {
  return readdirSync(new URL('products/', FOLDER))
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => ({ id: name.replace(/\.json$/, ''), product: read(`products/${name}`, productFaults) as Product }))
}

/** Every shipped rule, one a signal, in their order. */
export function shippedRules(): Rule[] {
  const rules = read('rules.json', value =>
    Array.isArray(value)
      ? value.flatMap((rule, index) => schemaFaults(Rule, rule).map(fault => ({ path: `/${index}${fault.path}`, message: fault.message })))
      : [{ path: '', message: 'must be a list' }],
  )
  return (rules as Rule[]).toSorted((one, other) => (one.signal < other.signal ? -1 : 1))
}
