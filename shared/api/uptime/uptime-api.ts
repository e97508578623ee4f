/** Whether the platform itself was there: measured from inside and outside, against what a plan promises. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text } from '../../schema-pieces.ts'
import { Month } from '../contracts/statement-api.ts'

const Seconds = Type.Number({ minimum: 0 })

/** A time in which the platform was not there. `seenBy`: `inside`, or the names of outside probes. */
export const UptimeGap = Closed({
  from: Instant,
  to: Instant,
  seconds: Seconds,
  seenBy: Type.Array(Type.String()),
  planned: Type.Boolean({ description: 'wholly inside announced maintenance: does not count against the promise' }),
  reason: Type.String(),
})
export type UptimeGap = Static<typeof UptimeGap>

/** One month. `measuredPercent` is null when nothing was measured; the running month counts until now. */
export const UptimeMonth = Closed({
  month: Month,
  from: Instant,
  to: Instant,
  promisePercent: Type.Union([Type.Number(), Type.Null()]),
  measuredPercent: Type.Union([Type.Number(), Type.Null()]),
  state: OneOf(['kept', 'broken', 'no-promise', 'unknown']),
  measuredSeconds: Seconds,
  downSeconds: Seconds,
  plannedSeconds: Seconds,
  /** What the promise allows in this month, and what of it is left. */
  allowedSeconds: Type.Union([Seconds, Type.Null()]),
  gaps: Type.Array(UptimeGap),
  why: Type.String(),
})
export type UptimeMonth = Static<typeof UptimeMonth>

/** `GET /customers/{id}/uptime?months=` and, for staff, `GET /uptime?months=`: newest month first. */
export const UptimeReport = Closed({
  timeZone: Type.String(),
  months: Type.Array(UptimeMonth),
  probes: Type.Array(Closed({ name: Type.String(), lastAt: NullableInstant, isUp: Type.Union([Type.Boolean(), Type.Null()]) })),
})
export type UptimeReport = Static<typeof UptimeReport>

/** Announced maintenance of the platform: `POST /uptime/maintenance`. Only what was announced before it began counts as planned. */
export const PlannedMaintenanceInput = Closed({ from: Instant, to: Instant, reason: Text(500) })
export type PlannedMaintenanceInput = Static<typeof PlannedMaintenanceInput>
export const PlannedMaintenance = Closed({
  id: Type.String(),
  ...PlannedMaintenanceInput.properties,
  announcedAt: Instant,
  cancelledAt: NullableInstant,
})
export type PlannedMaintenance = Static<typeof PlannedMaintenance>

/** What an outside probe saw of `/readyz`, in time order: `POST /uptime/probes/{name}/results`. Sent again = taken once. */
export const ProbeResults = Closed({
  spans: Type.Array(Closed({ from: Instant, to: Instant, isUp: Type.Boolean(), reason: Type.Optional(Text(200)) }), {
    minItems: 1,
    maxItems: 1_000,
  }),
})
export type ProbeResults = Static<typeof ProbeResults>
