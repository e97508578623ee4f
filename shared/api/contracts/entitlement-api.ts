/** What a plan gives beside its clocks (training, workshops, visits, consultancy), with balances. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text } from '../../schema-pieces.ts'

const Amount = Type.Number({ minimum: 0, maximum: 1_000_000 })

/** One entitlement of a customer in the period that runs now. */
export const EntitlementBalance = Closed({
  id: Type.String(),
  name: Type.String(),
  unit: OneOf(['hours', 'sessions', 'visits', 'included']),
  per: OneOf(['month', 'year', 'product', 'contract']),
  /** Given in the period; null = without limit. */
  amount: Type.Union([Amount, Type.Null()]),
  used: Amount,
  /** What is left; null = without limit. Given per product: what a product has that was not named yet. */
  left: Type.Union([Type.Number(), Type.Null()]),
  /** Bought separately: `isActive` says whether this customer has it. */
  addOn: Type.Boolean(),
  isActive: Type.Boolean(),
  periodFrom: NullableInstant,
  periodTo: NullableInstant,
  /** Given per product: each product that was named; `used` above is their sum. */
  products: Type.Optional(Type.Array(Closed({ product: Type.String(), used: Amount, left: Type.Union([Amount, Type.Null()]) }))),
})
export type EntitlementBalance = Static<typeof EntitlementBalance>

/** Body of `POST /customers/{id}/entitlements/{entitlementId}/uses`. 409 `entitlement-exhausted` when it is more than is left. */
export const EntitlementUseInput = Closed({
  /** In the entitlement's unit; quarter hours are fine. */
  amount: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
  note: Text(500),
  at: Type.Optional(Instant),
  ticketId: Type.Optional(Type.String({ maxLength: 64 })),
  /** For what is given per product: the product's name. */
  product: Type.Optional(Text(120)),
})
export type EntitlementUseInput = Static<typeof EntitlementUseInput>

/** One use; a cancelled one stays in the list and no longer counts. */
export const EntitlementUse = Closed({
  id: Type.String(),
  entitlementId: Type.String(),
  amount: Amount,
  note: Type.String(),
  at: Instant,
  ticketId: Type.Union([Type.String(), Type.Null()]),
  product: Type.Union([Type.String(), Type.Null()]),
  by: Type.String(),
  cancelledAt: NullableInstant,
})
export type EntitlementUse = Static<typeof EntitlementUse>
