/** Support plans as data: every term an offer can have, and a customer's own terms over it. */
import { Type, type Static } from 'typebox'
import { Closed, Text, TimeZone } from '../../schema-pieces.ts'
import { Cases, Contacts, Count, Devices, Entitlement, OptionalLevels } from './plan-parts.ts'
import { PLAN_TERMS, type PlanTerms } from './plan-terms.ts'

/** The schema of each term by its key. */
type TermSchemas = { [Key in keyof PlanTerms]: PlanTerms[Key]['schema'] }
const termSchemas = Object.fromEntries(Object.entries(PLAN_TERMS).map(([key, { schema }]) => [key, schema])) as TermSchemas

/** A support plan, whole. */
export const Plan = Closed({
  id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 }),
  offer: Text(60),
  name: Text(60),
  ...termSchemas,
})
export type Plan = Static<typeof Plan>

/** A plan as it is read: with the number of its version. */
export const StoredPlan = Closed({ ...Plan.properties, version: Type.Integer({ minimum: 1 }) })
export type StoredPlan = Static<typeof StoredPlan>
/** Body of `PUT /plans/{id}`: a whole plan, or one as it was read. With `version` it is refused when another one is in force by now. */
export const PlanBody = Closed({
  ...Plan.properties,
  warnings: Type.Optional(Type.Array(Type.String(), { description: 'as read; not a term' })),
  id: Type.Optional(Plan.properties.id),
  version: Type.Optional(Type.Integer({ minimum: 0 })),
})
/** The whole catalogue as one file; checked line by line when it is imported. */
export const CatalogueDocument = Type.Object({
  format: Type.String(),
  formatVersion: Type.Integer(),
  plans: Type.Array(Type.Unknown()),
  rules: Type.Array(Type.Unknown()),
  profiles: Type.Array(Type.Unknown()),
  products: Type.Optional(Type.Array(Type.Unknown())),
})
export const ImportAnswer = Closed({
  changed: Type.Integer({ description: 'new versions made' }),
  planIds: Type.Array(Type.String()),
  deviceIds: Type.Array(Type.String()),
})

/** A customer's own terms: any part of a plan. A bare number for devices, contacts and cases is the number included. */
export const PlanOverrides = Type.Partial(
  Closed({
    ...termSchemas,
    timeZone: TimeZone,
    devices: Type.Union([Count, Type.Partial(Devices, { additionalProperties: false })]),
    contacts: Type.Union([Count, Type.Partial(Contacts, { additionalProperties: false })]),
    cases: Type.Union([Count, Type.Partial(Cases, { additionalProperties: false })]),
    levels: OptionalLevels,
    /** A list replaces the plan's; by id it sets amounts agreed for this customer and buys add-ons (null = without limit). */
    entitlements: Type.Union([
      Type.Array(Entitlement, { maxItems: 50 }),
      Type.Record(
        Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
        Type.Union([Type.Number({ minimum: 0, maximum: 1_000_000 }), Type.Null()]),
      ),
    ]),
  }),
  { additionalProperties: false },
)
export type PlanOverrides = Static<typeof PlanOverrides>
