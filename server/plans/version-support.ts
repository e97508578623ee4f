/** Support of versions under customers' plans: of the agents that devices run, and of the software that tickets name. */
import type { VersionSupport } from '../../shared/api/plans/product-api.ts'
import { invalidInput } from '../platform/errors.ts'
import type { EffectivePlan } from './rules/plan.ts'
import { supportOf } from './rules/version-policy.ts'
import type { Database, Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { AGENT_PRODUCT, findProduct } from './catalogue-products.ts'

const todayIn = (plan: EffectivePlan, nowMs: number): string =>
  Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(plan.timeZone).toPlainDate().toString()

/** Whether the plan supports a device's agent. */
export async function agentSupport(db: Database | Tx, plan: EffectivePlan, version: string, nowMs: number): Promise<VersionSupport> {
  const product = await findProduct(db, AGENT_PRODUCT)
  const support = product && supportOf({ policy: plan.versionPolicy, product, version, today: todayIn(plan, nowMs) })
  return support ?? { supported: true, until: null, why: `Nothing is known of the version ${version} of the agent.` }
}

/**
 * What a report's product and version add to why a ticket is as it is: a sentence when the plan does not support them.
 * Throws `invalid` for an unknown product.
 */
export async function reportedSupport(
  tx: Tx,
  plan: EffectivePlan,
  report: { productId?: string | null | undefined; softwareVersion?: string | null | undefined },
  nowMs: number,
): Promise<string[]> {
  const { productId, softwareVersion } = report
  if (!productId) return []
  const product = await findProduct(tx, productId)
  if (!product) throw invalidInput([{ path: 'body/productId', message: 'is not a product of the catalogue' }])
  if (!softwareVersion) return []
  const support = supportOf({ policy: plan.versionPolicy, product, version: softwareVersion, today: todayIn(plan, nowMs) })
  return support && !support.supported ? [support.why] : []
}

type Reported = Pick<TicketRow, 'product_id' | 'software_version'>

/** The sentences of a ticket whose report changed: what they said of the product before gives way to what is so now. */
export async function withSupport(
  tx: Tx,
  plan: EffectivePlan,
  change: { why: readonly string[]; before: Reported; after: Reported },
  nowMs: number,
): Promise<string[]> {
  const of = (row: Reported): Promise<string[]> =>
    reportedSupport(tx, plan, { productId: row.product_id, softwareVersion: row.software_version }, nowMs)
  const [old, now] = [await of(change.before), await of(change.after)]
  return [...change.why.filter(sentence => !old.includes(sentence) && !now.includes(sentence)), ...now]
}
