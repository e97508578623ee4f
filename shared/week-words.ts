/** Weekly hours in words. */
import type { WeeklyHours } from './api/sla/sla-api.ts'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export const SHORT_DAYS: Record<Day, string> = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' }

/** One day in words: `08:00-12:00, 13:00-18:00`; empty = closed. */
export function dayText(intervals: readonly (readonly [string, string])[] | undefined): string {
  return (intervals ?? []).map(([from, to]) => `${from}-${to}`).join(', ')
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
    const name = last === index ? SHORT_DAYS[first] : `${SHORT_DAYS[first]}–${SHORT_DAYS[DAYS[last] as Day]}`
    if (text !== '') parts.push(text === '00:00-24:00' ? `${name} all day` : `${name} ${text.replaceAll('-', '–')}`)
    index = last + 1
  }
  if (parts.length === 1 && parts[0] === 'Mon–Sun all day') return 'Always'
  return parts.length === 0 ? 'Never' : parts.join(', ')
}
