/** Products of the catalogue: versions in the store, and the announcement of an end of life to everybody whose plan gives notice. */
import type { Product, StoredProduct } from '../../shared/api/plans/product-api.ts'
import { DomainError } from '../platform/errors.ts'
import type { EffectivePlan } from './rules/plan.ts'
import { writeEndOfLife } from './rules/end-of-life-letter.ts'
import { noticeFaults, productFaults, type NoticeTerm } from './rules/product-faults.ts'
import { findCurrent, listCurrent, lockVersions, type CatalogueKey } from './store/catalogue-store.ts'
import { listContacts, listCustomerNames } from '../customers/store/customer-store.ts'
import type { Database, Tx } from '../database/database.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import type { CatalogueRow } from '../database/tables/schema.ts'
import { storeVersion } from './catalogue-versions.ts'

/** The product that devices run: its releases are the agent's own. */
export const AGENT_PRODUCT = 'kioskeeper-agent'
const PRODUCT_ID = /^[a-z0-9]+(-[a-z0-9]+)*$/

type PlanOf = (db: Tx, customerId: string) => Promise<EffectivePlan>
type Change = { id: string; product: Product; by: string; nowMs: number; expected?: number }
export type ProductDeps = {
  effectivePlanOf: PlanOf
  plans(db: Tx): Promise<{ offer: string; name: string; endOfLifeNoticeMonths?: number }[]>
}

export const productKey = (id: string): CatalogueKey => ({ kind: 'product', id, scope: '' })
const toProduct = (row: CatalogueRow): StoredProduct => ({ ...(JSON.parse(row.body) as Product), id: row.id, version: row.version })

/** The product in force, or null. */
export async function findProduct(db: Database | Tx, id: string): Promise<StoredProduct | null> {
  const row = await findCurrent(db, productKey(id))
  return row && toProduct(row)
}

/** Every product in force, by id. */
export async function listProducts(db: Database | Tx): Promise<StoredProduct[]> {
  return (await listCurrent(db, { kind: 'product' })).map(toProduct)
}

type Informed = { customerId: string; name: string; months: number }

/** Customers whose terms give notice of an end of life. */
async function informed(tx: Tx, effectivePlanOf: PlanOf): Promise<Informed[]> {
  const list: Informed[] = []
  for (const { id, name } of await listCustomerNames(tx)) {
    const { endOfLifeNoticeMonths: months } = await effectivePlanOf(tx, id)
    if (months !== undefined) list.push({ customerId: id, name, months })
  }
  return list
}

/** Everybody who gives or is owed notice, each once: the plans, and customers who agreed on another length. */
async function noticeTerms(tx: Tx, deps: ProductDeps, customers: readonly Informed[]): Promise<NoticeTerm[]> {
  const plans = (await deps.plans(tx)).flatMap(({ offer, name, endOfLifeNoticeMonths: months }) =>
    months === undefined ? [] : [{ who: `The ${offer} ${name} plan`, months }],
  )
  const lengths = new Set(plans.map(term => term.months))
  return [
    ...plans,
    ...customers.filter(({ months }) => !lengths.has(months)).map(({ name, months }) => ({ who: `The contract of ${name}`, months })),
  ]
}

/**
 * Stores a product; null when nothing changed. A new day for the end of its life needs the notice that every plan gives, and is
 * told to the contacts of all customers whose plan gives notice, once. Throws `invalid` with each plan's earliest day, and `conflict`.
 */
export async function storeProduct(tx: Tx, deps: ProductDeps, change: Change): Promise<number | null> {
  const { id, product, by, nowMs, expected } = change
  // What is announced is compared with what is in force: nobody may change that in between.
  await lockVersions(tx, productKey(id))
  const before = await findProduct(tx, id)
  const { endOfLife } = product
  const isAnnounced = endOfLife !== undefined && endOfLife.on !== before?.endOfLife?.on
  const customers = isAnnounced ? await informed(tx, deps.effectivePlanOf) : []
  if (isAnnounced) {
    const today = new Date(nowMs).toISOString().slice(0, 10)
    const errors = noticeFaults(endOfLife.on, today, await noticeTerms(tx, deps, customers))
    if (errors.length > 0)
      throw new DomainError(
        'invalid',
        'invalid-input',
        'The end of life is announced too late; errors names the earliest date for each plan.',
        { errors },
      )
  }
  const version = await storeVersion(tx, { key: productKey(id), body: product, by, nowMs, ...(expected === undefined ? {} : { expected }) })
  if (version === null || !isAnnounced) return version
  for (const { customerId, name } of customers) {
    const letter = writeEndOfLife({ productName: product.name, customerName: name, ...endOfLife })
    for (const address of new Set((await listContacts(tx, customerId)).map(contact => contact.email)))
      await addNotice(tx, {
        channel: 'email',
        dedupKey: `end-of-life:v1:${id}:${version}:${customerId}:${address}`,
        address,
        customerId,
        nowMs,
        ...letter,
      })
  }
  return version
}

/** A product from the outside, checked. `version` is the one it replaces, when it was given. Throws `invalid` with every wrong line. */
export function readProduct(id: string, body: unknown): { product: Product; expected?: number } {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const { id: ownId = id, version, ...product } = given
  const errors = productFaults(product)
  if (!PRODUCT_ID.test(id) || id.length > 64)
    errors.push({ path: '/id', message: 'must be words of small letters and digits, joined by dashes' })
  else if (ownId !== id) errors.push({ path: '/id', message: `must be ${id}, as in the address` })
  if (version !== undefined && !Number.isInteger(version)) errors.push({ path: '/version', message: 'must be a number' })
  if (errors.length > 0)
    throw new DomainError('invalid', 'invalid-input', 'The product is wrong; each wrong line is listed in errors.', { errors })
  return { product: product as Product, ...(typeof version === 'number' ? { expected: version } : {}) }
}
