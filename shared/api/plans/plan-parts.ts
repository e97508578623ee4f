/** What the terms of a plan are made of: limits, levels and their targets, holidays, escalation, entitlements. */
import { Type, type Static } from 'typebox'
import { Closed, OneOf, Text } from '../../schema-pieces.ts'
import { Category, Channel, Environment, LocalDate, WeeklyHours } from '../sla/sla-api.ts'

export const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const CountOrUnlimited = Type.Union([Count, Type.Null()], { description: 'null = no limit' })
export const Days = Type.Integer({ minimum: 1, maximum: 365 })
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

export const Levels = Closed({ '1': LevelTerms, '2': LevelTerms, '3': LevelTerms, '4': LevelTerms })
export const OptionalLevels = Closed({
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

export const Devices = Closed({ included: CountOrUnlimited, more: OneOf(['refused', 'billed']) })
export const Contacts = Closed({ included: CountOrUnlimited, namedOnly: Type.Boolean() })
export const Cases = Closed({
  perMonth: CountOrUnlimited,
  beyond: OneOf(['pay-per-incident', 'approval']),
  payPerIncident: Type.Boolean({ description: 'every case is paid on its own' }),
})
/** After hours only these levels (by these channels) are handled; or the first line alone answers. */
export const AfterHours = Type.Union([
  Closed({ kind: OneOf(['levels']), levels: Type.Array(LevelKey, { minItems: 1 }), channels: Type.Array(Channel) }),
  Closed({ kind: OneOf(['first-line-only']), businessHours: WeeklyHours }),
])
export type AfterHours = Static<typeof AfterHours>
export const RequiredField = OneOf([
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
export type RequiredField = Static<typeof RequiredField>
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
export const Entitlement = Closed({
  id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
  name: Text(120),
  unit: OneOf(['hours', 'sessions', 'visits', 'included']),
  amount: CountOrUnlimited,
  per: OneOf(['month', 'year', 'product', 'contract']),
  addOn: Type.Boolean({ description: 'bought separately' }),
})

/** Which releases are supported, in months. */
export const VersionPolicy = Closed({
  currentOnly: Type.Array(Text(60)),
  previousMajorMonths: Type.Integer({ minimum: 0 }),
  majorMonths: Type.Integer({ minimum: 0 }),
  majorAtLeastMonths: Type.Integer({ minimum: 0 }),
})
/** How releases of the product come. */
export const Releases = Closed({
  everyMonths: Type.Integer({ minimum: 1 }),
  notesBefore: Type.Boolean(),
  staged: Type.Boolean(),
  days: Type.Array(OneOf(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
  previewEnvironment: Type.Boolean(),
})
/** Subjects the plan does not cover, and what becomes of them. */
export const OutOfScope = Closed({
  categories: Type.Array(Category),
  subjects: Type.Array(Text(200)),
  offer: OneOf(['billable', 'partner', 'declined']),
})
