/** Serving time: how much of their opening hours devices served people. */
import { Type, type Static } from 'typebox'
import { Closed, Instant } from '../../schema-pieces.ts'
import { LocalDate } from '../sla/sla-api.ts'

const Seconds = Type.Number({ minimum: 0 })
/** null = nothing was judged. */
const Percent = Type.Union([Type.Number({ minimum: 0, maximum: 100 }), Type.Null()])

/** Seconds of opening hours. `planned`: away as announced. `unknown`: nobody could see; it counts neither way. */
const sums = {
  openSeconds: Seconds,
  servingSeconds: Seconds,
  degradedSeconds: Seconds,
  notServingSeconds: Seconds,
  plannedSeconds: Seconds,
  unknownSeconds: Seconds,
  servingPercent: Percent,
}
const Causes = Type.Array(Closed({ signal: Type.String(), seconds: Seconds }), {
  description: 'not served, by the signal that led; longest first',
})

/** `GET /devices/{id}/serving`: days in the zone of the site. */
export const DeviceServing = Closed({
  from: Instant,
  to: Instant,
  timeZone: Type.String(),
  ...sums,
  days: Type.Array(Closed({ date: LocalDate, ...sums })),
  causes: Causes,
  why: Type.String(),
})
export type DeviceServing = Static<typeof DeviceServing>

/** `GET /customers/{id}/serving`: all devices together, by site, and the devices that served least. */
export const CustomerServing = Closed({
  from: Instant,
  to: Instant,
  ...sums,
  sites: Type.Array(Closed({ siteId: Type.String(), name: Type.String(), devices: Type.Integer(), ...sums })),
  worst: Type.Array(Closed({ deviceId: Type.String(), name: Type.String(), siteName: Type.String(), ...sums, causes: Causes })),
  causes: Causes,
  why: Type.String(),
})
export type CustomerServing = Static<typeof CustomerServing>

/** Default: the last 30 days; at most 400. */
export const ServingQuery = Closed({ from: Type.Optional(Instant), to: Type.Optional(Instant) })
