/** Weekly opening hours as people write them: `08:00-12:00, 13:00-18:00`; a night is `22:00-02:00`, kept as two pieces. */
import type { WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import { DAYS, type Day } from '../../../shared/week-words.ts'

export const DAY_WORDS: Record<Day, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}
const CLOCK_LENGTH = 5

const clock = (text: string): string | null => {
  const match = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim())
  if (!match) return null
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? '0')]
  return hour > 24 || minute > 59 || (hour === 24 && minute > 0)
    ? null
    : `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

/** Intervals as written, `to` not after `from` for a night; null when the text is none: `8-18`, `08:00-12:00, 13-18`, empty = closed. */
function parseIntervals(text: string): [string, string][] | null {
  if (text.trim() === '') return []
  const intervals: [string, string][] = []
  for (const part of text.split(',')) {
    const [from, to, ...rest] = part.split(/[-–]/).map(clock)
    if (!from || !to || rest.length > 0 || from === to || from === '24:00') return null
    intervals.push([from, to])
  }
  return intervals
}

/** Intervals of one date, or null when the text is none. A night must end at 24:00: the next date is another row. */
export function parseDay(text: string): [string, string][] | null {
  const intervals = parseIntervals(text)
  return intervals === null || intervals.some(([from, to]) => from >= to) ? null : intervals
}

/** Stands in the hours for a text that cannot be read: the server refuses that day, instead of an older text being saved unseen. */
export function unreadable(text: string): [string, string] {
  return [text.slice(0, CLOCK_LENGTH), '']
}

/** What a week of texts says. Nights are cut at midnight; `wrong` are the days that cannot be read. */
export function parseWeek(texts: Record<Day, string>): { hours: WeeklyHours; wrong: Day[] } {
  const week = new Map<Day, [string, string][]>()
  const wrong: Day[] = []
  const put = (day: Day, interval: [string, string]): void => void week.set(day, [...(week.get(day) ?? []), interval])
  for (const [index, day] of DAYS.entries()) {
    const intervals = parseIntervals(texts[day])
    if (intervals === null) {
      wrong.push(day)
      put(day, unreadable(texts[day]))
    }
    for (const [from, to] of intervals ?? []) {
      if (from < to) put(day, [from, to])
      else {
        put(day, [from, '24:00'])
        if (to !== '00:00') put(DAYS[(index + 1) % 7] as Day, ['00:00', to])
      }
    }
  }
  return { hours: Object.fromEntries([...week].map(([day, list]) => [day, list.toSorted((a, b) => (a[0] < b[0] ? -1 : 1))])), wrong }
}

/** A week as texts; two pieces that meet at midnight are one night again. */
export function weekTexts(hours: WeeklyHours): Record<Day, string> {
  const pieces = new Map(DAYS.map(day => [day, [...(hours[day] ?? [])]]))
  const isNight = (evening: readonly [string, string] | undefined, morning: readonly [string, string] | undefined): boolean =>
    evening?.[1] === '24:00' && evening[0] !== '00:00' && morning?.[0] === '00:00' && morning[1] <= evening[0]
  const texts = new Map<Day, string[]>()
  for (const [index, day] of DAYS.entries()) {
    const before = hours[DAYS[(index + 6) % 7] as Day] ?? []
    const own = pieces.get(day) ?? []
    const after = pieces.get(DAYS[(index + 1) % 7] as Day) ?? []
    texts.set(
      day,
      own
        .filter((interval, at) => !(at === 0 && isNight(before.at(-1), interval)))
        .map(interval => `${interval[0]}-${interval === own.at(-1) && isNight(interval, after[0]) ? after[0]?.[1] : interval[1]}`),
    )
  }
  return Object.fromEntries(DAYS.map(day => [day, (texts.get(day) ?? []).join(', ')])) as Record<Day, string>
}
