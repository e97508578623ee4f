/** Maintenance windows: planned work, during which faults are seen but nobody is called. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { SignalName } from './rule-api.ts'
import { LocalDate } from '../sla/sla-api.ts'

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const Id = Text(64)

/** What it covers: everything that fits all that is named. Nothing named = the whole estate. */
export const MaintenanceScope = Closed({
  customerId: Type.Optional(Id),
  siteId: Type.Optional(Id),
  profileId: Type.Optional(Id),
  deviceId: Type.Optional(Id),
  signal: Type.Optional(SignalName),
})
export type MaintenanceScope = Static<typeof MaintenanceScope>

/** Again on these weekdays at the same local time, from the first one on. */
export const MaintenanceRecurrence = Closed({
  days: Type.Array(OneOf(WEEKDAYS), { minItems: 1, maxItems: 7 }),
  until: Type.Optional(LocalDate),
})
export type MaintenanceRecurrence = Static<typeof MaintenanceRecurrence>

/** `POST /maintenance-windows`. `timeZone`: of a recurrence; default that of the site or customer, else UTC. */
export const MaintenanceWindowInput = Closed({
  scope: MaintenanceScope,
  from: Instant,
  to: Instant,
  recurrence: Type.Optional(MaintenanceRecurrence),
  timeZone: Type.Optional(Text(64)),
  reason: Text(500),
})
export type MaintenanceWindowInput = Static<typeof MaintenanceWindowInput>

/** `isActive`: right now. `nextFrom`, `nextTo`: the time that runs or comes next; null when it is over. */
export const MaintenanceWindow = Closed({
  id: Type.String(),
  scope: MaintenanceScope,
  scopeText: Type.String(),
  from: Instant,
  to: Instant,
  recurrence: Type.Union([MaintenanceRecurrence, Type.Null()]),
  timeZone: Type.String(),
  reason: Type.String(),
  isActive: Type.Boolean(),
  nextFrom: NullableInstant,
  nextTo: NullableInstant,
  createdBy: Type.String(),
  createdAt: Instant,
})
export type MaintenanceWindow = Static<typeof MaintenanceWindow>

/** Without `all`, those that run or are still to come. */
export const MaintenanceQuery = ListQuery({
  customerId: Type.Optional(Id),
  all: Type.Optional(Type.Boolean()),
})
