/** Every MQTT payload: schema, type and check. Unknown fields are ignored, wrong ones refuse the message. */
import { Type, type Static, type TSchema } from 'typebox'
import { REMEDY_OUTCOMES } from './remedies.ts'
import { Instant, Level, NullableInstant, OneOf } from './schema-pieces.ts'
import type { UpKind } from './topics.ts'

const open = { additionalProperties: true } as const
const EPOCH = Type.String({ pattern: '^[0-9a-hjkmnp-tv-z]{8}$', description: 'epoch: drawn when the spool is created or lost' })
const SEQUENCE = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'sequence in the epoch, from 1' })
const MONOTONIC_MS = Type.Number({ minimum: 0, maximum: 1e15, description: 'device monotonic clock, ms' })
const SESSION = Type.String({ minLength: 1, maxLength: 64, description: 'session id drawn before each CONNECT' })

/** `signal` or `signal:component`. */
export const SignalKey = Type.String({ pattern: '^[a-z][a-z0-9]*([.-][a-z0-9]+)*(:[^\\s/\\u0000-\\u001f]{1,64})?$', maxLength: 129 })
/** Metric name: `cpuPercent`, `diskUsedPercent:root`. No slash in a component: the agent names the mount `/var/log` `var-log`. */
// oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
export const METRIC_NAME = /^[a-z][A-Za-z0-9]*(:[^\s/\u0000-\u001f]{1,64})?$/

const head = {
  v: Type.Integer({ minimum: 1, maximum: 1000 }),
  ts: Type.Number({ minimum: 0, maximum: 8.64e15, description: 'device wall clock when made, ms since 1970' }),
  up: MONOTONIC_MS,
  su: Type.Optional(MONOTONIC_MS),
  bid: Type.String({ minLength: 1, maxLength: 64, description: 'boot id' }),
}
const numbered = { ...head, e: EPOCH, q: SEQUENCE }

/** The inventory part of a birth is free within limits: facts for people, never judged. */
export const BirthData = Type.Object(
  {
    sid: SESSION,
    agentVersion: Type.String({ minLength: 1, maxLength: 40 }),
    hostname: Type.String({ minLength: 1, maxLength: 253 }),
    platform: Type.String({ minLength: 1, maxLength: 40 }),
    model: Type.Optional(Type.String({ maxLength: 200 })),
    configRev: Type.Optional(Type.Integer({ minimum: 0 })),
    inventory: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 })),
  },
  open,
)
export type BirthData = Static<typeof BirthData>

export const SampleMetrics = Type.Record(Type.String({ maxLength: 90 }), Type.Number(), { maxProperties: 200 })
export const MetricsData = Type.Object(
  { samples: Type.Array(Type.Object({ up: MONOTONIC_MS, m: SampleMetrics }, open), { minItems: 1, maxItems: 500 }) },
  open,
)
export type MetricsData = Static<typeof MetricsData>

export const RemedyOutcome = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 40 }),
    outcome: OneOf(REMEDY_OUTCOMES),
    at: Type.Union([Instant, Type.Number()]),
    tookMs: Type.Optional(Type.Number({ minimum: 0 })),
    text: Type.Optional(Type.String({ maxLength: 500, description: 'why it failed, was refused or waits' })),
  },
  open,
)
export const EventData = Type.Object(
  {
    signal: SignalKey,
    state: OneOf(['failing', 'ok', 'unknown']),
    severity: Type.Optional(Level),
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    evidence: Type.Optional(Type.Unknown()),
    remedies: Type.Optional(Type.Array(RemedyOutcome, { maxItems: 50 })),
    exhausted: Type.Optional(Type.Boolean()),
  },
  open,
)
export type EventData = Static<typeof EventData>

/** Evidence of a `spool.gap` event: what was lost on the device, so that silence is never mistaken for health. */
export const SpoolGap = Type.Object(
  {
    lane: OneOf(['evt', 'met']),
    from: SEQUENCE,
    to: SEQUENCE,
    count: Type.Integer({ minimum: 1 }),
    reason: OneOf(['full', 'torn', 'lost']),
  },
  open,
)
export type SpoolGap = Static<typeof SpoolGap>

/** Largest number of parts of one bundle of evidence, and of bytes of one part. */
export const EVIDENCE_LIMITS = { parts: 8, partBytes: 2 * 1024 * 1024 } as const
/** One file of a bundle as the device announces it. */
export const EvidencePart = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
    kind: OneOf(['screenshot', 'log', 'metrics', 'state']),
    bytes: Type.Integer({ minimum: 1, maximum: EVIDENCE_LIMITS.partBytes }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  open,
)
export type EvidencePart = Static<typeof EvidencePart>

/** What became of a command; with state `evidence-ready` a bundle that waits on the device, told at the instant it was taken. */
export const ResultData = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    state: Type.String({ minLength: 1, maxLength: 40 }),
    text: Type.Optional(Type.String({ maxLength: 2000 })),
    signal: Type.Optional(
      Type.String({ pattern: '^([a-z][a-z0-9]*([.-][a-z0-9]+)*)?$', maxLength: 64, description: "'' for a picture without a fault" }),
    ),
    component: Type.Optional(Type.String({ pattern: '^[^\\s/\\u0000-\\u001f]{0,64}$' })),
    parts: Type.Optional(Type.Array(EvidencePart, { minItems: 1, maxItems: EVIDENCE_LIMITS.parts })),
  },
  open,
)
export type ResultData = Static<typeof ResultData>
export const ConfigReport = Type.Object(
  {
    rev: Type.Integer({ minimum: 0 }),
    status: OneOf(['applied', 'invalid', 'rolled_back']),
    hash: Type.Optional(Type.String({ maxLength: 128 })),
    errors: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 50 })),
  },
  open,
)
export type ConfigReport = Static<typeof ConfigReport>

const message = <Kind extends UpKind, Data extends TSchema>(t: Kind, d: Data) => Type.Object({ ...numbered, t: Type.Literal(t), d }, open)

/** Last will (no `bye`) or goodbye (`bye`): session id at top level, no epoch, no sequence. */
export const WillMessage = Type.Object(
  {
    v: head.v,
    t: Type.Optional(Type.Literal('will')),
    sid: SESSION,
    bye: Type.Optional(Type.Boolean()),
    reason: Type.Optional(OneOf(['update', 'shutdown', 'maintenance', 'closing'])),
    expectedBackAt: Type.Optional(NullableInstant),
  },
  open,
)
export type WillMessage = Static<typeof WillMessage>
export const HeartbeatMessage = Type.Object(
  { ...head, t: Type.Literal('hb'), d: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 })) },
  open,
)
export type HeartbeatMessage = Static<typeof HeartbeatMessage>
export const BirthMessage = message('birth', BirthData)
export type BirthMessage = Static<typeof BirthMessage>
export const MetricsMessage = message('met', MetricsData)
export type MetricsMessage = Static<typeof MetricsMessage>
export const EventMessage = message('evt', EventData)
export type EventMessage = Static<typeof EventMessage>
export const ResultMessage = message('res', ResultData)
export type ResultMessage = Static<typeof ResultMessage>
export const ConfigMessage = message('cfg', ConfigReport)
export type ConfigMessage = Static<typeof ConfigMessage>

/** Schema of each topic kind. */
export const UP_SCHEMAS = {
  birth: BirthMessage,
  will: WillMessage,
  hb: HeartbeatMessage,
  met: MetricsMessage,
  evt: EventMessage,
  res: ResultMessage,
  cfg: ConfigMessage,
} as const satisfies Record<UpKind, TSchema>
export type UpMessage = { [Kind in UpKind]: { kind: Kind; message: Static<(typeof UP_SCHEMAS)[Kind]> } }[UpKind]

/** `dn/ack`: everything of this epoch up to `q` is stored; `now` is the server's clock in ms. */
export const AckMessage = Type.Object({ e: EPOCH, q: Type.Integer({ minimum: 0 }), now: Type.Number() }, open)
export type AckMessage = Static<typeof AckMessage>

/** `dn/sys`: what the server says about the link itself. */
export const SystemMessage = Type.Union([
  Type.Object(
    {
      type: Type.Literal('hello'),
      ackMode: OneOf(['puback', 'app']),
      now: Type.Number(),
      heartbeatSeconds: Type.Integer({ minimum: 5, maximum: 300 }),
    },
    open,
  ),
  Type.Object({ type: Type.Literal('rebirth') }, open),
  Type.Object({ type: Type.Literal('retry-after'), seconds: Type.Integer({ minimum: 1, maximum: 3600 }) }, open),
  Type.Object({ type: Type.Literal('revoked') }, open),
])
export type SystemMessage = Static<typeof SystemMessage>

/** What `dn/cfg` carries once its signature is checked: desired state, revision strictly increasing per device. */
export const DesiredConfig = Type.Object(
  {
    rev: Type.Integer({ minimum: 1 }),
    deviceId: Type.String(),
    issuedAt: Type.Number(),
    profile: Type.Unknown({ description: 'a Profile' }),
    rules: Type.Optional(Type.Unknown({ description: 'DeviceRules; an older server sends none, and the device then tries no remedy' })),
  },
  open,
)
export type DesiredConfig = Static<typeof DesiredConfig>

/** What `dn/cmd` carries once its signature is checked: one thing to do, once, before it expires. */
export const CommandMessage = Type.Object(
  {
    id: Type.String({ pattern: '^[0-9a-hjkmnp-tv-z]{26}$' }),
    deviceId: Type.String(),
    kind: OneOf(['upload-evidence', 'take-picture', 'run-remedy']),
    issuedAt: Type.Number(),
    expiresAt: Type.Number({ description: 'ms since 1970, server clock' }),
    payload: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 16 }),
  },
  open,
)
export type CommandMessage = Static<typeof CommandMessage>
