/** Rules tried on the past, and which of them only make noise. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf } from '../../schema-pieces.ts'
import { Rule } from './rule-api.ts'

const Count = Type.Integer({ minimum: 0 })
/** `real`: people acted on the ticket that stood then. `noise`: nobody did. `unseen`: none stood then. */
const Judged = OneOf(['real', 'noise', 'unseen'])
export const TrialCounts = Closed({ tickets: Count, real: Count, noise: Count, unseen: Count })
export type TrialCounts = Static<typeof TrialCounts>

/** Answer of `POST /rules/{signal}/try?scope=`: the last 30 days with the rule in force and with the draft. Nothing is saved. */
export const RuleTrial = Closed({
  signal: Type.String(),
  from: Instant,
  to: Instant,
  events: Count,
  /** Only the newest events were looked at: there are more than can be tried. */
  isCut: Type.Boolean(),
  now: TrialCounts,
  draft: TrialCounts,
  /** Tickets people acted on that the draft would not have opened. */
  missed: Type.Array(Closed({ ticketId: Type.String(), reference: Type.String(), deviceName: Type.String() })),
  examples: Type.Array(
    Closed({
      deviceId: Type.String(),
      deviceName: Type.String(),
      component: Type.String(),
      openedAt: Instant,
      endedAt: NullableInstant,
      text: Type.String(),
      judged: Judged,
      reference: Type.Union([Type.String(), Type.Null()]),
    }),
    { description: 'what the draft would have opened, newest first' },
  ),
  why: Type.String(),
})
export type RuleTrial = Static<typeof RuleTrial>

/** One signal of the noise report. `fix`: a rule that would have kept the real ones; null = no safe one was found. */
export const NoiseItem = Closed({
  signal: Type.String(),
  title: Type.String(),
  tickets: Count,
  acted: Count,
  unacted: Count,
  medianMinutes: Type.Union([Type.Number(), Type.Null()]),
  why: Type.String(),
  fix: Type.Union([Closed({ label: Type.String(), rule: Rule, why: Type.String() }), Type.Null()]),
})
export type NoiseItem = Static<typeof NoiseItem>

/** `GET /reports/noise?days=`: signals that made tickets nobody acted on, worst first. */
export const NoiseReport = Closed({ from: Instant, to: Instant, tickets: Count, unacted: Count, items: Type.Array(NoiseItem) })
export type NoiseReport = Static<typeof NoiseReport>
export const NoiseQuery = Closed({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 7 })) })
