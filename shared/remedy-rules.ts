/** The rules about remedies that a device gets with its configuration. */
import { Type, type Static } from 'typebox'
import { Level } from './schema-pieces.ts'

/** Far more than there are remedies: only what has no end is refused. */
const MAX_RUNGS = 100

const open = { additionalProperties: true } as const

/**
 * What the rule of one signal says to the device. A newer server may send ids this
 * agent does not know, and more rungs: they are kept, and answered `refused` when their turn comes.
 */
export const DeviceRule = Type.Object(
  {
    enabled: Type.Boolean(),
    level: Level,
    holdSeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }),
    ladderSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
    remedies: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
          attempts: Type.Integer({ minimum: 1, maximum: 20 }),
          cooldownSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
        },
        open,
      ),
      { maxItems: MAX_RUNGS },
    ),
  },
  open,
)
export type DeviceRule = Static<typeof DeviceRule>
/** The effective rules of one device that have remedies, by signal without component. */
export const DeviceRules = Type.Record(Type.String({ pattern: '^[a-z]+(\\.[a-z-]+)+$', maxLength: 64 }), DeviceRule, {
  maxProperties: 200,
  additionalProperties: false,
})
export type DeviceRules = Record<string, DeviceRule>
