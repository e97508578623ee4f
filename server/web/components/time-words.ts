/** Times and durations in words. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../shared/units.ts'

const DAY_WORDS = { weekday: 'short', day: 'numeric', month: 'short' } as const
const CLOCK_WORDS = { hour: '2-digit', minute: '2-digit' } as const
const NAMED = { timeZoneName: 'short' } as const
const INSTANT = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g

/** The two largest units: `2 d 4 h`, `1 h 20 min`, `45 s`. */
export function durationWords(ms: number): string {
  const span = Math.max(0, Math.abs(ms))
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string => {
    const first = Math.floor(span / large)
    const second = Math.floor((span % large) / small)
    return second === 0 ? `${first} ${largeUnit}` : `${first} ${largeUnit} ${second} ${smallUnit}`
  }
  if (span >= DAY_MS) return pair(DAY_MS, 'd', HOUR_MS, 'h')
  if (span >= HOUR_MS) return pair(HOUR_MS, 'h', MINUTE_MS, 'min')
  if (span >= 10 * MINUTE_MS) return `${Math.floor(span / MINUTE_MS)} min`
  if (span >= MINUTE_MS) return pair(MINUTE_MS, 'min', SECOND_MS, 's')
  return `${Math.floor(span / SECOND_MS)} s`
}

/** Roughly how long ago, one unit: `now`, `3 min`, `5 h`, `12 d`. */
export function agoWords(atMs: number, nowMs: number): string {
  const span = nowMs - atMs
  if (span < 45 * SECOND_MS) return 'just now'
  if (span < HOUR_MS) return `${Math.max(1, Math.round(span / MINUTE_MS))} min ago`
  if (span < DAY_MS) return `${Math.round(span / HOUR_MS)} h ago`
  return `${Math.round(span / DAY_MS)} d ago`
}

/** Local date and time with zone, for tooltips and histories. */
export function fullTime(iso: string, timeZone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...DAY_WORDS,
    year: 'numeric',
    ...CLOCK_WORDS,
    second: '2-digit',
    ...NAMED,
    ...(timeZone ? { timeZone } : {}),
  })
    .format(new Date(iso))
    .replace(',', '')
}

/** Sentences of the server carry instants as machines write them; here each becomes a time people read. */
export function withTimes(text: string, timeZone?: string): string {
  return text.replaceAll(INSTANT, iso => fullTime(iso, timeZone))
}

/** A span without saying the same day twice: `Wed 25 Nov, 08:00 – 17:00`. */
export function spanWords(from: string, to: string, timeZone: string, nowMs: number): string {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone })
  const isOneDay = day.format(new Date(from)) === day.format(new Date(to))
  return `${dueTime(from, timeZone, nowMs)} – ${isOneDay ? dueTime(to, timeZone, Date.parse(to)) : dueTime(to, timeZone, nowMs)}`
}

/** `2026-11` as `November 2026`. */
export function monthWords(month: string): string {
  return new Date(`${month}-15T12:00:00Z`).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
}

/** Time of day in a zone, with the date when it is another day than today there: `14:20`, `Tue 24 Nov, 09:00`. */
export function dueTime(iso: string, timeZone: string | undefined, nowMs: number): string {
  const zone = timeZone ? { timeZone } : {}
  const day = new Intl.DateTimeFormat('en-CA', zone)
  const sameDay = day.format(new Date(iso)) === day.format(nowMs)
  const time = new Intl.DateTimeFormat('en-GB', { ...CLOCK_WORDS, ...zone }).format(new Date(iso))
  if (sameDay) return time
  return `${new Intl.DateTimeFormat('en-GB', { ...DAY_WORDS, ...zone }).format(new Date(iso))}, ${time}`
}

/** `Europe/Stockholm` as `Stockholm`. */
export function zoneCity(timeZone: string): string {
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ')
}

/** Minutes of a target in words: `30 min`, `4 h`, `48 h`. */
export function minutesWords(minutes: number): string {
  return minutes < 60 || minutes % 60 !== 0 ? `${Math.round(minutes)} min` : `${minutes / 60} h`
}
