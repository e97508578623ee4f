/** The arithmetic of a monthly statement: which month is next, and on which local days a device was beyond the plan. */
import { monthOf } from '../../tickets/rules/ticket-intake.ts'

/** A calendar month of a customer in the zone of its plan; `fromMs` is where the statement before it ended. */
export type StatementMonth = { month: string; fromMs: number; toMs: number; timeZone: string }
/** What was issued last; null = nothing yet. */
export type LastStatement = { month: string; toMs: number } | null
/** A time in which a device was additional; `toMs` null = it still is. */
export type AdditionalSpan = { deviceId: string; fromMs: number; toMs: number | null }

/** First instant of the month after one, and the month's name. */
function boundsOf(month: string, timeZone: string): { month: string; fromMs: number; toMs: number } {
  return monthOf(Temporal.PlainDate.from(`${month}-15`).toZonedDateTime(timeZone).epochMilliseconds, timeZone)
}

/**
 * The month that is not issued yet: the one after the last statement, else the one the customer was made in. It begins where the last one
 * ended even when the plan's zone has changed since, so that no moment is left out and none is billed twice.
 */
export function openMonth(last: LastStatement, sinceMs: number, timeZone: string): StatementMonth {
  if (last === null) return { ...monthOf(sinceMs, timeZone), timeZone }
  const month = Temporal.PlainYearMonth.from(last.month).add({ months: 1 }).toString()
  return { ...boundsOf(month, timeZone), fromMs: last.toMs, timeZone }
}

/** Before this instant the open month has ended in no zone of the world. */
export function earliestEndMs(lastMonth: string | null, sinceMs: number): number {
  const zoneMs = 15 * 3_600_000
  const month =
    lastMonth === null ? monthOf(sinceMs - zoneMs, 'UTC').month : Temporal.PlainYearMonth.from(lastMonth).add({ months: 1 }).toString()
  return boundsOf(month, 'UTC').toMs - zoneMs
}

/** A month after the open one, up to the one of `nowMs`; null when it lies outside. */
export function laterMonth(month: string, open: StatementMonth, nowMs: number): StatementMonth | null {
  if (month <= open.month || month > monthOf(nowMs, open.timeZone).month) return null
  return { ...boundsOf(month, open.timeZone), timeZone: open.timeZone }
}

/** Months that are not issued, newest first: the open one to the one of `nowMs`. */
export function openMonths(open: StatementMonth, nowMs: number): string[] {
  const newest = monthOf(nowMs, open.timeZone).month
  const months = [open.month]
  for (let next = Temporal.PlainYearMonth.from(open.month).add({ months: 1 }); next.toString() <= newest; next = next.add({ months: 1 }))
    months.unshift(next.toString())
  return months
}

/** Local dates an instant span touches. It is cut where the zone's clock changes: between changes dates follow one another. */
function localDates(fromMs: number, toMs: number, timeZone: string): Set<string> {
  const dates = new Set<string>()
  const last = Temporal.Instant.fromEpochMilliseconds(toMs - 1).toZonedDateTimeISO(timeZone)
  let start = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone)
  for (;;) {
    const change = start.getTimeZoneTransition('next')
    const isLastPiece = change === null || change.epochMilliseconds > last.epochMilliseconds
    const end = isLastPiece ? last : change.subtract({ nanoseconds: 1 })
    const endDate = end.toPlainDate()
    for (let date = start.toPlainDate(); Temporal.PlainDate.compare(date, endDate) <= 0; date = date.add({ days: 1 }))
      dates.add(date.toString())
    if (isLastPiece) return dates
    start = change
  }
}

/**
 * For each device the local dates of the month on which it was additional at any moment, in order. `nowMs` ends what still goes on.
 * Dates outside the month (its zone changed in between) count for its nearest day.
 */
export function additionalDays(spans: readonly AdditionalSpan[], month: StatementMonth, nowMs: number): Map<string, string[]> {
  const first = `${month.month}-01`
  const last = Temporal.PlainYearMonth.from(month.month).toPlainDate({ day: 31 }).toString()
  const byDevice = new Map<string, Set<string>>()
  for (const span of spans) {
    const fromMs = Math.max(span.fromMs, month.fromMs)
    // This very moment counts too.
    const toMs = Math.min(span.toMs ?? nowMs + 1, month.toMs)
    if (fromMs >= toMs) continue
    const dates = byDevice.get(span.deviceId) ?? new Set<string>()
    byDevice.set(span.deviceId, dates)
    for (const date of localDates(fromMs, toMs, month.timeZone)) dates.add(date < first ? first : date > last ? last : date)
  }
  return new Map([...byDevice].map(([deviceId, dates]) => [deviceId, [...dates].sort()]))
}
