/** Who is on call at an instant, who is asked next, and the days to come: weekly shifts in one zone, turns, overrides. */
import type { RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { DAY_NAMES, isTimeZone } from '../../calendars/rules/calendar-spec.ts'
import type { FieldError } from '../../platform/errors.ts'
import { DAY_MS } from '../../../shared/units.ts'

export type RotaFacts = Pick<RotaInput, 'timeZone' | 'people' | 'shifts' | 'overrides' | 'handOver'>
export type OnCallSpan = { fromMs: number; toMs: number; person: string | null }
const HORIZON_DAYS = 14

const zoned = (atMs: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
const dayName = (date: Temporal.PlainDate): (typeof DAY_NAMES)[number] => DAY_NAMES[date.dayOfWeek - 1] ?? 'mon'
const instantOf = (date: Temporal.PlainDate, time: string, timeZone: string): number =>
  date.toPlainDateTime(time).toZonedDateTime(timeZone).epochMilliseconds

/** Which turn it is: whole weeks since the first hand-over, by local time. */
function turnAt({ handOver }: RotaFacts, date: Temporal.PlainDate, time: string): number {
  const first = Temporal.PlainDate.from(handOver.since)
  const back = (first.dayOfWeek - 1 - DAY_NAMES.indexOf(handOver.day) + 7) % 7
  const start = first.subtract({ days: back })
  const days = start.until(date, { largestUnit: 'days' }).days - (time < handOver.time ? 1 : 0)
  return Math.floor(days / 7)
}

type Begun = { fromMs: number; toMs: number; person: string }

/** The shifts that begin on a local date. A turn belongs to the shift's beginning: nobody is handed over to in the middle of a night. */
function shiftsOf(rota: RotaFacts, date: Temporal.PlainDate): Begun[] {
  return rota.shifts.flatMap(shift => {
    if (!shift.days.includes(dayName(date))) return []
    const end = shift.to <= shift.from ? date.add({ days: 1 }) : date
    const turn = turnAt(rota, date, shift.from)
    const { length } = shift.people
    const person = shift.people[((turn % length) + length) % length]
    if (person === undefined) return []
    return [{ fromMs: instantOf(date, shift.from, rota.timeZone), toMs: instantOf(end, shift.to, rota.timeZone), person }]
  })
}

/** Key of who is on call; null = nobody. The newest override that covers the instant wins, then the shift that began last. */
export function onCallAt(rota: RotaFacts, atMs: number): string | null {
  const override = rota.overrides.findLast(one => Date.parse(one.from) <= atMs && atMs < Date.parse(one.to))
  if (override) return override.person
  const date = zoned(atMs, rota.timeZone).toPlainDate()
  const running = [date.subtract({ days: 1 }), date]
    .flatMap(day => shiftsOf(rota, day))
    .filter(shift => shift.fromMs <= atMs && atMs < shift.toMs)
  return running.toSorted((one, other) => other.fromMs - one.fromMs)[0]?.person ?? null
}

/** Everybody in the order in which they are asked: who is on call, then the others as the rota lists them, from there on around. */
export function lineAt(rota: RotaFacts, atMs: number): RotaFacts['people'] {
  const first = onCallAt(rota, atMs)
  const index = rota.people.findIndex(person => person.key === first)
  // Nobody is on call: whoever is first in the list is asked, rather than nobody.
  return index < 0 ? [...rota.people] : [...rota.people.slice(index), ...rota.people.slice(0, index)]
}

/** The next fourteen days as spans without a gap; `person` null = nobody. */
export function upcomingShifts(rota: RotaFacts, nowMs: number): OnCallSpan[] {
  const endMs = nowMs + HORIZON_DAYS * DAY_MS
  const today = zoned(nowMs, rota.timeZone).toPlainDate()
  const shifts = Array.from({ length: HORIZON_DAYS + 3 }, (_, day) => shiftsOf(rota, today.add({ days: day - 1 }))).flat()
  const edges = [
    ...shifts.flatMap(shift => [shift.fromMs, shift.toMs]),
    ...rota.overrides.flatMap(one => [Date.parse(one.from), Date.parse(one.to)]),
  ].filter(atMs => atMs > nowMs && atMs < endMs)
  const starts = [nowMs, ...new Set(edges.toSorted((one, other) => one - other))]
  const spans: OnCallSpan[] = []
  for (const [index, fromMs] of starts.entries()) {
    const person = onCallAt(rota, fromMs)
    const toMs = starts[index + 1] ?? endMs
    const last = spans.at(-1)
    if (last && last.person === person) last.toMs = toMs
    else spans.push({ fromMs, toMs, person })
  }
  return spans
}

/** Whose tickets a rota answers: one for the customer before one for everybody; of equals the first by name. */
export function rotaFor<Item extends { name: string; customers: readonly string[] }>(
  rotas: readonly Item[],
  customerId: string,
): Item | null {
  const sorted = rotas.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  return sorted.find(rota => rota.customers.includes(customerId)) ?? sorted.find(rota => rota.customers.length === 0) ?? null
}

/** What is wrong with a rota beyond its shape. */
export function rotaFaults(rota: RotaInput): FieldError[] {
  const keys = rota.people.map(person => person.key)
  const isKnown = (key: string): boolean => keys.includes(key)
  const isDate = (text: string): boolean => {
    try {
      return Temporal.PlainDate.from(text, { overflow: 'reject' }) !== null
    } catch {
      return false
    }
  }
  return [
    ...(isTimeZone(rota.timeZone) ? [] : [{ path: 'body/timeZone', message: 'is not a time zone' }]),
    ...(new Set(keys).size === keys.length ? [] : [{ path: 'body/people', message: 'each key stands for one person' }]),
    ...rota.shifts.flatMap((shift, index) =>
      shift.people
        .filter(key => !isKnown(key))
        .map(key => ({ path: `body/shifts/${index}/people`, message: `${key} is not among the people` })),
    ),
    ...rota.overrides.flatMap((one, index) => [
      ...(isKnown(one.person) ? [] : [{ path: `body/overrides/${index}/person`, message: 'is not among the people' }]),
      ...(Date.parse(one.from) < Date.parse(one.to) ? [] : [{ path: `body/overrides/${index}/to`, message: 'must be after from' }]),
    ]),
    ...(isDate(rota.handOver.since) ? [] : [{ path: 'body/handOver/since', message: 'is not a date' }]),
  ]
}
