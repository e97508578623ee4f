/** What an edit of a plan or of a customer's terms would do, before it is saved. Nothing is written. */
import { Type, type Static } from 'typebox'
import { Closed, NullableInstant, OneOf, Text, TimeZone } from '../../schema-pieces.ts'
import { PlanOverrides } from '../plans/plan-api.ts'

const Count = Type.Integer({ minimum: 0 })

/** Body of `POST /customers/{id}/preview`: the customer's terms as they would be; what is left out stays. */
export const TermsPreviewBody = Closed({
  planId: Type.Optional(Text(64)),
  timeZone: Type.Optional(TimeZone),
  overrides: Type.Optional(PlanOverrides),
})
export type TermsPreviewBody = Static<typeof TermsPreviewBody>

/** One open ticket whose due time would move. Times are null where nothing is owed (paused, best effort, when done). */
export const MovedClock = Closed({
  ticketId: Type.String(),
  reference: Type.String(),
  subject: Type.String(),
  customerId: Type.String(),
  clock: OneOf(['response', 'update', 'resolution']),
  dueBefore: NullableInstant,
  dueAfter: NullableInstant,
  /** It would be overdue at once, caused by the change. */
  overdue: Type.Boolean(),
})
export type MovedClock = Static<typeof MovedClock>

/** What the edit would change for one customer. */
export const CustomerEffect = Closed({
  customerId: Type.String(),
  name: Type.String(),
  /** Open tickets in all, those with a due time that moves, and those overdue at once. */
  tickets: Closed({ open: Count, moved: Count, overdue: Count }),
  /** Devices that would change their place: waiting ones that get in, ones billed beyond the plan, ones no longer covered after the grace. */
  devices: Closed({ admitted: Count, additional: Count, uncovered: Count }),
  /** Named contacts beyond the new number (they stay, no new one can be named). */
  contactsOver: Count,
})
export type CustomerEffect = Static<typeof CustomerEffect>

/** Answer of `POST /plans/{id}/preview` (body: the plan as for PUT) and `POST /customers/{id}/preview`. */
export const EditPreview = Closed({
  /** `7 tickets move, 2 become overdue; 3 devices lose their place`, or `Nothing changes for anybody.` */
  sentence: Type.String(),
  totals: Closed({
    customers: Count,
    open: Count,
    moved: Count,
    overdue: Count,
    admitted: Count,
    additional: Count,
    uncovered: Count,
  }),
  /** Customers for whom something changes, most affected first; 200 at most. */
  customers: Type.Array(CustomerEffect),
  /** The clocks that move, overdue ones first; 50 at most. */
  clocks: Type.Array(MovedClock),
  /** Things worth knowing that are not wrong, such as a calendar without holidays next year. */
  warnings: Type.Array(Type.String()),
})
export type EditPreview = Static<typeof EditPreview>
