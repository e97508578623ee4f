/** Remedies: their fixed ids, what people call them, and the rules about them that a device gets with its configuration. */
import { Type, type Static } from 'typebox'
import { Level } from './schema.ts'

/** Rungs of the remedy ladder the agent knows. */
export const REMEDY_IDS = [
  'reload-page',
  'navigate-home',
  'restart-app',
  'restart-unit',
  'restart-queue',
  'wake-display',
  'set-mode',
  'reset-usb',
  'clear-caches',
  'renew-network',
  'sync-time',
  'restart-session',
  'reboot',
  'wake-on-lan',
] as const
export type RemedyName = (typeof REMEDY_IDS)[number]
/** What became of one attempt. */
export const REMEDY_OUTCOMES = ['worked', 'did-not-help', 'failed', 'refused', 'locked'] as const
export type RemedyResult = (typeof REMEDY_OUTCOMES)[number]

const WORDS: Record<RemedyName, string> = {
  'reload-page': 'reloaded page',
  'navigate-home': 'went to the start page',
  'restart-app': 'restarted app',
  'restart-unit': 'restarted service',
  'restart-queue': 'restarted print queue',
  'wake-display': 'woke display',
  'set-mode': 'set display mode',
  'reset-usb': 'reset USB port',
  'clear-caches': 'cleared caches',
  'renew-network': 'renewed network',
  'sync-time': 'set the clock',
  'restart-session': 'restarted session',
  reboot: 'rebooted',
  'wake-on-lan': 'woke it over the network',
}

/** `restarted app`; an id of another version as it is. */
export function remedyWords(id: string): string {
  return Object.hasOwn(WORDS, id) ? WORDS[id as RemedyName] : id
}

/** `fixed by itself: restarted app, 41 s`. */
export function spellFixed(id: string, tookMs: number): string {
  return `fixed by itself: ${remedyWords(id)}, ${Math.max(0, Math.round(tookMs / 1000))} s`
}

const open = { additionalProperties: true } as const

/** What the rule of one signal says to the device. An id this agent does not know is of a newer server and is answered `refused`. */
export const DeviceRule = Type.Object(
  {
    enabled: Type.Boolean(),
    level: Level,
    holdSeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }),
    ladderSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
    remedies: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^[a-z][a-z-]{0,39}$' }),
          attempts: Type.Integer({ minimum: 1, maximum: 20 }),
          cooldownSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
        },
        open,
      ),
      { maxItems: 14 },
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
