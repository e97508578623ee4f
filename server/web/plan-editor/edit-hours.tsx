/** When the desk works, and what happens when it does not. */
import { MultiSelect, Select, Stack } from '@mantine/core'
import { useState } from 'react'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'
import { HoursGrid, type DayTexts } from '../components/hours-grid.tsx'
import { parseWeek, weekTexts } from '../components/hours-text.ts'
import { CHANNELS } from '../components/ticket-choices.ts'
import { faultAt, type DraftPart } from './draft.ts'
import { HolidayPicker } from './holiday-picker.tsx'
import { SpecialDates } from './special-dates.tsx'

type AfterHours = NonNullable<Plan['afterHours']>

const AFTER_HOURS = [
  { value: 'none', label: 'Nothing: clocks wait for the next opening' },
  { value: 'levels', label: 'Only some levels are handled, at every hour' },
  { value: 'first-line-only', label: 'The first line alone answers' },
]

function AfterHoursFields({ afterHours, onChange }: { afterHours: AfterHours; onChange: (afterHours: AfterHours) => void }) {
  if ('businessHours' in afterHours) return null
  return (
    <div className="plan-fields">
      <MultiSelect
        label="Levels"
        data={['1', '2', '3', '4']}
        value={afterHours.levels.map(String)}
        onChange={levels => onChange({ ...afterHours, levels: levels.map(Number) })}
      />
      <MultiSelect
        label="Handled by"
        data={CHANNELS}
        value={afterHours.channels}
        onChange={channels => onChange({ ...afterHours, channels: channels })}
      />
    </div>
  )
}

/** The week. */
export function EditServiceHours({ draft, set, faults }: DraftPart) {
  const [texts, setTexts] = useState<DayTexts>(() => weekTexts(draft.hours))
  return (
    <HoursGrid
      title={PLAN_TERMS.hours.title}
      note="In the customer’s time zone."
      texts={texts}
      onChange={next => {
        setTexts(next)
        set({ hours: parseWeek(next).hours })
      }}
      faultOf={day => faultAt(faults, `/hours/${day}`)}
    />
  )
}

/** Days without service. */
export function EditHolidays({ draft, set, faults }: DraftPart) {
  return <HolidayPicker holidays={draft.holidays} onChange={holidays => set({ holidays })} error={faultAt(faults, '/holidays')} />
}

/** Dates that are not like their weekday. */
export function EditSpecialDates({ draft, set, faults }: DraftPart) {
  return (
    <SpecialDates
      dates={draft.specialDates ?? {}}
      onChange={specialDates => set({ specialDates })}
      error={faultAt(faults, '/specialDates')}
    />
  )
}

/** What happens outside the service hours. */
export function EditAfterHours({ draft, set, faults }: DraftPart) {
  const after = draft.afterHours
  const [business, setBusiness] = useState<DayTexts>(() => weekTexts(after && 'businessHours' in after ? after.businessHours : draft.hours))
  const choose = (kind: string): void => {
    if (kind === 'levels') set({ afterHours: { kind: 'levels', levels: [1], channels: ['email'] } })
    else if (kind === 'first-line-only') set({ afterHours: { kind: 'first-line-only', businessHours: parseWeek(business).hours } })
    else set({ afterHours: undefined })
  }
  return (
    <Stack gap="md">
      <Select
        label={PLAN_TERMS.afterHours.title}
        allowDeselect={false}
        maw={420}
        data={AFTER_HOURS}
        value={after?.kind ?? 'none'}
        onChange={kind => kind && choose(kind)}
        error={faultAt(faults, '/afterHours')}
      />
      {after && <AfterHoursFields afterHours={after} onChange={afterHours => set({ afterHours })} />}
      {after && 'businessHours' in after && (
        <HoursGrid
          title="Business hours"
          note="Outside them the first line alone answers."
          texts={business}
          onChange={next => {
            setBusiness(next)
            set({ afterHours: { kind: 'first-line-only', businessHours: parseWeek(next).hours } })
          }}
          faultOf={day => faultAt(faults, `/afterHours/businessHours/${day}`)}
        />
      )}
    </Stack>
  )
}
