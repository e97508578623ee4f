/** Customers, their sites, named contacts and plan usage. */
import { Type, type Static } from 'typebox'
import { LANGUAGES } from '../../languages.ts'
import { Closed, Email, Instant, NullableInstant, OneOf, Text, TimeZone, Url } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

const nullable = <Schema extends ReturnType<typeof Type.String>>(schema: Schema) => Type.Union([schema, Type.Null()])
/** A partial plan; its fields are checked against the plan schema by the catalogue. */
const Overrides = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 })

/** Language of letters to the customer. */
const LanguageWord = OneOf(LANGUAGES)

export const CustomerInput = Closed({
  name: Text(200),
  planId: Text(64),
  timeZone: TimeZone,
  overrides: Type.Optional(Overrides),
  webhookUrl: Type.Optional(nullable(Url)),
  language: Type.Optional(LanguageWord),
})
export type CustomerInput = Static<typeof CustomerInput>
export const CustomerPatch = Type.Partial(CustomerInput, { additionalProperties: false })
export type CustomerPatch = Static<typeof CustomerPatch>
export const Customer = Closed({
  id: Type.String(),
  name: Type.String(),
  planId: Type.String(),
  planName: Type.String(),
  timeZone: Type.String(),
  overrides: Overrides,
  webhookUrl: nullable(Type.String()),
  language: LanguageWord,
  downgradeUntil: NullableInstant,
  createdAt: Instant,
  deviceCount: Type.Integer(),
  siteCount: Type.Integer(),
})
export type Customer = Static<typeof Customer>
/** A customer just made or changed; `webhookSecret` is there once, when it has been made: it signs what goes to `webhookUrl`. */
export const ChangedCustomer = Closed({ ...Customer.properties, webhookSecret: nullable(Type.String()) })
export type ChangedCustomer = Static<typeof ChangedCustomer>
export const CustomerQuery = ListQuery({ q: Type.Optional(Type.String({ maxLength: 200 })) })

/** `{hours: {mon: [["08:00","18:00"]], ...}, holidays?, overrides?}` in the site's zone; checked by the calendar. */
const OpeningHours = Type.Record(Type.String({ maxLength: 16 }), Type.Unknown(), { maxProperties: 8 })
export const SiteInput = Closed({
  name: Text(200),
  timeZone: Type.Optional(TimeZone),
  address: Type.Optional(Type.String({ maxLength: 500 })),
  region: Type.Optional(Type.String({ maxLength: 100 })),
  location: Type.Optional(Closed({ lat: Type.Number({ minimum: -90, maximum: 90 }), lon: Type.Number({ minimum: -180, maximum: 180 }) })),
  openingHours: Type.Optional(OpeningHours),
  partnerId: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
})
export type SiteInput = Static<typeof SiteInput>
export const SitePatch = Type.Partial(
  Closed({ ...SiteInput.properties, openingHours: Type.Union([OpeningHours, Type.Null()], { description: 'null = always open' }) }),
  { additionalProperties: false },
)
export type SitePatch = Static<typeof SitePatch>
export const Site = Closed({
  id: Type.String(),
  customerId: Type.String(),
  name: Type.String(),
  timeZone: Type.String(),
  address: nullable(Type.String()),
  region: nullable(Type.String()),
  location: Type.Union([Closed({ lat: Type.Number(), lon: Type.Number() }), Type.Null()]),
  openingHours: Type.Union([OpeningHours, Type.Null()]),
  partnerId: nullable(Type.String()),
  createdAt: Instant,
})
export type Site = Static<typeof Site>

export const ContactInput = Closed({ name: Text(200), email: Email, phone: Type.Optional(Type.String({ minLength: 3, maxLength: 40 })) })
export type ContactInput = Static<typeof ContactInput>
export const Contact = Closed({
  id: Type.String(),
  customerId: Type.String(),
  name: Type.String(),
  email: Type.String(),
  phone: nullable(Type.String()),
  createdAt: Instant,
})
export type Contact = Static<typeof Contact>

const included = Type.Union([Type.Integer(), Type.Null()], { description: 'null = without limit' })
/** A limit that is used to 80 or 100 %, and what follows under the customer's plan. */
export const ReachedLimit = Closed({
  limit: OneOf(['devices', 'contacts', 'cases', 'entitlement']),
  /** Of the entitlement. */
  id: Type.Optional(Type.String()),
  percent: Type.Union([Type.Literal(80), Type.Literal(100)]),
  /** Since when; left out when it was not judged yet. */
  since: Type.Optional(Instant),
  sentence: Type.String(),
})
export type ReachedLimit = Static<typeof ReachedLimit>
export const Usage = Closed({
  devices: Closed({ included, covered: Type.Integer(), additional: Type.Integer(), waiting: Type.Integer() }),
  contacts: Closed({ included, used: Type.Integer() }),
  cases: Closed({ included, used: Type.Integer(), month: Type.String() }),
  reached: Type.Array(ReachedLimit),
})
export type Usage = Static<typeof Usage>

/** Answer of `GET /customers/{id}/covered-devices`: what there is to choose from. */
export const CoverChoice = Closed({
  /** End of the time to choose; null = no downgrade is going on. */
  until: NullableInstant,
  included,
  items: Type.Array(
    Closed({
      deviceId: Type.String(),
      name: Type.String(),
      siteName: Type.String(),
      state: OneOf(['active', 'additional', 'waiting', 'uncovered']),
      enrolledAt: Instant,
      /** Whether it stays covered when nothing else is chosen. */
      chosen: Type.Boolean(),
    }),
  ),
})
export type CoverChoice = Static<typeof CoverChoice>
export const CoveredDevices = Closed({ deviceIds: Type.Array(Type.String({ maxLength: 26 }), { maxItems: 100_000, uniqueItems: true }) })
