/** Who is on call after hours: rotas with weekly shifts, overrides and hand-over, and the calls they made. */
import { Type, type Static } from 'typebox'
import { Closed, Email, Instant, NullableInstant, OneOf, Text, TimeZone, Url } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'

const Day = OneOf(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
const LocalDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const PersonKey = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$', description: 'a short name inside the rota' })

export const OnCallPerson = Closed({ key: PersonKey, name: Text(200), email: Email, webhookUrl: Type.Optional(Url) })
export const OnCallShift = Closed({
  days: Type.Array(Day, { minItems: 1, maxItems: 7, description: 'days on which it begins' }),
  from: Time,
  to: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'at or before `from`: the next day' }),
  people: Type.Array(PersonKey, { minItems: 1, maxItems: 20, description: 'more than one: they take turns, week by week' }),
})
export const OnCallOverride = Closed({ from: Instant, to: Instant, person: PersonKey, why: Type.Optional(Text(200)) })

export const RotaInput = Closed({
  name: Text(120),
  customers: Type.Array(Text(64), { maxItems: 500, description: 'whose tickets it answers; none = everybody’s' }),
  timeZone: TimeZone,
  people: Type.Array(OnCallPerson, { minItems: 1, maxItems: 20, description: 'in the order in which the next one is asked' }),
  shifts: Type.Array(OnCallShift, { maxItems: 50 }),
  overrides: Type.Array(OnCallOverride, { maxItems: 200 }),
  handOver: Closed({ day: Day, time: Time, since: Type.String({ ...LocalDate, description: 'first week of the turns' }) }),
  nextAfterMinutes: Type.Integer({ minimum: 1, maximum: 120, description: 'without an answer the next in line is asked' }),
})
export type RotaInput = Static<typeof RotaInput>

const OnCallSpan = Closed({ from: Instant, to: Instant, person: Type.Union([PersonKey, Type.Null()]) })
export const Rota = Closed({
  ...RotaInput.properties,
  id: Type.String(),
  changedBy: Type.Union([Type.String(), Type.Null()]),
  now: Type.Union([PersonKey, Type.Null()]),
  upcoming: Type.Array(OnCallSpan, { description: 'the next fourteen days; person null = nobody' }),
})
export type Rota = Static<typeof Rota>

/** A ticket for which people on call are asked, one after another. */
export const OnCallAlert = Closed({
  id: Type.String(),
  ticketId: Type.String(),
  reference: Type.String(),
  subject: Type.String(),
  customerId: Type.String(),
  state: OneOf(['calling', 'acknowledged', 'nobody', 'over']),
  calls: Type.Array(Closed({ at: Instant, name: Type.String() })),
  nextAt: NullableInstant,
  acknowledgedAt: NullableInstant,
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Instant,
})
export type OnCallAlert = Static<typeof OnCallAlert>
export const OnCallAlertQuery = ListQuery({ ticketId: Type.Optional(Text(64)) })
export type OnCallAlertQuery = Static<typeof OnCallAlertQuery>

/** What the holder of a call's link sees. */
export const OnCallCall = Closed({
  reference: Type.String(),
  subject: Type.String(),
  level: Type.Integer(),
  customer: Type.String(),
  place: Type.Union([Type.String(), Type.Null()]),
  why: Type.Array(Type.String()),
  name: Type.String(),
  state: OneOf(['calling', 'acknowledged', 'nobody', 'over']),
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
  ticketId: Type.String(),
})
export type OnCallCall = Static<typeof OnCallCall>
