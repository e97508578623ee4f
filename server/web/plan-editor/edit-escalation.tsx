/** Who is told, and to which line a ticket goes, as a promise comes near and passes. */
import { ActionIcon, Button, Group, MultiSelect, NumberInput, Select, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { EscalationStep } from '../../../shared/api/plans/plan-parts.ts'
import { faultAt, type DraftPart } from './draft.ts'

type Point = 'percent' | 'overdueMinutes' | 'afterMinutes'

const POINTS: { value: Point; label: string }[] = [
  { value: 'percent', label: '% of the target' },
  { value: 'overdueMinutes', label: 'min overdue' },
  { value: 'afterMinutes', label: 'open min of the clock' },
]
const CLOCKS = [
  { value: 'response', label: 'response' },
  { value: 'update', label: 'update' },
  { value: 'resolution', label: 'resolution' },
]
const PEOPLE = ['desk', 'manager', 'partner', 'customer']

function pointOf(step: EscalationStep): Point {
  if (step.percent !== undefined) return 'percent'
  return step.overdueMinutes === undefined ? 'afterMinutes' : 'overdueMinutes'
}

function at(step: EscalationStep, point: Point, value: number): EscalationStep {
  const { percent: _one, overdueMinutes: _two, afterMinutes: _three, ...rest } = step
  return { ...rest, [point]: value }
}

function Step({
  step,
  lines,
  onChange,
  onRemove,
  error,
  number,
}: {
  step: EscalationStep
  lines: number
  onChange: (step: EscalationStep) => void
  onRemove: () => void
  error: string | undefined
  number: number
}) {
  const point = pointOf(step)
  const name = (what: string): string => `Step ${number}: ${what}`
  return (
    <div className="step-row" role="group" aria-label={`Step ${number}`}>
      <Select
        size="xs"
        aria-label={name('clock')}
        allowDeselect={false}
        data={CLOCKS}
        value={step.clock}
        onChange={clock => clock && onChange({ ...step, clock: clock as EscalationStep['clock'] })}
      />
      <Group gap={4} wrap="nowrap">
        <NumberInput
          size="xs"
          aria-label={name('at')}
          w={66}
          min={1}
          hideControls
          value={step[point] ?? 0}
          onChange={value => onChange(at(step, point, Number(value) || 1))}
        />
        <Select
          size="xs"
          aria-label={name('counted in')}
          allowDeselect={false}
          data={POINTS}
          value={point}
          onChange={next => next && onChange(at(step, next, next === 'percent' ? 75 : 60))}
        />
      </Group>
      <MultiSelect
        size="xs"
        aria-label={name('levels')}
        placeholder={step.levels ? '' : 'all levels'}
        data={['1', '2', '3', '4']}
        value={(step.levels ?? []).map(String)}
        onChange={levels => {
          const { levels: _before, ...rest } = step
          onChange(levels.length === 0 ? rest : { ...rest, levels: levels.map(Number) })
        }}
      />
      <MultiSelect
        size="xs"
        aria-label={name('tell')}
        placeholder={step.tell.length > 0 ? '' : 'nobody'}
        data={PEOPLE}
        value={step.tell}
        onChange={tell => onChange({ ...step, tell: tell as EscalationStep['tell'] })}
      />
      <Select
        size="xs"
        aria-label={name('line')}
        clearable
        clearButtonProps={{ 'aria-label': 'Stays on its line' }}
        placeholder="same line"
        data={[2, 3].filter(line => line <= lines).map(line => ({ value: String(line), label: `to line ${line}` }))}
        value={step.toLine === undefined ? null : String(step.toLine)}
        onChange={line => {
          const { toLine: _before, ...rest } = step
          onChange(line ? { ...rest, toLine: Number(line) } : rest)
        }}
        error={error}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove step ${number}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  )
}

/** Steps in the order written; each is taken once per clock cycle, the earliest first. */
export function EditEscalation({ draft, set, faults }: DraftPart) {
  const steps = draft.escalation ?? []
  const put = (next: EscalationStep[]): void => set({ escalation: next })
  return (
    <div>
      <Text size="sm" c="dimmed" mb="sm">
        {draft.escalation === undefined
          ? 'The usual one: the desk is told at 75 % and when a promise is overdue.'
          : 'Each step is taken once per clock. 100 % is the due time itself.'}
      </Text>
      <div className="step-list">
        {steps.map((step, index) => (
          <Step
            // Steps have no name of their own: their place is what they are known by.
            key={index}
            number={index + 1}
            step={step}
            lines={draft.lines}
            onChange={next => put(steps.map((other, place) => (place === index ? next : other)))}
            onRemove={() => (steps.length === 1 ? set({ escalation: undefined }) : put(steps.filter((_step, place) => place !== index)))}
            error={faultAt(faults, `/escalation/${index}`)}
          />
        ))}
      </div>
      {faults.some(fault => fault.path.replace(/^body/, '') === '/escalation') && (
        <Text size="xs" c="red" mt={4}>
          {faultAt(faults, '/escalation')}
        </Text>
      )}
      <Button
        mt="sm"
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => put([...steps, { clock: 'response', percent: 75, tell: ['desk'] }])}
      >
        Add step
      </Button>
    </div>
  )
}
