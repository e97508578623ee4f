/** Rows of what a customer uses of the plan: places over time, statements, entitlements, limits that were reached. */

/** What a device's place in its customer's plan is. */
export type DeviceState = 'active' | 'additional' | 'waiting' | 'uncovered' | 'retired'
/** What a device's place was from `from_at` until `to_at`; null = still. Appended, never rewritten once it has ended. */
export type PlaceSpanRow = { device_id: string; customer_id: string; state: DeviceState; from_at: number; to_at: number | null }
/** The statement of an ended month as it was issued; `body` is its JSON. Never changed. */
export type StatementRow = { customer_id: string; month: string; to_at: number; issued_at: number; body: string }
/** One use of an entitlement; a cancelled one stays. */
export type EntitlementUseRow = {
  id: string
  customer_id: string
  entitlement_id: string
  /** In the entitlement's unit. */
  amount: number
  note: string
  at: number
  ticket_id: string | null
  product: string | null
  created_by: string
  created_at: number
  cancelled_at: number | null
  cancelled_by: string | null
}
/** How far a limit of a customer is used in a period, and what people were told of it. */
export type LimitLevelRow = {
  customer_id: string
  /** `devices`, `contacts`, `cases`, `entitlement:ID` or `entitlement:ID:PRODUCT`. */
  limit_key: string
  /** Calendar month or year, `contract`, or '' where the limit has no period. */
  period: string
  /** The limit's number when it was judged. */
  included: number
  percent: number
  /** Highest percent people were told of; falls with `percent` where the limit has no period. */
  told_percent: number
  since_at: number
}
