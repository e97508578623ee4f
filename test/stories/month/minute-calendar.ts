/** Open time as a list of minutes, made by reading the wall clock of each: slow and plain, to count against what computes. */
import type { WeeklyHours } from '../../../shared/api/sla-api.ts'

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

/** Walks over every minute of a span. */
export function walkCalendar(
  terms: { timeZone: string; hours: WeeklyHours; holidays: readonly string[] },
  fromMs: number,
  minutes: number,
): MinuteCalendar {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: terms.timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  })
  const open = new Uint8Array(minutes)
  const openTo = new Uint32Array(minutes + 1)
  const dateOf = new Uint16Array(minutes)
  const days: MinuteCalendar['days'] = []
  let lastDate = ''
  let date = -1
  for (let index = 0; index < minutes; index += 1) {
    // `05/10/2026, 02:00`; every quarter of an hour is asked, no zone here changes its clock in between.
    const quarter = index - (index % 15)
    const text = index === quarter ? clock.format(fromMs + index * MINUTE_MS) : ''
    if (text !== '') now = read(text)
    const minute = now.minute + (index - quarter)
    if (now.date !== lastDate) {
      date += 1
      lastDate = now.date
    }
    dateOf[index] = date
    const spans = terms.holidays.includes(now.date) ? [] : (terms.hours[now.weekday] ?? [])
    const isOpen = spans.some(([from, to]) => minute >= minuteOfDay(from) && minute < minuteOfDay(to))
    open[index] = isOpen ? 1 : 0
    openTo[index + 1] = (openTo[index] as number) + (isOpen ? 1 : 0)
    if (!isOpen) continue
    const day = days.at(-1)
    if (day?.date === date) day.closes = index + 1
    else days.push({ date, opens: index, closes: index + 1 })
  }
  return { open, openTo, dateOf, days }
}

type Wall = { date: string; weekday: (typeof NAMES)[number]; minute: number }
let now: Wall = { date: '', weekday: 'mon', minute: 0 }

function read(text: string): Wall {
  const [day, month, year] = [text.slice(0, 2), text.slice(3, 5), text.slice(6, 10)]
  const date = `${year}-${month}-${day}`
  const weekday = NAMES[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? 'mon'
  return { date, weekday, minute: minuteOfDay(text.slice(12, 17)) }
}
