/** What is in force for one customer: the plan with their own terms in it. */
import { Type, type Static } from 'typebox'
import { Closed, TimeZone } from '../../schema-pieces.ts'
import { Customer } from './customer-api.ts'
import { Plan, StoredPlan } from '../plans/plan-api.ts'
import { LocalDate } from '../sla/sla-api.ts'

const Warnings = Type.Array(Type.String(), { description: 'what will be missing from the calendar, in sentences' })

/** `GET` and `PUT /plans/{id}`. */
export const PlanAnswer = Closed({ ...StoredPlan.properties, warnings: Warnings })
export type PlanAnswer = Static<typeof PlanAnswer>
/** `GET /customers/{id}`. */
export const CustomerDetail = Closed({ ...Customer.properties, warnings: Warnings })
/** `GET /customers/{id}/terms`. */
export const CustomerTerms = Closed({
  customerId: Type.String(),
  /** The plan with the customer's own terms merged in. */
  plan: Plan,
  version: Type.Integer({ description: 'of the plan they are merged into' }),
  timeZone: TimeZone,
  holidayDates: Type.Array(LocalDate, {
    description: 'dates of this and the next year without service: holidays and special dates resolved',
  }),
  own: Type.Array(Type.String(), { description: "the customer's own terms, as JSON pointers into the plan: /hours, /levels/1/response" }),
  warnings: Warnings,
})
export type CustomerTerms = Static<typeof CustomerTerms>
