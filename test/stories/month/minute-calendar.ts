/** Open time as a list of minutes, made by reading the wall clock of each: slow and plain, to count against what computes. */
import type { WeeklyHours } from '../../../shared/api/sla/sla-api.ts'

const MINUTE_MS = 60_000
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** Index 0 is the minute that begins at `fromMs`. `openTo[i]`: open minutes before minute i. `days`: local dates with open time. */
export type MinuteCalendar = {
  open: Uint8Array
  openTo: Uint32Array
  /** Local date of each minute, counted from the first. */
  dateOf: Uint16Array
  days: { date: number; opens: number; closes: number }[]
}

const minuteOfDay = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))

type Wall = { date: string; weekday: (typeof NAMES)[number]; minute: number }

/** `05/10/2026, 02:00` as a date, its weekday and the minute of the day. */
function readWall(text: string): Wall {
  const date = `${text.slice(6, 10)}-${text.slice(3, 5)}-${text.slice(0, 2)}`
  return { date, weekday: NAMES[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'mon', minute: minuteOfDay(text.slice(12, 17)) }
}

/** Walks over every minute of a span. The wall is read each quarter of an hour: no zone here changes its clock within one. */
export function walkCalendar(
  terms: { timeZone: string; hours: WeeklyHours; holidays: readonly string[] },
  fromMs: number,
  minutes: number,
): MinuteCalendar {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: terms.timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' })
  const open = new Uint8Array(minutes)
  const openTo = new Uint32Array(minutes + 1)
  const dateOf = new Uint16Array(minutes)
  const days: MinuteCalendar['days'] = []
  let date = -1
  let last: Wall | null = null
  for (let index = 0; index < minutes; index += 1) {
    if (index % 15 === 0) {
      const wall = readWall(clock.format(fromMs + index * MINUTE_MS))
      if (wall.date !== last?.date) date += 1
      last = wall
    }
    if (!last) continue
    const minute = last.minute + (index % 15)
    const spans = terms.holidays.includes(last.date) ? [] : (terms.hours[last.weekday] ?? [])
    const isOpen = spans.some(([from, to]) => minute >= minuteOfDay(from) && minute < minuteOfDay(to))
    dateOf[index] = date
    open[index] = isOpen ? 1 : 0
    openTo[index + 1] = (openTo[index] as number) + (isOpen ? 1 : 0)
    if (!isOpen) continue
    const day = days.at(-1)
    if (day?.date === date) day.closes = index + 1
    else days.push({ date, opens: index, closes: index + 1 })
  }
  return { open, openTo, dateOf, days }
}
