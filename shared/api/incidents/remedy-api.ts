/** What a device tried by itself, as callers see it. */
import { Type, type Static } from 'typebox'
import { REMEDY_OUTCOMES } from '../../remedies.ts'
import { Closed, Instant, OneOf } from '../../schema-pieces.ts'

/** How far the ladder of remedies on the device is. */
export const LadderWord = OneOf(['none', 'running', 'exhausted', 'mended'])
export const Remedy = Closed({
  id: Type.String(),
  outcome: OneOf(REMEDY_OUTCOMES),
  at: Instant,
  tookMs: Type.Optional(Type.Number()),
  text: Type.Optional(Type.String({ description: 'why it failed, was refused or waits' })),
})
export type Remedy = Static<typeof Remedy>
/** On an incident, and on a ticket the ones of its incidents. */
export const remedyFields = {
  remedies: Type.Array(Remedy, { description: 'what the device tried by itself, oldest first' }),
  ladder: LadderWord,
}
