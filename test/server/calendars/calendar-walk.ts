/**
 * Open time found the slow way, from the definition: every minute of UTC is looked at, its local date is asked for, and it is open
 * when it lies in an interval of that date whose ends are the wall times by Temporal's `compatible` rule. Shares nothing with the
 * engine. Good for zones whose offset has no seconds.
 */
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'

const MINUTE_MS = 60_000
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Times = readonly (readonly [string, string])[]

const startOf = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds
/** A date lasts from its start to the next one's. Where a clock went back from 00:01 to 23:01 the old date was told once more within the new one. */
const dateAt = (ms: number, zone: string): Temporal.PlainDate => {
  const told = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate()
  return ms >= startOf(told.add({ days: 1 }), zone) ? told.add({ days: 1 }) : told
}

/** A calendar that is asked minute by minute. */
export function walkOf(spec: CalendarSpec) {
  const zone = spec.timezone
  const known = new Map<string, (ms: number) => boolean>()

  const within = (date: Temporal.PlainDate, times: Times): ((ms: number) => boolean) => {
    const wall = (time: string): number =>
      time === '24:00'
        ? startOf(date.add({ days: 1 }), zone)
        : date.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
    const pairs = times.map(([from, to]) => [wall(from), wall(to)] as const)
    return ms => pairs.some(([from, to]) => from <= ms && ms < to)
  }
  const ruleOf = (date: Temporal.PlainDate): ((ms: number) => boolean) => {
    const key = date.toString()
    const before = known.get(key)
    if (before) return before
    const isHoliday = (spec.holidays ?? []).includes(key)
    const open = within(date, spec.overrides?.[key] ?? spec.hours[DAYS[date.dayOfWeek - 1] ?? 'mon'] ?? [])
    const cut = within(date, spec.breaks?.[key] ?? [])
    const rule = (ms: number): boolean => !isHoliday && open(ms) && !cut(ms)
    known.set(key, rule)
    return rule
  }
  // A walk stays on a date for long: its bounds and its rule are kept until it is left.
  let [startMs, endMs, rule] = [0, 0, (_ms: number): boolean => false]
  const isOpen = (ms: number): boolean => {
    if (ms < startMs || ms >= endMs) {
      const date = dateAt(ms, zone)
      ;[startMs, endMs, rule] = [startOf(date, zone), startOf(date.add({ days: 1 }), zone), ruleOf(date)]
    }
    return rule(ms)
  }
  const floor = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS

  /** Close of a local date, or null when nothing of it is open. */
  const closeOf = (date: Temporal.PlainDate): number | null => {
    let close: number | null = null
    for (let ms = startOf(date, zone); ms < startOf(date.add({ days: 1 }), zone); ms += MINUTE_MS) if (isOpen(ms)) close = ms + MINUTE_MS
    return close
  }

  return {
    isOpen,
    between(fromMs: number, toMs: number): number {
      let sum = 0
      for (let ms = floor(fromMs); ms < toMs; ms += MINUTE_MS) if (isOpen(ms)) sum += Math.min(toMs, ms + MINUTE_MS) - Math.max(fromMs, ms)
      return sum / 1000
    },
    /** Null when it takes longer than `limitMs`. */
    add(fromMs: number, seconds: number, limitMs: number): number | null {
      let left = Math.round(seconds * 1000)
      if (left === 0) return fromMs
      for (let ms = floor(fromMs); ms < fromMs + limitMs; ms += MINUTE_MS) {
        if (!isOpen(ms)) continue
        const start = Math.max(fromMs, ms)
        if (left <= ms + MINUTE_MS - start) return start + left
        left -= ms + MINUTE_MS - start
      }
      return null
    },
    nextOpening(fromMs: number, limitMs: number): number | null {
      for (let ms = floor(fromMs); ms < fromMs + limitMs; ms += MINUTE_MS) if (isOpen(ms)) return Math.max(fromMs, ms)
      return null
    },
    closeOfBusinessDay(fromMs: number, n: number, limitDays: number): number | null {
      let left = n
      let date = dateAt(fromMs, zone)
      for (let day = 0; day < limitDays; day += 1) {
        date = date.add({ days: 1 })
        const close = closeOf(date)
        if (close !== null && --left === 0) return close
      }
      return null
    },
    nextClose(atMs: number, limitDays: number): number | null {
      let date = dateAt(atMs, zone)
      for (let day = 0; day < limitDays; day += 1) {
        const close = closeOf(date)
        if (close !== null && close > atMs) return close
        date = date.add({ days: 1 })
      }
      return null
    },
  }
}
