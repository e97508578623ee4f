/** What ships: plans and products as JSON files beside the code, checked before anything is stored, and the rules of the signals. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Plan } from '../../shared/api/plans/plan-api.ts'
import type { Product } from '../../shared/api/plans/product-api.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import type { SignalLine } from '../../shared/signals/signal-line.ts'
import { SIGNAL_NAMES, SIGNALS } from '../../shared/signals/signals.ts'
import { planFaults } from './rules/plan-faults.ts'
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

/** A rung of a shipped ladder, and how long the whole of it may take: people change both, signal by signal. */
const RUNG = { attempts: 2, cooldownSeconds: 300 }
const LADDER_SECONDS = 300

/** Every shipped rule, one a signal, in their order. */
export function shippedRules(): Rule[] {
  return SIGNAL_NAMES.toSorted().flatMap((signal): Rule[] => {
    const { rule }: SignalLine = SIGNALS[signal]
    if (rule === null) return []
    const { remedies, ...terms } = rule
    return [{ signal, enabled: true, ...terms, remedies: remedies.map(id => ({ id, ...RUNG })), ladderSeconds: LADDER_SECONDS }]
  })
}
