/** Incidents: one per cause. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, Level, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { ListQuery } from '../list.ts'
import { remedyFields } from './remedy-api.ts'
import { Evidence } from '../tickets/ticket-api.ts'

export const IncidentKind = OneOf(['device', 'site', 'platform'])
export const IncidentState = OneOf(['pending', 'open', 'recovering', 'closed'])

export const Incident = Closed({
  id: Type.String(),
  kind: IncidentKind,
  signal: Type.String(),
  component: NullableText,
  customerId: NullableText,
  siteId: NullableText,
  deviceId: NullableText,
  state: IncidentState,
  level: Level,
  text: Type.String(),
  unstable: Type.Boolean({ description: 'it comes and goes too often: kept open, people are not told of each time' }),
  ticketId: NullableText,
  parentId: Type.Union([Type.String(), Type.Null()], { description: 'incident of the cause or outage that explains it' }),
  childCount: Type.Integer({ minimum: 0, description: 'how many incidents hang under it' }),
  children: Type.Array(Type.String(), { maxItems: 500, description: 'their ids, 500 at most' }),
  why: Type.Array(Type.String(), { description: 'why it is grouped, kept open or stands for itself, in the order of decision' }),
  evidence: Type.Array(Evidence),
  ...remedyFields,
  startedAt: Instant,
  endedAt: NullableInstant,
})
export type Incident = Static<typeof Incident>

export const IncidentQuery = ListQuery({
  state: Type.Optional(IncidentState),
  kind: Type.Optional(IncidentKind),
  signal: Type.Optional(Type.String({ maxLength: 129, description: 'with or without component' })),
  deviceId: Type.Optional(Text(64)),
  siteId: Type.Optional(Text(64)),
})
export type IncidentQuery = Static<typeof IncidentQuery>

/** One piece of evidence as the device sent it. */
export const EvidenceDetail = Closed({ id: Type.String(), kind: Type.String(), at: Instant, data: Type.Unknown() })
