/** Maintenance windows as spans of time: when one applies, to what, and until when a fault that falls into one only waits. */
import { WEEKDAYS, type MaintenanceRecurrence, type MaintenanceScope } from '../../../shared/api/incidents/maintenance-api.ts'
import { joinSpans, type Span } from '../../calendars/rules/spans.ts'
import { DAY_MS } from '../../../shared/units.ts'

export type PlannedWork = {
  id: string
  scope: MaintenanceScope
  /** The first, or only, time. */
  fromMs: number
  toMs: number
  recurrence: MaintenanceRecurrence | null
  /** Zone in which a recurrence keeps its local time. */
  timeZone: string
  reason: string
}
/** What a window may be about. */
export type WorkPlace = { customerId: string; siteId: string; profileId: string | null; deviceId: string }

/** One time may not last longer; longer work is planned again, so that nothing is muted for ever. */
export const MAX_WINDOW_MS = 92 * DAY_MS
/** A recurring one must end before it begins again, at the latest after a week. */
export const MAX_RECURRING_MS = 7 * DAY_MS

const zoned = (ms: number, timeZone: string) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)

/**
 * The times of a window that touch `span`, in order. A recurring one keeps its local begin and end in its zone, also over a
 * change of the clocks; Temporal's `compatible` decides about times that do not exist or exist twice.
 */
export function timesOf(work: PlannedWork, span: Span): Span[] {
  const touches = ({ fromMs, toMs }: Span): boolean => fromMs < span.toMs && toMs > span.fromMs && fromMs < toMs
  if (!work.recurrence) return [{ fromMs: work.fromMs, toMs: work.toMs }].filter(touches)
  const { days, until } = work.recurrence
  const begin = zoned(work.fromMs, work.timeZone).toPlainDateTime()
  const length = begin.until(zoned(work.toMs, work.timeZone).toPlainDateTime(), { largestUnit: 'days' })
  const times: Span[] = []
  const earliest = zoned(span.fromMs, work.timeZone).toPlainDate().subtract({ days: 8 })
  let date = Temporal.PlainDate.compare(earliest, begin.toPlainDate()) > 0 ? earliest : begin.toPlainDate()
  const last = zoned(span.toMs, work.timeZone).toPlainDate()
  const end = until !== undefined && Temporal.PlainDate.compare(until, last) < 0 ? Temporal.PlainDate.from(until) : last
  for (; Temporal.PlainDate.compare(date, end) <= 0; date = date.add({ days: 1 })) {
    if (!days.includes(WEEKDAYS[date.dayOfWeek - 1] as (typeof WEEKDAYS)[number])) continue
    const from = date.toPlainDateTime(begin.toPlainTime())
    const ms = (local: Temporal.PlainDateTime): number => local.toZonedDateTime(work.timeZone).epochMilliseconds
    const time = { fromMs: ms(from), toMs: ms(from.add(length)) }
    if (time.fromMs >= work.fromMs && touches(time)) times.push(time)
  }
  return times
}

/** The time that runs at `nowMs`, or the next one to come; null when it is over. */
export function nextTime(work: PlannedWork, nowMs: number): Span | null {
  if (!work.recurrence) return work.toMs > nowMs ? { fromMs: work.fromMs, toMs: work.toMs } : null
  const startMs = Math.max(nowMs, work.fromMs)
  return timesOf(work, { fromMs: startMs, toMs: startMs + 2 * MAX_RECURRING_MS }).find(time => time.toMs > nowMs) ?? null
}

/** Whether a window is about this signal of this device: everything it names must fit. */
export function covers(scope: MaintenanceScope, place: WorkPlace, signal: string): boolean {
  const fits = (wanted: string | undefined, is: string | null): boolean => wanted === undefined || wanted === is
  return (
    fits(scope.customerId, place.customerId) &&
    fits(scope.siteId, place.siteId) &&
    fits(scope.profileId, place.profileId) &&
    fits(scope.deviceId, place.deviceId) &&
    fits(scope.signal, signal)
  )
}

/** Windows with their times around the present, worked out once for however many devices are asked about. */
export type PlannedTimes = readonly { work: PlannedWork; times: readonly Span[] }[]

const LOOK_BACK_MS = DAY_MS
const LOOK_AHEAD_MS = 15 * DAY_MS

/** Times from a day ago to a fortnight ahead: what waits for the end of one is asked about again when it comes. */
export function plannedTimes(works: readonly PlannedWork[], nowMs: number): PlannedTimes {
  const span = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + LOOK_AHEAD_MS }
  return works.map(work => ({ work, times: timesOf(work, span) })).filter(({ times }) => times.length > 0)
}

/** Times that cover this signal of this device, joined: one after the other is one. */
export function quietTimes(planned: PlannedTimes, place: WorkPlace, signal: string): Span[] {
  if (planned.length === 0) return []
  return joinSpans(planned.filter(({ work }) => covers(work.scope, place, signal)).flatMap(({ times }) => times))
}

/** End of the planned time an instant lies in, or null outside. */
export function plannedUntil(times: readonly Span[], atMs: number): number | null {
  return times.find(time => time.fromMs <= atMs && atMs < time.toMs)?.toMs ?? null
}
