/** Who of the staff is at a ticket right now. */
import { Type, type Static } from 'typebox'
import { Closed, Instant } from '../../schema-pieces.ts'

/** Sent every 15 s while somebody has the ticket open; who was not heard of for 40 s has gone. */
export const AttendanceInput = Closed({ writing: Type.Boolean() })

/** `isYou`: the caller. */
export const AttendantView = Closed({
  name: Type.String(),
  writing: Type.Boolean(),
  since: Instant,
  isYou: Type.Boolean(),
})
export const AttendanceAnswer = Closed({ people: Type.Array(AttendantView) })
export type AttendanceAnswer = Static<typeof AttendanceAnswer>
