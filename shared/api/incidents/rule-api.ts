/** What follows from each signal, as data. */
import { Type, type Static } from 'typebox'
import { REMEDY_IDS } from '../../remedies.ts'
import { Closed, Level, OneOf, Text } from '../../schema-pieces.ts'

export const RemedyId = OneOf(REMEDY_IDS)
/** Signal name without component, or a family's name such as `usb.missing`. */
export const SignalName = Type.String({ pattern: '^[a-z]+(\\.[a-z-]+)+$', maxLength: 64 })

/** Skill a partner needs for the visit. */
export const Skill = OneOf(['display', 'printer', 'peripheral', 'network', 'hardware'])

const ruleFields = {
  /** What people read instead of the signal's name. */
  title: Type.Optional(Text(200)),
  enabled: Type.Boolean(),
  level: Level,
  holdSeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }),
  clearSeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }),
  fixedBy: OneOf(['remote', 'onsite', 'customer']),
  skill: Type.Optional(Skill),
  remedies: Type.Array(
    Closed({
      id: RemedyId,
      attempts: Type.Integer({ minimum: 1, maximum: 20, default: 2 }),
      cooldownSeconds: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
    }),
    { maxItems: REMEDY_IDS.length },
  ),
  ladderSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
  /** The level rises by one, once for each: open for so long, or open on so many devices of the site at once. */
  raise: Type.Optional(
    Closed({
      afterMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200 })),
      whenDevices: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000 })),
    }),
  ),
}

/** One rule, in force for its signal in its scope. */
export const Rule = Closed({ signal: SignalName, ...ruleFields })
export type Rule = Static<typeof Rule>
/** Body of `PUT /rules/{signal}`. The signal may be repeated and must then be the same. */
export const RuleBody = Closed({ signal: Type.Optional(SignalName), ...ruleFields })
export type RuleBody = Static<typeof RuleBody>
/** `?scope=`: nothing for everybody, else whose rule. */
export const RuleScope = Type.String({ pattern: '^((customer|site|profile|device):[A-Za-z0-9-]{1,64})?$' })
