/** The hours of a week to edit: seven small texts. */
import { Button, Group, Text, TextInput } from '@mantine/core'
import { DAYS, type Day } from '../../../shared/week-words.ts'
import { DAY_WORDS, parseWeek } from './hours-text.ts'

export type DayTexts = Record<Day, string>
const ALL_DAY = '00:00-24:00'

/** The same text for each day. */
export const everyDay = (text: string): DayTexts => Object.fromEntries(DAYS.map(day => [day, text])) as DayTexts

/** Texts that mean open at every minute of the week. */
export const ALWAYS_OPEN: DayTexts = everyDay(ALL_DAY)

/** Faults stand at the day; `note` says what the hours mean here. */
export function HoursGrid({
  title,
  note,
  texts,
  onChange,
  faultOf,
}: {
  title: string
  note: string
  texts: DayTexts
  onChange: (texts: DayTexts) => void
  /** What the server refused about a day. */
  faultOf?: (day: Day) => string | undefined
}) {
  const { wrong } = parseWeek(texts)
  return (
    <div className="inset">
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Group gap={6}>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => onChange({ ...texts, tue: texts.mon, wed: texts.mon, thu: texts.mon, fri: texts.mon })}
          >
            Monday’s for Tuesday to Friday
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onChange(ALWAYS_OPEN)}>
            All day, every day
          </Button>
        </Group>
      </Group>
      <Text size="xs" c="dimmed" mb={8}>
        For example 08:00-12:00, 13:00-18:00; a night is 22:00-02:00. Empty means closed. {note}
      </Text>
      <div className="hours-grid">
        {DAYS.map(day => (
          <TextInput
            key={day}
            size="xs"
            label={DAY_WORDS[day]}
            placeholder="closed"
            value={texts[day]}
            error={wrong.includes(day) ? 'Write it as 08:00-18:00' : faultOf?.(day)}
            onChange={event => onChange({ ...texts, [day]: event.currentTarget.value })}
          />
        ))}
      </div>
    </div>
  )
}
