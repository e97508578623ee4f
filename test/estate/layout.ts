/** The estate that is replayed: customers in several zones, sites with opening hours and habits of closing, devices. Pure. */
import type { Random } from '../demo/demo-random.ts'

export const START_MS = Date.parse('2026-10-12T00:00:00Z')
export const DAYS = 30
const DAY_MS = 86_400_000
export const END_MS = START_MS + DAYS * DAY_MS

export type Span = { fromMs: number; toMs: number }
/** What a site does with its devices at closing time. */
export type Closing = 'stays-on' | 'goodbye' | 'power-off'
export type EstateSite = {
  index: number
  customer: number
  timeZone: string
  hours: Record<string, [string, string][]> | null
  closing: Closing
  devices: number[]
  /** Opening times of the month and a day on either side. */
  open: Span[]
}
export type EstateDevice = { index: number; site: EstateSite }
export type Layout = { zones: readonly string[]; sites: EstateSite[]; devices: EstateDevice[] }

/** The zones of the customers; the month has the end of summer time of Europe and of America in it. */
const ZONES = ['Europe/Stockholm', 'Europe/Lisbon', 'America/New_York', 'Asia/Tokyo', 'Australia/Adelaide'] as const
const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const week = (weekdays: [string, string], saturday: [string, string] | null, sunday: [string, string] | null) => ({
  ...Object.fromEntries(DAY_NAMES.slice(0, 5).map(day => [day, [weekdays]])),
  ...(saturday === null ? {} : { sat: [saturday] }),
  ...(sunday === null ? {} : { sun: [sunday] }),
})
const HOURS: readonly Record<string, [string, string][]>[] = [
  week(['09:00', '20:00'], ['10:00', '18:00'], ['11:00', '17:00']),
  week(['07:00', '22:00'], ['07:00', '22:00'], ['08:00', '21:00']),
  week(['07:30', '18:00'], null, null),
]
const CLOSINGS: readonly Closing[] = ['stays-on', 'goodbye', 'power-off']
const SHARE_ALWAYS_OPEN = 0.35
const DEVICES_AT_A_SITE = 8.3

/** Walks the local days with the zone's own clock, independent of the calendar of the server. */
function openTimes(hours: EstateSite['hours'], timeZone: string): Span[] {
  if (hours === null) return [{ fromMs: START_MS - DAY_MS, toMs: END_MS + DAY_MS }]
  const spans: Span[] = []
  let day = Temporal.Instant.fromEpochMilliseconds(START_MS - DAY_MS)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  for (let count = 0; count < DAYS + 3; count += 1) {
    for (const [from, to] of hours[DAY_NAMES[day.dayOfWeek - 1] ?? ''] ?? []) {
      const at = (time: string): number => day.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds
      spans.push({ fromMs: at(from), toMs: at(to) })
    }
    day = day.add({ days: 1 })
  }
  return spans
}

/** Lays out so many devices at sites of 2 to 16. */
export function layOut(random: Random, deviceCount: number): Layout {
  const sites: EstateSite[] = []
  const devices: EstateDevice[] = []
  const siteCount = Math.max(ZONES.length, Math.round(deviceCount / DEVICES_AT_A_SITE))
  for (let index = 0; index < siteCount; index += 1) {
    const customer = index % ZONES.length
    const timeZone = ZONES[customer] as string
    const hours = random.chance(SHARE_ALWAYS_OPEN) ? null : random.pick(HOURS)
    const closing = hours === null ? 'stays-on' : random.pick(CLOSINGS)
    sites.push({ index, customer, timeZone, hours, closing, devices: [], open: openTimes(hours, timeZone) })
  }
  for (let index = 0; index < deviceCount; index += 1) {
    // Two at each, the rest where chance puts them: small sites and large ones.
    const site = index < 2 * siteCount ? (sites[index % siteCount] as EstateSite) : random.pick(sites)
    site.devices.push(index)
    devices.push({ index, site })
  }
  return { zones: ZONES, sites, devices }
}

/** The opening time an instant lies in, away from its ends by a margin; null = none. */
export function openAround(site: EstateSite, atMs: number, marginMs = 0): Span | null {
  return site.open.find(span => atMs >= span.fromMs + marginMs && atMs < span.toMs - marginMs) ?? null
}
