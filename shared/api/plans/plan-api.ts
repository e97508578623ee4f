/** Support plans as data: every term an offer can have, and a customer's own terms over it. */
import { Type, type Static } from 'typebox'
import { Closed, OneOf, Text, TimeZone } from '../../schema.ts'
import { Category, Channel, Environment, LocalDate, SpecialDates, WeeklyHours } from '../sla/sla-api.ts'

const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const CountOrUnlimited = Type.Union([Count, Type.Null()], { description: 'null = no limit' })
const Days = Type.Integer({ minimum: 1, maximum: 365 })
const LevelKey = Type.Integer({ minimum: 1, maximum: 4 })

/** Minutes of open service time. */
const MinutesTarget = Closed({ kind: OneOf(['minutes']), minutes: Type.Number({ exclusiveMinimum: 0, maximum: 5_256_000 }) })
/**
 * By close of the `days`-th business day after the local date of receipt; with `firstDays` a band, warned at the close of
 * its lower bound. `received-when-open`: registered outside hours counts as received at the next opening.
 */
const BusinessDaysTarget = Closed({
  kind: OneOf(['business-days']),
  days: Days,
  firstDays: Type.Optional(Days),
  receipt: OneOf(['calendar-date', 'received-when-open']),
})
/** What a plan promises for one clock. `best-effort` is measured and never breached; `none` has no recurring clock ("when done"). */
export const PlanTarget = Type.Union([
  MinutesTarget,
  BusinessDaysTarget,
  Closed({ kind: OneOf(['best-effort']) }),
  Closed({ kind: OneOf(['none']) }),
])
export type PlanTarget = Static<typeof PlanTarget>

/** Terms of one severity level. */
export const LevelTerms = Closed({
  name: Text(40),
  /** Only tickets of these; others count as the next level down that takes them. Left out = all. */
  environments: Type.Optional(Type.Array(Environment)),
  categories: Type.Optional(Type.Array(Category)),
  /** The customer must have staff at hand; without, a person lowers the level. */
  needsCustomerStaff: Type.Optional(Type.Boolean()),
  /** Hours of this level when they differ from the plan's. */
  hours: Type.Optional(WeeklyHours),
  response: PlanTarget,
  update: PlanTarget,
  /** The first update interval runs from registration instead of from the response. */
  updateFromRegistration: Type.Optional(Type.Boolean()),
  resolution: Type.Optional(PlanTarget),
  /** Waiting for the customer stops the update clock too. Default: yes, but for level 1. */
  waitingPausesUpdate: Type.Optional(Type.Boolean()),
})
export type LevelTerms = Static<typeof LevelTerms>

const Levels = Closed({ '1': LevelTerms, '2': LevelTerms, '3': LevelTerms, '4': LevelTerms })
const OptionalLevels = Closed({
  '1': Type.Optional(Type.Partial(LevelTerms, { additionalProperties: false })),
  '2': Type.Optional(Type.Partial(LevelTerms, { additionalProperties: false })),
  '3': Type.Optional(Type.Partial(LevelTerms, { additionalProperties: false })),
  '4': Type.Optional(Type.Partial(LevelTerms, { additionalProperties: false })),
})

const HolidayRules = Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 200 })
/**
 * Days without service: a list, or the public holidays of a place. `except` names public holidays on which service runs all the
 * same, `also` other days of the place that close (both by their rule, which is the same over the years: `12-24`, `easter -2`).
 */
export const Holidays = Type.Union([
  Type.Array(LocalDate, { maxItems: 1_000 }),
  Closed({
    country: Type.String({ pattern: '^[A-Z]{2}$' }),
    region: Type.Optional(Type.String({ minLength: 1, maxLength: 10 })),
    except: Type.Optional(HolidayRules),
    also: Type.Optional(HolidayRules),
  }),
])
export type Holidays = Static<typeof Holidays>

const Devices = Closed({ included: CountOrUnlimited, more: OneOf(['refused', 'billed']) })
const Contacts = Closed({ included: CountOrUnlimited, namedOnly: Type.Boolean() })
const Cases = Closed({
  perMonth: CountOrUnlimited,
  beyond: OneOf(['pay-per-incident', 'approval']),
  payPerIncident: Type.Boolean({ description: 'every case is paid on its own' }),
})
/** After hours only these levels (by these channels) are handled; or the first line alone answers. */
const AfterHours = Type.Union([
  Closed({ kind: OneOf(['levels']), levels: Type.Array(LevelKey, { minItems: 1 }), channels: Type.Array(Channel) }),
  Closed({ kind: OneOf(['first-line-only']), businessHours: WeeklyHours }),
])
const RequiredField = OneOf([
  'name',
  'email',
  'phone',
  'email-or-phone',
  'organisation',
  'softwareVersion',
  'platformVersion',
  'description',
  'impact',
  'product',
])
/**
 * One step of the escalation of a clock: at a part of its target (`percent`, 100 = the due instant), at open minutes after it was
 * due (`overdueMinutes`), or at open minutes of the cycle (`afterMinutes`, for clocks without a target). Exactly one of the three.
 * Each step is taken once per cycle.
 */
export const EscalationStep = Closed({
  clock: OneOf(['response', 'update', 'resolution']),
  percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  overdueMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 525_600 })),
  afterMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 525_600 })),
  /** Levels it is for; left out = all. */
  levels: Type.Optional(Type.Array(LevelKey, { minItems: 1, uniqueItems: true })),
  tell: Type.Array(OneOf(['desk', 'manager', 'partner', 'customer']), { uniqueItems: true }),
  /** The ticket goes to this line unless it is there already. */
  toLine: Type.Optional(Type.Integer({ minimum: 2, maximum: 3 })),
})
export type EscalationStep = Static<typeof EscalationStep>

/** Something with a balance: training hours, workshops, visits, consultancy. */
const Entitlement = Closed({
  id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
  name: Text(120),
  unit: OneOf(['hours', 'sessions', 'visits', 'included']),
  amount: CountOrUnlimited,
  per: OneOf(['month', 'year', 'product', 'contract']),
  addOn: Type.Boolean({ description: 'bought separately' }),
})

const terms = {
  /** Zone the offer names: the suggestion when a customer is made; the customer's own zone decides. */
  suggestedTimeZone: TimeZone,
  marketplace: Type.Boolean(),
  devices: Devices,
  contacts: Contacts,
  cases: Cases,
  channels: Type.Array(Channel, { description: 'how people may register; monitoring follows `monitoring`' }),
  monitoring: OneOf(['none', 'tickets', 'proactive']),
  hours: WeeklyHours,
  holidays: Holidays,
  lines: Type.Integer({ minimum: 1, maximum: 3 }),
  firstLine: OneOf(['us', 'partner']),
  firstLinePhone: Type.Boolean(),
  /** The customer is told at each escalation to another line. */
  tellEscalations: Type.Boolean(),
  requiredFields: Type.Array(RequiredField),
  /** Until the required fields are there the ticket waits for information and its clocks stand still. */
  withholdUntilComplete: Type.Boolean(),
  autoCloseAfterDays: Type.Union([Days, Type.Null()]),
  waitingPartnerPauses: Type.Boolean(),
  remoteSupport: Type.Boolean(),
  remoteTools: Type.Array(Text(60)),
  distributedSetups: Type.Boolean(),
  onsite: OneOf(['none', 'partner']),
  /** Categories that only a visit can mend. */
  onsiteCategories: Type.Array(Category),
  uptimePercent: Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()]),
  analytics: Type.Boolean(),
  reports: Type.Boolean(),
  suggestions: Type.Boolean(),
  manager: OneOf(['none', 'dedicated-contact', 'regional-engineer']),
  escalationPhone: Type.Boolean(),
  majorIncidentCommunication: Type.Boolean(),
  priorityCases: Type.Boolean(),
  deskIntegration: Type.Boolean(),
  selfHelp: Type.Array(Text(60), { description: 'knowledge base, portal, forum, ...' }),
  /** Subjects the plan does not cover. */
  outOfScope: Closed({
    categories: Type.Array(Category),
    subjects: Type.Array(Text(200)),
    offer: OneOf(['billable', 'partner', 'declined']),
  }),
  entitlements: Type.Array(Entitlement, { maxItems: 50 }),
  defectClasses: Type.Array(Text(40)),
}
const optionalTerms = {
  /** One row a date, and it wins over weekly hours and holidays: intervals that are open, or none = closed. */
  specialDates: SpecialDates,
  /** In any order; what is due first is taken first. Left out = the usual one: desk at 75 % and when overdue. */
  escalation: Type.Array(EscalationStep, { maxItems: 60 }),
  afterHours: AfterHours,
  /** Which releases are supported, in months. */
  versionPolicy: Closed({
    currentOnly: Type.Array(Text(60)),
    previousMajorMonths: Type.Integer({ minimum: 0 }),
    majorMonths: Type.Integer({ minimum: 0 }),
    majorAtLeastMonths: Type.Integer({ minimum: 0 }),
  }),
  endOfLifeNoticeMonths: Type.Integer({ minimum: 0, maximum: 120 }),
  releases: Closed({
    everyMonths: Type.Integer({ minimum: 1 }),
    notesBefore: Type.Boolean(),
    staged: Type.Boolean(),
    days: Type.Array(OneOf(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
    previewEnvironment: Type.Boolean(),
  }),
  estimateOnAfterHours: Type.Boolean(),
}

/** A support plan, whole. */
export const Plan = Closed({
  id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 }),
  offer: Text(60),
  name: Text(60),
  ...terms,
  levels: Levels,
  afterHours: Type.Optional(optionalTerms.afterHours),
  versionPolicy: Type.Optional(optionalTerms.versionPolicy),
  endOfLifeNoticeMonths: Type.Optional(optionalTerms.endOfLifeNoticeMonths),
  releases: Type.Optional(optionalTerms.releases),
  estimateOnAfterHours: Type.Optional(optionalTerms.estimateOnAfterHours),
  specialDates: Type.Optional(optionalTerms.specialDates),
  escalation: Type.Optional(optionalTerms.escalation),
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
    ...terms,
    ...optionalTerms,
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
