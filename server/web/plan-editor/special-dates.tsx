/** Dates that are not like their weekday: one row a date. */
import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { dayText } from '../../../shared/week-words.ts'
import { parseDay, unreadable } from '../components/hours-text.ts'

type Dates = Record<string, [string, string][]>

/** Rows in order of date; an empty text closes the day. */
export function SpecialDates({ dates, onChange, error }: { dates: Dates; onChange: (dates: Dates) => void; error?: string | undefined }) {
  const [date, setDate] = useState('')
  const [texts, setTexts] = useState<Record<string, string>>({})
  const textOf = (day: string): string => texts[day] ?? dayText(dates[day])
  const add = (): void => {
    if (date !== '' && dates[date] === undefined) onChange({ ...dates, [date]: [] })
    setDate('')
  }
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        Special dates
      </Text>
      <Text size="xs" c="dimmed">
        A row here wins over the weekly hours and over holidays. Empty means closed.
      </Text>
      {Object.keys(dates)
        .toSorted()
        .map(day => (
          <Group key={day} gap={8} align="flex-start" wrap="nowrap">
            <Text size="sm" w={150} pt={5}>
              {new Date(`${day}T12:00:00Z`).toLocaleDateString(undefined, { dateStyle: 'medium', timeZone: 'UTC' })}
            </Text>
            <TextInput
              size="xs"
              flex={1}
              maw={260}
              aria-label={`Open on ${day}`}
              placeholder="closed"
              value={textOf(day)}
              error={parseDay(textOf(day)) === null ? 'Write it as 09:00-13:00' : undefined}
              onChange={event => {
                const text = event.currentTarget.value
                setTexts(before => ({ ...before, [day]: text }))
                onChange({ ...dates, [day]: parseDay(text) ?? [unreadable(text)] })
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${day}`}
              onClick={() => {
                const { [day]: _gone, ...rest } = dates
                onChange(rest)
              }}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
      {error && (
        <Text size="xs" c="red">
          {error}
        </Text>
      )}
      <Group gap={8} align="flex-end">
        <TextInput type="date" size="xs" label="Another date" value={date} onChange={event => setDate(event.currentTarget.value)} />
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} disabled={date === ''} onClick={add}>
          Add date
        </Button>
      </Group>
    </Stack>
  )
}
