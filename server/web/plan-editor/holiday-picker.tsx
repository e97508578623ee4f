/** Which public holidays close: a place, and a tick for each of its days. */
import { Checkbox, Group, Loader, SegmentedControl, Select, Stack, TagsInput, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { HolidayItem } from '../../../shared/api/calendars/holiday-api.ts'
import type { Holidays } from '../../../shared/api/plans/plan-parts.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { holidayPlacesQuery, holidaysQuery } from '../api/catalog-queries.ts'

type Place = Exclude<Holidays, string[]>
type Kind = 'none' | 'place' | 'list'

const YEAR = new Date().getFullYear()

/** Whether a day closes under the choice so far. */
function closes(place: Place, day: HolidayItem): boolean {
  return day.closes ? !place.except?.includes(day.rule) : place.also?.includes(day.rule) === true
}

/** The choice with one day ticked or not; a list that becomes empty goes. */
function ticked(place: Place, day: HolidayItem, isClosed: boolean): Place {
  const { except = [], also = [], ...rest } = place
  const flip = (list: string[], isIn: boolean): string[] => [...list.filter(rule => rule !== day.rule), ...(isIn ? [day.rule] : [])]
  const nextExcept = day.closes ? flip(except, !isClosed) : except
  const nextAlso = day.closes ? also : flip(also, isClosed)
  return { ...rest, ...(nextExcept.length > 0 ? { except: nextExcept } : {}), ...(nextAlso.length > 0 ? { also: nextAlso } : {}) }
}

function Days({ place, onChange }: { place: Place; onChange: (place: Place) => void }) {
  const days = useQuery(holidaysQuery({ country: place.country, region: place.region, year: YEAR }))
  if (days.isPending) return <Loader size="sm" />
  if (days.error) return <ProblemAlert error={days.error} again={days.refetch} />
  return (
    <div className="holiday-grid">
      {days.data.map(day => (
        <Checkbox
          key={day.rule}
          size="xs"
          label={`${day.date.slice(8)}.${day.date.slice(5, 7)}. ${day.name}`}
          description={day.closes ? undefined : day.type}
          checked={closes(place, day)}
          onChange={event => onChange(ticked(place, day, event.currentTarget.checked))}
        />
      ))}
    </div>
  )
}

/** None, a country's, or a list of dates. */
export function HolidayPicker({
  holidays,
  onChange,
  error,
}: {
  holidays: Holidays
  onChange: (holidays: Holidays) => void
  error?: string | undefined
}) {
  const places = useQuery(holidayPlacesQuery)
  const kind: Kind = Array.isArray(holidays) ? (holidays.length === 0 ? 'none' : 'list') : 'place'
  const choose = (next: Kind): void => {
    if (next === kind) return
    if (next === 'none') onChange([])
    else if (next === 'place') onChange({ country: 'SE' })
    else onChange([`${YEAR}-12-25`])
  }
  const place = Array.isArray(holidays) ? null : holidays
  const regions = places.data?.find(item => item.country === place?.country)?.regions ?? []
  return (
    <Stack gap={8}>
      <Group gap={10}>
        <Text size="sm" fw={600}>
          Holidays
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Holidays"
          value={kind}
          onChange={value => choose(value)}
          data={[
            { value: 'none', label: 'None' },
            { value: 'place', label: 'Of a country' },
            { value: 'list', label: 'A list' },
          ]}
        />
      </Group>
      {error && (
        <Text size="xs" c="red">
          {error}
        </Text>
      )}
      {Array.isArray(holidays) && kind === 'list' && (
        <TagsInput
          size="xs"
          aria-label="Dates without service"
          description="Local dates such as 2026-12-25, then Enter. The list ends when its last date has passed: a country’s holidays go on."
          value={holidays}
          onChange={onChange}
        />
      )}
      {place && (
        <>
          <Group gap={8} align="flex-end">
            <Select
              label="Country"
              size="xs"
              searchable
              limit={100}
              allowDeselect={false}
              data={(places.data ?? []).map(item => ({ value: item.country, label: item.name }))}
              value={place.country}
              onChange={country => country && onChange({ country })}
            />
            {regions.length > 0 && (
              <Select
                label="Region"
                size="xs"
                searchable
                clearable
                clearButtonProps={{ 'aria-label': 'Whole country' }}
                placeholder="whole country"
                data={regions.map(item => ({ value: item.region, label: item.name }))}
                value={place.region ?? null}
                onChange={region => onChange({ country: place.country, ...(region ? { region } : {}) })}
              />
            )}
          </Group>
          <Text size="xs" c="dimmed">
            A tick closes the day, this year and in those to come. Dates shown are those of {YEAR}.
          </Text>
          <Days place={place} onChange={onChange} />
        </>
      )}
    </Stack>
  )
}
