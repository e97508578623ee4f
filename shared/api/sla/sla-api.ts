/** Calendars of open hours and the two SLA calculators, as they travel. */
import { Type, type Static } from 'typebox'
import { TicketFlags } from '../tickets/ticket-flags.ts'
import { Closed, Instant, Level, NullableInstant, OneOf, TimeZone } from '../../schema-pieces.ts'

const DATE_PATTERN = '^\\d{4}-\\d{2}-\\d{2}$'

/** Local date, `2026-12-25`. That the day exists is checked with the calendar. */
export const LocalDate = Type.String({ pattern: DATE_PATTERN, description: 'local date, 2026-12-25' })

/** `["08:00","18:00"]`: open from the first, closed again at the second; `24:00` is an end only. */
export const OpenInterval = Type.Tuple([Type.String({ maxLength: 5 }), Type.String({ maxLength: 5 })])
const OpenIntervals = Type.Array(OpenInterval, { maxItems: 24 })
/** Open intervals by local date. */
export const DatedIntervals = Type.Record(Type.String({ pattern: DATE_PATTERN }), OpenIntervals)
/** A plan's special dates: open intervals, or none = closed. */
export const SpecialDates = Type.Record(Type.String({ pattern: DATE_PATTERN }), OpenIntervals, { maxProperties: 1_000 })

/** Weekly hours; a day that is left out is closed. */
export const WeeklyHours = Closed({
  mon: Type.Optional(OpenIntervals),
  tue: Type.Optional(OpenIntervals),
  wed: Type.Optional(OpenIntervals),
  thu: Type.Optional(OpenIntervals),
  fri: Type.Optional(OpenIntervals),
  sat: Type.Optional(OpenIntervals),
  sun: Type.Optional(OpenIntervals),
})
export type WeeklyHours = Static<typeof WeeklyHours>

/** Opening hours of a place; its time zone is kept beside them. */
export const OpeningHours = Closed({
  hours: WeeklyHours,
  holidays: Type.Optional(Type.Array(LocalDate, { maxItems: 1_000 })),
  overrides: Type.Optional(DatedIntervals),
  breaks: Type.Optional(DatedIntervals),
})
export type OpeningHours = Static<typeof OpeningHours>

/**
 * A calendar of open time. `overrides` replace a date's weekday hours, `breaks` are cut out of what is left, a holiday
 * closes its whole local date and beats both.
 */
export const CalendarSpec = Closed({
  timezone: TimeZone,
  hours: WeeklyHours,
  holidays: Type.Optional(Type.Array(LocalDate, { maxItems: 1_000 })),
  overrides: Type.Optional(DatedIntervals),
  breaks: Type.Optional(DatedIntervals),
})
export type CalendarSpec = Static<typeof CalendarSpec>

/** Body of `POST /sla/calculate`: `add` needs `minutes`, `between` needs `to`. */
export const CalculateBody = Closed({
  calendar: CalendarSpec,
  op: OneOf(['add', 'between']),
  from: Instant,
  minutes: Type.Optional(Type.Number({ minimum: 0, maximum: 5_256_000 })),
  to: Type.Optional(Instant),
})
export type CalculateBody = Static<typeof CalculateBody>
/** `{to}` for `add`, in the calendar's zone; `{minutes}` of open time for `between`. */
export const CalculateAnswer = Closed({ to: Type.Optional(Instant), minutes: Type.Optional(Type.Number()) })
export type CalculateAnswer = Static<typeof CalculateAnswer>

export const ClockStateWord = OneOf(['running', 'paused', 'met', 'breached', 'cancelled', 'best-effort', 'none'])

/** `POST /sla/preview`, one clock. Without `now` it answers as of the last event, else of the start. */
export const ClockPreviewBody = Closed({
  calendar: CalendarSpec,
  targetMinutes: Type.Number({ exclusiveMinimum: 0, maximum: 5_256_000 }),
  start: Instant,
  events: Type.Array(
    Closed({
      at: Instant,
      type: OneOf(['pause', 'resume', 'restart', 'retarget', 'stop']),
      targetMinutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 5_256_000 })),
      calendar: Type.Optional(CalendarSpec),
    }),
    { maxItems: 1_000 },
  ),
  now: Type.Optional(Instant),
})
export type ClockPreviewBody = Static<typeof ClockPreviewBody>
export const ClockPreviewAnswer = Closed({ state: ClockStateWord, usedMinutes: Type.Number(), dueAt: NullableInstant })
export type ClockPreviewAnswer = Static<typeof ClockPreviewAnswer>

/** How a ticket came in. */
export const Channel = OneOf(['form', 'email', 'phone', 'chat', 'portal', 'api', 'monitoring'])
export type Channel = Static<typeof Channel>
/** Where the fault is. */
export const Environment = OneOf(['production', 'staging', 'test', 'installation'])
export type Environment = Static<typeof Environment>
/** What the ticket is about. */
export const Category = OneOf([
  'incident',
  'information',
  'feature-request',
  'cosmetic',
  'hardware',
  'third-party',
  'operating-system',
  'network',
  'printer',
  'consulting',
])
export type Category = Static<typeof Category>

/** A clock as a person sees it. */
export const ClockView = Closed({
  state: ClockStateWord,
  dueAt: NullableInstant,
  usedMinutes: Type.Number({ description: 'minutes of open service time' }),
  why: Type.String(),
})
export type ClockView = Static<typeof ClockView>

/** `POST /sla/preview`, a whole ticket under a plan. */
export const TicketPreviewBody = Closed({
  planId: Type.String({ minLength: 1, maxLength: 64 }),
  timeZone: TimeZone,
  level: Level,
  environment: Type.Optional(Environment),
  category: Type.Optional(Category),
  registeredAt: Instant,
  channel: Type.Optional(Channel),
  events: Type.Array(
    Closed({
      at: Instant,
      type: OneOf(['response', 'update', 'customer-message', 'waiting-customer', 'in-progress', 'level', 'resolved', 'closed']),
      level: Type.Optional(Level),
    }),
    { maxItems: 1_000 },
  ),
  now: Instant,
})
export type TicketPreviewBody = Static<typeof TicketPreviewBody>
export const TicketPreviewAnswer = Closed({
  clocks: Closed({ response: ClockView, update: ClockView, resolution: Type.Optional(ClockView) }),
  flags: TicketFlags,
  breaches: Type.Array(Closed({ clock: OneOf(['response', 'update', 'resolution']), cycle: Type.Integer(), at: Instant })),
  why: Type.Array(Type.String()),
})
export type TicketPreviewAnswer = Static<typeof TicketPreviewAnswer>
/** Body of `POST /sla/preview`: either form. */
export const PreviewBody = Type.Union([ClockPreviewBody, TicketPreviewBody])
export type PreviewBody = Static<typeof PreviewBody>
