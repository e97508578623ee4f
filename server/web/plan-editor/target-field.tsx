/** What is promised for one clock, as a person says it. */
import { Group, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import type { PlanTarget } from '../../../shared/api/plans/plan-parts.ts'

type Kind = 'minutes' | 'hours' | 'days' | 'band' | 'best-effort' | 'none'

const KINDS: { value: Kind; label: string }[] = [
  { value: 'minutes', label: 'minutes of open time' },
  { value: 'hours', label: 'hours of open time' },
  { value: 'days', label: 'business days' },
  { value: 'band', label: 'a band of business days' },
  { value: 'best-effort', label: 'best effort' },
]

function kindOf(target: PlanTarget): Kind {
  if ('minutes' in target) return target.minutes % 60 === 0 ? 'hours' : 'minutes'
  if ('days' in target) return target.firstDays === undefined ? 'days' : 'band'
  return target.kind === 'none' ? 'none' : 'best-effort'
}

/** The target of another kind; of minutes and hours the number stays as it was written. */
function targetOf(kind: Kind, before: PlanTarget, unit: 'minutes' | 'hours'): PlanTarget {
  const written = 'minutes' in before ? before.minutes / (unit === 'hours' ? 60 : 1) : 4
  const receipt = 'days' in before ? before.receipt : 'calendar-date'
  const days = 'days' in before ? before.days : 1
  switch (kind) {
    case 'minutes':
      return { kind: 'minutes', minutes: written }
    case 'hours':
      return { kind: 'minutes', minutes: written * 60 }
    case 'days':
      return { kind: 'business-days', days, receipt }
    case 'band':
      return { kind: 'business-days', days: Math.max(2, days), firstDays: 1, receipt }
    case 'none':
      return { kind: 'none' }
    case 'best-effort':
      return { kind: 'best-effort' }
  }
}

const RECEIPTS = [
  { value: 'calendar-date', label: 'from the date of registration' },
  { value: 'received-when-open', label: 'from the next opening' },
]

/** A number and its kind side by side. `noneLabel` names the absence of a promise: `when done`. */
export function TargetField({
  label,
  target,
  onChange,
  noneLabel,
  error,
}: {
  label: string
  target: PlanTarget
  onChange: (target: PlanTarget) => void
  noneLabel: string
  error?: string | undefined
}) {
  // Kept apart from the value: 60 minutes that are being written must not turn into an hour.
  const [unit, setUnit] = useState<'minutes' | 'hours'>(() => (kindOf(target) === 'minutes' ? 'minutes' : 'hours'))
  const kind = 'minutes' in target ? unit : kindOf(target)
  const number = (value: number | string, fallback: number): number => (typeof value === 'number' ? value : Number(value) || fallback)
  const kinds = [...KINDS, { value: 'none' as const, label: noneLabel }]
  return (
    <Group gap={6} align="flex-end" wrap="nowrap" className="target-field">
      {'minutes' in target && (
        <NumberInput
          aria-label={`${label}: how many`}
          size="xs"
          w={70}
          min={1}
          hideControls
          value={kind === 'hours' ? target.minutes / 60 : target.minutes}
          onChange={value => onChange({ kind: 'minutes', minutes: number(value, 1) * (kind === 'hours' ? 60 : 1) })}
        />
      )}
      {'days' in target && target.firstDays !== undefined && (
        <NumberInput
          aria-label={`${label}: at the earliest`}
          size="xs"
          w={56}
          min={1}
          hideControls
          value={target.firstDays}
          onChange={value => onChange({ ...target, firstDays: number(value, 1) })}
        />
      )}
      {'days' in target && (
        <NumberInput
          aria-label={target.firstDays === undefined ? `${label}: how many` : `${label}: at the latest`}
          size="xs"
          w={56}
          min={1}
          hideControls
          value={target.days}
          onChange={value => onChange({ ...target, days: number(value, 1) })}
        />
      )}
      <Select
        label={label}
        size="xs"
        allowDeselect={false}
        flex={1}
        miw={120}
        data={kinds}
        value={kind}
        error={error}
        onChange={value => {
          if (!value) return
          onChange(targetOf(value, target, unit))
          if (value === 'minutes' || value === 'hours') setUnit(value)
        }}
      />
      {'days' in target && (
        <Select
          aria-label={`${label}: counted`}
          size="xs"
          allowDeselect={false}
          w={170}
          data={RECEIPTS}
          value={target.receipt}
          onChange={value => value && onChange({ ...target, receipt: value as 'calendar-date' | 'received-when-open' })}
        />
      )}
    </Group>
  )
}
