/** What a plan gives beside its clocks: balances, uses, and a ledger in which nothing is lost. */
import type { EntitlementBalance, EntitlementUse, EntitlementUseInput } from '../../shared/api/contracts/entitlement-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { balanceOf, checkLeft, checkUse, periodOf, usedIn, type Entitlement, type PeriodTerms, type Use } from './rules/entitlement.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import type { EffectivePlan } from '../plans/rules/plan.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../database/database.ts'
import { cancelUse, findUse, insertUse, listCountedUses, listUses } from './store/entitlement-store.ts'
import { toPage } from '../database/paging.ts'
import { findLastStatement } from './store/statement-store.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { EntitlementUseRow } from '../database/tables/usage-rows.ts'
import type { Catalogue, Reader } from '../plans/catalogue.ts'
import type { UsageService } from './plan-usage.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

/** A use as callers see it. */
export function toUse(row: EntitlementUseRow): EntitlementUse {
  return {
    id: row.id,
    entitlementId: row.entitlement_id,
    amount: row.amount,
    note: row.note,
    at: iso(row.at),
    ticketId: row.ticket_id,
    product: row.product,
    by: row.created_by,
    cancelledAt: row.cancelled_at === null ? null : iso(row.cancelled_at),
  }
}
const counted = (row: EntitlementUseRow): Use => ({ amount: row.amount, atMs: row.at, product: row.product })

/** Makes the entitlements service. */
export function makeEntitlements(deps: {
  db: Database
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf' | 'getPlan'>
  usage: Pick<UsageService, 'review'>
}) {
  const { db, now, catalogue } = deps

  const termsOf = async (reader: Reader, customerId: string): Promise<{ plan: EffectivePlan; terms: PeriodTerms }> => {
    const customer = await findCustomer(reader, customerId)
    if (!customer) throw notFound('customer')
    const plan = await catalogue.effectivePlanOf(reader, customerId)
    return { plan, terms: { timeZone: plan.timeZone, sinceMs: customer.created_at } }
  }
  const entitlementOf = (plan: EffectivePlan, id: string): Entitlement => {
    const entitlement = plan.entitlements.find(each => each.id === id)
    if (!entitlement) throw notFound('entitlement of the plan')
    return entitlement
  }
  const mustBeOwnTicket = async (tx: Tx, customerId: string, ticketId: string | undefined): Promise<void> => {
    if (ticketId !== undefined && (await findTicket(tx, ticketId))?.customer_id !== customerId)
      throw invalidInput([{ path: 'body/ticketId', message: 'is not a ticket of this customer' }])
  }
  /** A use lies in the past, and not in a month whose statement is out. */
  const mustBeOpenInstant = async (tx: Tx, customerId: string, atMs: number, sinceMs: number): Promise<void> => {
    const last = await findLastStatement(tx, customerId)
    const message =
      atMs > now()
        ? 'must not be in the future'
        : atMs < sinceMs
          ? 'is before this customer was made'
          : last !== null && atMs < last.toMs
            ? `is in a month whose statement is issued (${last.month}): note it at a later time and say in the note when it was`
            : null
    if (message !== null) throw invalidInput([{ path: 'body/at', message }])
  }

  const entitlements = {
    /** What the plan gives, each with its balance in the period of `atMs`; add-ons that were not bought are listed as not active. Throws not-found. */
    async balances(reader: Reader, customerId: string, atMs: number): Promise<EntitlementBalance[]> {
      const { plan, terms } = await termsOf(reader, customerId)
      if (plan.entitlements.length === 0) return []
      const offered = (await catalogue.getPlan(reader, plan.id))?.entitlements ?? []
      const uses = Map.groupBy(await listCountedUses(reader, customerId), use => use.entitlement_id)
      return plan.entitlements.map(entitlement =>
        balanceOf(
          // Own terms turn a bought add-on into an entitlement like any other; what the plan says is the offer.
          { ...entitlement, isBoughtApart: offered.find(each => each.id === entitlement.id)?.addOn ?? entitlement.addOn },
          (uses.get(entitlement.id) ?? []).map(counted).filter(use => use.atMs <= atMs),
          atMs,
          terms,
        ),
      )
    },

    /** The balances of now. Throws not-found. */
    list: (customerId: string): Promise<EntitlementBalance[]> => entitlements.balances(db, customerId, now()),

    /** The ledger of one entitlement, newest first. Throws not-found for what the plan does not have and never had. */
    async uses(
      customerId: string,
      entitlementId: string,
      query: { limit: number; cursor?: string | undefined },
    ): Promise<Page<EntitlementUse>> {
      const { plan } = await termsOf(db, customerId)
      const { rows, total } = await listUses(db, { customerId, entitlementId, ...query })
      // What an earlier plan gave stays readable.
      if (total === 0) entitlementOf(plan, entitlementId)
      return toPage(rows, query.limit, total, toUse, row => [row.at, row.id] as const)
    },

    /** Notes a use. Throws entitlement-exhausted with what is left, entitlement-not-bought, invalid-input; exact however many ask at once. */
    async use(customerId: string, entitlementId: string, input: EntitlementUseInput, by: string): Promise<EntitlementUse> {
      const atMs = input.at === undefined ? now() : Date.parse(input.at)
      if (Number.isNaN(atMs)) throw invalidInput([{ path: 'body/at', message: 'is not an instant' }])
      return inTransaction(db, async tx => {
        if (!(await lockCustomer(tx, customerId))) throw notFound('customer')
        const { plan, terms } = await termsOf(tx, customerId)
        const entitlement = entitlementOf(plan, entitlementId)
        checkUse(entitlement, input)
        await mustBeOwnTicket(tx, customerId, input.ticketId)
        await mustBeOpenInstant(tx, customerId, atMs, terms.sinceMs)
        const uses = (await listCountedUses(tx, customerId, entitlementId)).map(counted)
        checkLeft(entitlement, input, usedIn(uses, periodOf(entitlement.per, atMs, terms), input.product ?? null), plan.name)
        const row: EntitlementUseRow = {
          id: newRowId(),
          customer_id: customerId,
          entitlement_id: entitlementId,
          amount: input.amount,
          note: input.note,
          at: atMs,
          ticket_id: input.ticketId ?? null,
          product: input.product ?? null,
          created_by: by,
          created_at: now(),
          cancelled_at: null,
          cancelled_by: null,
        }
        await insertUse(tx, row)
        await deps.usage.review(tx, customerId)
        return toUse(row)
      })
    },

    /** Cancels a use: it stays in the ledger and counts no more. Throws not-found. */
    async cancel(customerId: string, entitlementId: string, useId: string, by: string): Promise<void> {
      await inTransaction(db, async tx => {
        await lockCustomer(tx, customerId)
        if (!(await findUse(tx, { customerId, entitlementId, useId }))) throw notFound('use')
        await cancelUse(tx, useId, by, now())
        await deps.usage.review(tx, customerId)
      })
    },
  }
  return entitlements
}
export type Entitlements = ReturnType<typeof makeEntitlements>
