/** Visits: offers to partners, and what became of them. */
import { Type, type Static } from 'typebox'
import { Closed, Instant, NullableInstant, OneOf, Text, NullableText } from '../../schema-pieces.ts'
import { DeviceSignal } from '../devices/device-api.ts'
import { ListQuery } from '../list.ts'
import { Remedy } from '../incidents/remedy-api.ts'

export const VISIT_STATES = ['offered', 'accepted', 'declined', 'scheduled', 'on-site', 'done', 'cancelled'] as const
export type VisitState = (typeof VISIT_STATES)[number]
const Id = Type.String({ minLength: 1, maxLength: 64 })

const Part = Closed({
  name: Text(200),
  quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  serial: Type.Optional(Text(100)),
})

export const DispatchInput = Closed({ partnerId: Type.Optional(Id) })
export type DispatchInput = Static<typeof DispatchInput>

export const VisitMove = Closed({
  to: OneOf(VISIT_STATES),
  at: Type.Optional(Type.String({ ...Instant, description: 'the appointment, for `scheduled`: inside the opening hours of the place' })),
  reason: Type.Optional(Text(2_000)),
  note: Type.Optional(Text(4_000)),
  parts: Type.Optional(Type.Array(Part, { maxItems: 50 })),
  minutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, description: 'time worked' })),
})
export type VisitMove = Static<typeof VisitMove>

/** A photo of a technician. */
export const Photo = Closed({ id: Type.String(), at: Instant, url: Type.String() })
export type Photo = Static<typeof Photo>

export const Visit = Closed({
  id: Type.String(),
  ticketId: Type.String(),
  customerId: Type.String(),
  partnerId: Type.String(),
  deviceId: NullableText,
  siteId: NullableText,
  state: OneOf(VISIT_STATES),
  link: Type.Union([Type.String(), Type.Null()], { description: 'shown once, when the visit is offered by hand; only its hash is kept' }),
  offeredAt: Instant,
  deadlineAt: NullableInstant,
  acceptedAt: NullableInstant,
  scheduledAt: NullableInstant,
  onSiteAt: NullableInstant,
  doneAt: NullableInstant,
  cancelledAt: NullableInstant,
  reason: NullableText,
  parts: Type.Array(Part),
  minutes: Type.Union([Type.Integer(), Type.Null()]),
  note: NullableText,
  photos: Type.Array(Photo),
  /** Names of what it is about. */
  reference: Type.String(),
  subject: Type.String(),
  level: Type.Integer(),
  customer: Type.String(),
  partner: Type.String(),
  site: NullableText,
  device: NullableText,
})
export type Visit = Static<typeof Visit>

export const VisitQuery = ListQuery({
  from: Type.Optional(Instant),
  to: Type.Optional(Type.String({ ...Instant, description: 'appointments from `from` up to `to`' })),
  state: Type.Optional(OneOf(VISIT_STATES)),
  partnerId: Type.Optional(Id),
  ticketId: Type.Optional(Id),
  customerId: Type.Optional(Id),
  overdue: Type.Optional(Type.Boolean()),
})
export type VisitQuery = Static<typeof VisitQuery>

/** What the holder of a link sees: this job alone. */
export const Job = Closed({
  state: OneOf(VISIT_STATES),
  reference: Type.String(),
  level: Type.Integer(),
  fault: Type.String(),
  partner: Type.String(),
  device: NullableText,
  site: Type.Union([
    Closed({ name: Type.String(), address: NullableText, timeZone: Type.String(), openingHours: Type.Unknown() }),
    Type.Null(),
  ]),
  contacts: Type.Array(Closed({ name: Type.String(), phone: NullableText })),
  offeredAt: Instant,
  deadlineAt: NullableInstant,
  scheduledAt: NullableInstant,
  onSiteAt: NullableInstant,
  doneAt: NullableInstant,
  allowed: Type.Array(OneOf(VISIT_STATES)),
  likelyParts: Type.Array(Type.String()),
  remedies: Type.Array(Remedy),
  evidence: Type.Array(Closed({ id: Type.String(), kind: Type.String(), at: Instant, url: Type.String() })),
  pictures: Type.Array(Photo, { description: 'what the screen showed when it failed' }),
  photos: Type.Array(Photo),
  mayAddPhotos: Type.Boolean(),
  display: Type.Union(
    [
      Closed({
        connection: Type.String(),
        /** As the device found them, and as its profile asks for them. */
        found: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        expected: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        signals: Type.Array(DeviceSignal),
      }),
      Type.Null(),
    ],
    { description: 'the chain from plug to picture' },
  ),
  earlierVisits: Type.Array(Closed({ at: Instant, state: OneOf(VISIT_STATES), note: NullableText })),
})
export type Job = Static<typeof Job>

export const JobLive = Closed({
  isWell: Type.Boolean(),
  hasContact: Type.Boolean({ description: 'heard since the technician is on site' }),
  failing: Type.Array(Closed({ signal: Type.String(), text: Type.String(), since: Instant, advice: NullableText })),
})
export type JobLive = Static<typeof JobLive>

/** One of a partner's jobs. `isReadable`: its page can still be opened. */
export const JobListItem = Closed({
  visitId: Type.String(),
  state: OneOf(VISIT_STATES),
  reference: Type.String(),
  level: Type.Integer(),
  fault: Type.String(),
  device: NullableText,
  place: NullableText,
  address: NullableText,
  timeZone: NullableText,
  offeredAt: Instant,
  deadlineAt: NullableInstant,
  scheduledAt: NullableInstant,
  doneAt: NullableInstant,
  isReadable: Type.Boolean(),
})
export type JobListItem = Static<typeof JobListItem>
export const JobQuery = ListQuery({ state: Type.Optional(OneOf(VISIT_STATES)) })
export type JobQuery = Static<typeof JobQuery>
