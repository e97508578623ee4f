/** Weekly opening hours as people write them: `08:00-12:00, 13:00-18:00`. */
import type { WeeklyHours } from '../../../shared/api/sla-api.ts'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export const DAY_WORDS: Record<Day, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}
const SHORT: Record<Day, string> = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' }
type Intervals = readonly (readonly [string, string])[]

const clock = (text: string): string | null => {
  const match = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim())
  if (!match) return null
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? '0')]
  return hour > 24 || minute > 59 || (hour === 24 && minute > 0)
    ? null
    : `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

/** One day in words; empty = closed. */
export function dayText(intervals: Intervals | undefined): string {
  return (intervals ?? []).map(([from, to]) => `${from}-${to}`).join(', ')
}

/** Intervals of a day, or null when the text is none: `8-18`, `08:00-12:00, 13-18`, empty = closed. */
export function parseDay(text: string): [string, string][] | null {
  if (text.trim() === '') return []
  const intervals: [string, string][] = []
  for (const part of text.split(',')) {
    const [from, to, ...rest] = part.split(/[-–]/).map(clock)
    if (!from || !to || rest.length > 0 || from >= to) return null
    intervals.push([from, to])
  }
  return intervals
}

/** A week in words, equal days together: `Mon–Fri 08:00-18:00, Sat 10:00-16:00`. */
export function weekText(hours: WeeklyHours): string {
  const parts: string[] = []
  let index = 0
  while (index < DAYS.length) {
    const first = DAYS[index] as Day
    const text = dayText(hours[first])
    let last = index
    while (last + 1 < DAYS.length && dayText(hours[DAYS[last + 1] as Day]) === text) last += 1
    const name = last === index ? SHORT[first] : `${SHORT[first]}–${SHORT[DAYS[last] as Day]}`
    if (text !== '') parts.push(text === '00:00-24:00' ? `${name} all day` : `${name} ${text.replaceAll('-', '–')}`)
    index = last + 1
  }
  if (parts.length === 1 && parts[0] === 'Mon–Sun all day') return 'Always'
  return parts.length === 0 ? 'Never' : parts.join(', ')
}
