/** Reports of serving time: devices and customers, inside the opening hours of their sites. */
import type { CustomerServing, DeviceServing } from '../../shared/api/verdicts/serving-api.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import { addServing, countServing, NO_SERVING, servingPercent, type ServingFacts, type ServingSums } from './rules/serving-time.ts'
import { withoutSpans, type Span } from '../calendars/rules/spans.ts'
import type { Database } from '../database/database.ts'
import { listRuns } from '../uptime/store/uptime-store.ts'
import { listServingPlaces, readVerdictMarks, type ServingPlace } from './store/verdict-mark-store.ts'
import { openingCalendar } from '../calendars/site-hours.ts'
import { DAY_MS } from '../../shared/units.ts'
import { iso } from '../../shared/instants.ts'

const DEFAULT_DAYS = 30
const MAX_DAYS = 400
const WORST_SHOWN = 20

const hours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`
/** Floor, not round: 99.999 must not read as 100. */
const floored = (percent: number): number => Math.floor(percent * 1000) / 1000

function withPercent(sums: ServingSums): ServingSums & { servingPercent: number | null } {
  const percent = servingPercent(sums)
  return { ...sums, servingPercent: percent === null ? null : floored(percent) }
}

/** The numbers in a sentence. */
function whyOf(sums: ServingSums): string {
  const percent = servingPercent(sums)
  if (sums.openSeconds === 0) return 'No opening hours in this time, or the device was not there yet.'
  if (percent === null) return `Of ${hours(sums.openSeconds)} open nothing could be judged.`
  const parts = [
    `${hours(sums.notServingSeconds)} not serving`,
    ...(sums.degradedSeconds > 0 ? [`${hours(sums.degradedSeconds)} degraded, which still serves`] : []),
    ...(sums.unknownSeconds > 0 ? [`${hours(sums.unknownSeconds)} unknown, not counted`] : []),
    ...(sums.plannedSeconds > 0 ? [`${hours(sums.plannedSeconds)} away as planned, not counted`] : []),
  ]
  return `Served people ${floored(percent)} % of the opening hours judged. Of ${hours(sums.openSeconds)} open: ${parts.join('; ')}.`
}

function sumCauses(all: readonly ServingFacts[]): { signal: string; seconds: number }[] {
  const sums = new Map<string, number>()
  for (const { causes } of all) for (const { signal, seconds } of causes) sums.set(signal, (sums.get(signal) ?? 0) + seconds)
  return [...sums].map(([signal, seconds]) => ({ signal, seconds })).toSorted((one, other) => other.seconds - one.seconds)
}
const sumAll = (all: readonly ServingFacts[]): ServingSums => all.reduce((sum, { sums }) => addServing(sum, sums), NO_SERVING)

/** Makes the service. */
export function makeServing({ db, now }: { db: Database; now: () => number }) {
  const windowOf = (query: { from?: string | undefined; to?: string | undefined }): Span => {
    const toMs = Math.min(query.to === undefined ? now() : Date.parse(query.to), now())
    const fromMs = query.from === undefined ? toMs - DEFAULT_DAYS * DAY_MS : Date.parse(query.from)
    if (!(fromMs < toMs) || toMs - fromMs > MAX_DAYS * DAY_MS)
      throw invalidInput([{ path: 'querystring/from', message: `must be before \`to\` and the present, at most ${MAX_DAYS} days` }])
    return { fromMs, toMs }
  }

  /** When the server did not run: what was with the devices then nobody knows. Before its log begins nothing is taken off. */
  const blindSpans = async (window: Span): Promise<Span[]> => {
    const runs = await listRuns(db, window)
    if (runs.length === 0) return []
    const seen = runs.map(run => ({ fromMs: run.started_at, toMs: run.ended === null ? window.toMs : run.last_at }))
    return withoutSpans([{ fromMs: Math.max(window.fromMs, seen[0]?.fromMs ?? 0), toMs: window.toMs }], seen)
  }

  const count = async (places: readonly ServingPlace[], window: Span): Promise<Map<string, ServingFacts>> => {
    const blind = await blindSpans(window)
    const marks = await readVerdictMarks(
      db,
      places.map(place => place.deviceId),
      window,
    )
    return new Map(
      places.map(place => [
        place.deviceId,
        countServing({
          marks: (marks.get(place.deviceId) ?? []).map(row => ({ fromMs: row.from_at, verdict: row.verdict, cause: row.cause })),
          window: { fromMs: window.fromMs, toMs: Math.max(window.fromMs, Math.min(window.toMs, place.retiredAtMs ?? window.toMs)) },
          hours: openingCalendar(place),
          timeZone: place.timeZone,
          blind,
        }),
      ]),
    )
  }

  return {
    /** One device, day by day. Throws `not-found`, and `invalid-input` for a span that is none. */
    async ofDevice(deviceId: string, query: { from?: string | undefined; to?: string | undefined }): Promise<DeviceServing> {
      const window = windowOf(query)
      const [place] = await listServingPlaces(db, { deviceId })
      if (!place) throw notFound('device')
      const facts = (await count([place], window)).get(deviceId) as ServingFacts
      return {
        from: iso(window.fromMs),
        to: iso(window.toMs),
        timeZone: place.timeZone,
        ...withPercent(facts.sums),
        days: facts.days.map(({ date, ...sums }) => ({ date, ...withPercent(sums) })),
        causes: facts.causes,
        why: whyOf(facts.sums),
      }
    },

    /** All devices of a customer: together, by site, and those that served least. */
    async ofCustomer(customerId: string, query: { from?: string | undefined; to?: string | undefined }): Promise<CustomerServing> {
      const window = windowOf(query)
      const places = await listServingPlaces(db, { customerId })
      const facts = await count(places, window)
      const factsOf = (place: ServingPlace): ServingFacts => facts.get(place.deviceId) as ServingFacts
      const all = places.map(factsOf)
      const worst = places
        .filter(place => factsOf(place).sums.notServingSeconds > 0)
        .toSorted((one, other) => factsOf(other).sums.notServingSeconds - factsOf(one).sums.notServingSeconds)
        .slice(0, WORST_SHOWN)
      return {
        from: iso(window.fromMs),
        to: iso(window.toMs),
        ...withPercent(sumAll(all)),
        sites: [...Map.groupBy(places, place => place.siteId)].map(([siteId, here]) => ({
          siteId,
          name: here[0]?.siteName ?? '',
          devices: here.length,
          ...withPercent(sumAll(here.map(factsOf))),
        })),
        worst: worst.map(place => ({
          deviceId: place.deviceId,
          name: place.name,
          siteName: place.siteName,
          ...withPercent(factsOf(place).sums),
          causes: factsOf(place).causes,
        })),
        causes: sumCauses(all),
        why: whyOf(sumAll(all)),
      }
    },
  }
}
export type Serving = ReturnType<typeof makeServing>
