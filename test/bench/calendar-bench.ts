/** Open time over a month: the engine against a walk over every minute and against a loop over the days, in the same run. */
import type { CalendarSpec } from '../../shared/api/sla/sla-api.ts'
import { addOpenSeconds, compileCalendar, openSecondsBetween, type Calendar } from '../../server/calendars/rules/calendar.ts'
import { openYear } from '../../server/calendars/rules/calendar-year.ts'
import type { BenchRow } from './bench-row.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const SPAN_DAYS = 30
const zone = 'Europe/Stockholm'
/** Two intervals a day, a short Saturday, holidays: what a plan of an office looks like. */
const spec: CalendarSpec = {
  timezone: zone,
  hours: {
    ...Object.fromEntries(
      DAYS.slice(0, 5).map(day => [
        day,
        [
          ['08:00', '12:00'],
          ['13:00', '17:30'],
        ],
      ]),
    ),
    sat: [['10:00', '14:00']],
  },
  holidays: ['2026-01-01', '2026-01-06', '2026-04-03', '2026-04-06', '2026-05-01', '2026-05-14', '2026-06-19', '2026-12-24', '2026-12-25'],
}
const holidays = new Set(spec.holidays)
/** Starts spread over the year, the same for all. */
const starts = Array.from(
  { length: 997 },
  (_, index) => Date.UTC(2026, 0, 1) + ((index * 7919) % 330) * DAY_MS + ((index * 104_729) % 1440) * MINUTE_MS,
)

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
const week = DAYS.map(day => (spec.hours[day] ?? []).map(([from, to]) => [minutes(from), minutes(to)] as const))

function isOpenMinute(ms: number): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const minute = local.hour * 60 + local.minute
  const spans = week[local.dayOfWeek - 1] ?? []
  return spans.some(([from, to]) => from <= minute && minute < to) && !holidays.has(local.toPlainDate().toString())
}

/** (a) Every minute is looked at. */
const walk = {
  add(fromMs: number, seconds: number): number {
    let left = seconds / 60
    let ms = fromMs
    for (; left > 0; ms += MINUTE_MS) if (isOpenMinute(ms)) left -= 1
    return ms
  },
  between(fromMs: number, toMs: number): number {
    let count = 0
    for (let ms = fromMs; ms < toMs; ms += MINUTE_MS) if (isOpenMinute(ms)) count += 1
    return count * 60
  },
}

/** Open pieces of one local date as instants. */
function piecesOf(date: Temporal.PlainDate): (readonly [number, number])[] {
  if (holidays.has(date.toString())) return []
  const at = (minute: number): number =>
    date.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 }).toZonedDateTime(zone).epochMilliseconds
  return (week[date.dayOfWeek - 1] ?? []).map(([from, to]) => [at(from), at(to)] as const)
}

/** (b) Every day is looked at, its intervals are made instants: what most programs do. */
const dayLoop = {
  add(fromMs: number, seconds: number): number {
    let leftMs = seconds * 1000
    let date = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).toPlainDate()
    for (;;) {
      for (const [start, end] of piecesOf(date)) {
        const openMs = end - Math.max(start, fromMs)
        if (openMs <= 0) continue
        if (leftMs <= openMs) return Math.max(start, fromMs) + leftMs
        leftMs -= openMs
      }
      date = date.add({ days: 1 })
    }
  },
  between(fromMs: number, toMs: number): number {
    let sumMs = 0
    let date = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).toPlainDate()
    const last = Temporal.Instant.fromEpochMilliseconds(toMs).toZonedDateTimeISO(zone).toPlainDate()
    for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 }))
      for (const [start, end] of piecesOf(date)) sumMs += Math.max(0, Math.min(end, toMs) - Math.max(start, fromMs))
    return sumMs / 1000
  },
}

const engine = (calendar: Calendar) => ({
  add: (fromMs: number, seconds: number): number => addOpenSeconds(calendar, fromMs, seconds),
  between: (fromMs: number, toMs: number): number => openSecondsBetween(calendar, fromMs, toMs),
})

/** Operations a second over `count` starts; half a round before is not counted. Several rounds, the median. */
function rate(work: (fromMs: number) => number, count: number): number {
  let kept = 0
  const round = (length: number): number => {
    const startMs = performance.now()
    for (let index = 0; index < length; index += 1) kept += work(starts[index % starts.length] as number)
    return (length * 1000) / (performance.now() - startMs)
  }
  round(Math.ceil(count / 2))
  const rates = [round(count), round(count), round(count)].toSorted((one, other) => one - other)
  if (kept === 0) throw new Error('nothing was worked out')
  return rates[1] as number
}

const row = (name: string, value: number, baseline: number): BenchRow => ({
  name: `calendar: ${name}`,
  value,
  unit: 'operations/s',
  baseline,
  ratio: value / baseline,
})

/** About 15 s. */
export function calendarBenches(): Promise<BenchRow[]> {
  const warm = engine(compileCalendar(spec))
  const span = (fromMs: number): [number, number] => [fromMs, fromMs + SPAN_DAYS * DAY_MS]
  // So much open time that an instant a month later is reached.
  const seconds = new Map(starts.map(fromMs => [fromMs, warm.between(...span(fromMs))]))
  const secondsFrom = (fromMs: number): number => seconds.get(fromMs) ?? 0
  for (const fromMs of starts.slice(0, 20)) {
    for (const other of [walk, dayLoop]) {
      if (other.between(...span(fromMs)) !== secondsFrom(fromMs)) throw new Error('they measure differently')
      if (other.add(fromMs, secondsFrom(fromMs)) !== warm.add(fromMs, secondsFrom(fromMs))) throw new Error('they reach different instants')
    }
  }
  const cold = (fromMs: number): number => {
    const fresh = compileCalendar(spec)
    return engine({ ...fresh, years: new Map(), totals: new Map() }).add(fromMs, secondsFrom(fromMs))
  }
  const added = rate(fromMs => warm.add(fromMs, secondsFrom(fromMs)), 500_000)
  const measured = rate(fromMs => warm.between(...span(fromMs)), 500_000)
  const dayAdd = rate(fromMs => dayLoop.add(fromMs, secondsFrom(fromMs)), 2_000)
  const dayBetween = rate(fromMs => dayLoop.between(...span(fromMs)), 2_000)
  const walkAdd = rate(fromMs => walk.add(fromMs, secondsFrom(fromMs)), 10)
  const walkBetween = rate(fromMs => walk.between(...span(fromMs)), 10)
  return Promise.resolve([
    row('add over a month, warm, against a loop over the days', added, dayAdd),
    row('between over a month, warm, against a loop over the days', measured, dayBetween),
    row('add over a month, warm, against a walk over the minutes', added, walkAdd),
    row('between over a month, warm, against a walk over the minutes', measured, walkBetween),
    row('add over a month, cold: its year is worked out each time, against a loop over the days', rate(cold, 2_000), dayAdd),
    row(
      'a year of a calendar worked out, against a loop over the same days',
      rate(() => openYear(compileCalendar(spec).parsed, 2026).starts.length, 2_000),
      dayBetween * (SPAN_DAYS / 365),
    ),
  ])
}
