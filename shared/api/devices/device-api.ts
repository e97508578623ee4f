/** Devices, their three truths, samples, timeline, and enrolment. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, Level, NullableInstant, OneOf, Text } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { VersionSupport } from '../plans/product-api.ts'

export const DEVICE_STATES = ['active', 'additional', 'waiting', 'uncovered', 'retired'] as const
export const CONNECTIONS = ['online', 'suspect', 'offline', 'planned-offline', 'unknown', 'never'] as const
/** The first of the three truths about a device: does its link to us stand. */
export type Connection = (typeof CONNECTIONS)[number]
export const VERDICTS = ['serving', 'degraded', 'not-serving', 'closed', 'unknown'] as const
/** Whether a device serves its customers. */
export type VerdictWord = (typeof VERDICTS)[number]

export const Reason = Closed({ signal: Type.String(), severity: Level, since: Instant, text: Type.String() })
export type Reason = Static<typeof Reason>
const text = Type.Union([Type.String(), Type.Null()])
export const Device = Closed({
  id: Type.String(),
  name: Type.String(),
  customerId: Type.String(),
  customerName: Type.String(),
  siteId: Type.String(),
  siteName: Type.String(),
  profileId: text,
  state: OneOf(DEVICE_STATES),
  connection: OneOf(CONNECTIONS),
  connectionSince: Instant,
  verdict: OneOf(VERDICTS),
  verdictSince: Instant,
  reasons: Type.Array(Reason),
  /** Work that is planned on the whole device and runs now. */
  maintenance: Type.Union([Closed({ until: Instant, reason: Type.String() }), Type.Null()]),
  lastSeenAt: NullableInstant,
  expectedBackAt: NullableInstant,
  agentVersion: Type.String(),
  hostname: Type.String(),
  platform: Type.String(),
  model: text,
  enrolledAt: Instant,
})
export type Device = Static<typeof Device>
/** What is known of one signal of a device; a signal nobody ever spoke of is not listed. `advice`: what a person on site should do. */
export const DeviceSignal = Closed({
  signal: Type.String({ description: 'with its component: usb.missing:scanner' }),
  state: OneOf(['ok', 'failing', 'recovering', 'unknown']),
  level: Type.Union([Level, Type.Null()]),
  since: Instant,
  text: Type.String(),
  advice: text,
})
export type DeviceSignal = Static<typeof DeviceSignal>
export const DeviceDetail = Closed({
  ...Device.properties,
  signals: Type.Array(DeviceSignal),
  config: Closed({ wanted: Type.Integer(), applied: Type.Integer(), status: Type.String() }),
  clockOffsetMs: Type.Union([Type.Number(), Type.Null()]),
  inventory: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  latest: Type.Union([Closed({ at: Instant, metrics: Type.Record(Type.String(), Type.Number()) }), Type.Null()]),
  picture: Type.Union([Closed({ at: Instant, url: Type.String() }), Type.Null()], { description: 'what its screen showed last' }),
  metrics: Type.Array(Type.String(), { description: 'names that have samples' }),
  /** Whether the customer's plan supports the version of its agent. */
  agentSupport: VersionSupport,
})
export type DeviceDetail = Static<typeof DeviceDetail>
export const DeviceQuery = ListQuery({
  customerId: Type.Optional(Text(64)),
  siteId: Type.Optional(Text(64)),
  state: Type.Optional(OneOf(DEVICE_STATES)),
  connection: Type.Optional(OneOf(CONNECTIONS)),
  verdict: Type.Optional(OneOf(VERDICTS)),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  ids: Type.Optional(Type.String({ pattern: '^[0-9a-z]{26}(,[0-9a-z]{26}){0,199}$', description: 'these devices only, by comma' })),
})
export type DeviceQuery = Static<typeof DeviceQuery>
export const DevicePatch = Closed({
  name: Type.Optional(Text(200)),
  siteId: Type.Optional(Text(64)),
  profileId: Type.Optional(Type.Union([Text(64), Type.Null()])),
})
export type DevicePatch = Static<typeof DevicePatch>

export const SamplesQuery = Closed({ metric: Text(90), from: Type.Optional(Instant), to: Type.Optional(Instant) })
export const Samples = Closed({
  metric: Type.String(),
  unit: Type.String(),
  points: Type.Array(Type.Tuple([Instant, Type.Number(), Type.Number(), Type.Number()]), { description: '[time, min, avg, max]' }),
})
export type Samples = Static<typeof Samples>
export const TimelineItem = Closed({
  id: Type.String(),
  at: Instant,
  receivedAt: Instant,
  kind: Type.String(),
  signal: Type.Optional(Type.String()),
  component: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  text: Type.String(),
  epoch: Type.Optional(Type.String()),
  sequence: Type.Optional(Type.Integer()),
  evidenceIds: Type.Optional(Type.Array(Type.String())),
})
export type TimelineItem = Static<typeof TimelineItem>

export const EnrolmentTokenInput = Closed({
  customerId: Text(64),
  siteId: Text(64),
  maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1 })),
  expiresAt: Type.Optional(Instant),
})
export type EnrolmentTokenInput = Static<typeof EnrolmentTokenInput>
export const EnrolmentToken = Closed({
  id: Type.String(),
  token: Type.String({ description: 'shown once' }),
  expiresAt: Instant,
  maxUses: Type.Integer(),
  installCommands: Closed({ linux: Type.String(), windows: Type.String() }),
})
export type EnrolmentToken = Static<typeof EnrolmentToken>
export const EnrolmentTokenStatus = Closed({
  id: Type.String(),
  customerId: Type.String(),
  siteId: Type.String(),
  maxUses: Type.Integer(),
  uses: Type.Integer(),
  expiresAt: Instant,
  revokedAt: NullableInstant,
  devices: Type.Array(Closed({ id: Type.String(), name: Type.String(), state: OneOf(DEVICE_STATES), connection: OneOf(CONNECTIONS) })),
})
export type EnrolmentTokenStatus = Static<typeof EnrolmentTokenStatus>

export const EnrolInput = Closed({
  token: Text(200),
  machineId: Text(128),
  hostname: Text(253),
  platform: Text(40),
  agentVersion: Text(40),
  model: Type.Optional(Type.String({ maxLength: 200 })),
  publicKey: Type.Optional(Type.String({ maxLength: 2000 })),
})
export type EnrolInput = Static<typeof EnrolInput>
export const Enrolled = Closed({
  deviceId: Type.String(),
  state: OneOf(['active', 'additional']),
  mqtt: Closed({
    urls: Type.Array(Type.String()),
    clientId: Type.String(),
    username: Type.String(),
    password: Type.String(),
    shard: Type.String(),
  }),
  ca: text,
  signingKeys: Type.Record(Type.String(), Type.String()),
  keepaliveSeconds: Type.Integer(),
  heartbeatSeconds: Type.Integer(),
})
export type Enrolled = Static<typeof Enrolled>
