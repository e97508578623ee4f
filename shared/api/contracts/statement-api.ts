/** The monthly statement of a customer: what goes beyond the plan, and what of it was used. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf } from '../../schema-pieces.ts'
import { LocalDate } from '../sla/sla-api.ts'
import { EntitlementBalance, EntitlementUse } from './entitlement-api.ts'

const Count = Type.Integer({ minimum: 0 })
const CountOrUnlimited = Type.Union([Count, Type.Null()], { description: 'null = without limit' })

/** Calendar month in the plan's zone, `2026-11`. */
export const Month = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description: 'calendar month, 2026-11' })

/** A device billed beyond the plan: every local date on which it was additional, if only for a moment, is one device-day. */
export const StatementDevice = Closed({
  deviceId: Type.String(),
  name: Type.String(),
  siteName: Type.String(),
  days: Type.Array(LocalDate),
  deviceDays: Count,
})
export const StatementCase = Closed({
  ticketId: Type.String(),
  reference: Type.String(),
  subject: Type.String(),
  registeredAt: Instant,
  level: Type.Integer(),
  handling: OneOf(['pay-per-incident', 'approval']),
  approvedAt: NullableInstant,
})

/** `GET /customers/{id}/statement?month=` as JSON; `...statement.csv` the same lines for a spreadsheet. */
export const Statement = Closed({
  customerId: Type.String(),
  customerName: Type.String(),
  planId: Type.String(),
  planName: Type.String(),
  month: Month,
  timeZone: Type.String(),
  from: Instant,
  to: Instant,
  /** `so-far` while the month runs; an ended month is issued once and never recounted. */
  state: OneOf(['so-far', 'final']),
  issuedAt: NullableInstant,
  devices: Closed({ included: CountOrUnlimited, deviceDays: Count, rows: Type.Array(StatementDevice) }),
  cases: Closed({ included: CountOrUnlimited, used: Count, beyond: Type.Array(StatementCase) }),
  entitlements: Type.Array(Closed({ ...EntitlementBalance.properties, uses: Type.Array(EntitlementUse) })),
})
export type Statement = Static<typeof Statement>

/** `GET /customers/{id}/statements`: the months there are, newest first. */
export const StatementListItem = Closed({ month: Month, state: OneOf(['so-far', 'final']), issuedAt: NullableInstant })
export type StatementListItem = Static<typeof StatementListItem>
