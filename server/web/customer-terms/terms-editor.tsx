/** A customer's own terms over their plan, with what an edit changes shown before it is saved. */
import { Button, Checkbox, Group, NumberInput, Paper, Select, Stack, Switch, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Customer } from '../../../shared/api/contracts/customer-api.ts'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { EditPreview } from '../../../shared/api/contracts/plan-preview-api.ts'
import { weekText } from '../../../shared/week-words.ts'
import { HoursGrid, type DayTexts } from '../components/hours-grid.tsx'
import { parseWeek, weekTexts } from '../components/hours-text.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { TIME_ZONES } from '../components/time-zones.ts'
import { faultAt } from '../plan-editor/draft.ts'
import { EditEffect } from '../plan-editor/edit-effect.tsx'
import { HolidayPicker } from '../plan-editor/holiday-picker.tsx'
import { SpecialDates } from '../plan-editor/special-dates.tsx'
import '../plan-editor/plan-editor.css'
import { useMay } from '../session/use-session.ts'
import { ApiProblem, callApi, type FieldFault } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

type Draft = { timeZone: string; overrides: PlanOverrides }
type Change = { [Field in keyof PlanOverrides]?: PlanOverrides[Field] | undefined }

const PREVIEW_AFTER_MS = 350
/** Terms this form shows; others that were set stay as they are. */
const SHOWN = new Set(['devices', 'contacts', 'cases', 'hours', 'holidays', 'specialDates', 'entitlements'])

const limitText = (value: number | null): string => (value === null ? 'without limit' : String(value))

/** The number a customer has of their own, whatever form it was written in. */
function ownNumber(value: PlanOverrides['devices'] | PlanOverrides['cases'], field: 'included' | 'perMonth'): number | '' {
  if (typeof value === 'number') return value
  const own = value && field in value ? (value as Record<string, unknown>)[field] : undefined
  return typeof own === 'number' ? own : ''
}

function Numbers({
  plan,
  overrides,
  set,
  faults,
}: {
  plan: Plan
  overrides: PlanOverrides
  set: (change: Change) => void
  faults: readonly FieldFault[]
}) {
  const put = (field: 'devices' | 'contacts' | 'cases', value: number | string): void =>
    set({ [field]: typeof value === 'number' ? value : undefined })
  return (
    <div className="plan-fields">
      <NumberInput
        label="Devices"
        description={`plan: ${limitText(plan.devices.included)}`}
        placeholder="as in the plan"
        min={0}
        allowDecimal={false}
        value={ownNumber(overrides.devices, 'included')}
        onChange={value => put('devices', value)}
        error={faultAt(faults, '/overrides/devices')}
      />
      <NumberInput
        label="Named contacts"
        description={`plan: ${limitText(plan.contacts.included)}`}
        placeholder="as in the plan"
        min={0}
        allowDecimal={false}
        value={ownNumber(overrides.contacts, 'included')}
        onChange={value => put('contacts', value)}
        error={faultAt(faults, '/overrides/contacts')}
      />
      <NumberInput
        label="Cases a month"
        description={`plan: ${limitText(plan.cases.perMonth)}`}
        placeholder="as in the plan"
        min={0}
        allowDecimal={false}
        value={ownNumber(overrides.cases, 'perMonth')}
        onChange={value => put('cases', value)}
        error={faultAt(faults, '/overrides/cases')}
      />
    </div>
  )
}

function Amounts({ plan, overrides, set }: { plan: Plan; overrides: PlanOverrides; set: (change: Change) => void }) {
  const own = overrides.entitlements
  if (plan.entitlements.length === 0 || Array.isArray(own)) return null
  const put = (id: string, amount: number | null | undefined): void => {
    const { [id]: _before, ...rest } = own ?? {}
    const next = amount === undefined ? rest : { ...rest, [id]: amount }
    set({ entitlements: Object.keys(next).length === 0 ? undefined : next })
  }
  return (
    <Stack gap={8}>
      <Text size="sm" fw={600}>
        Entitlements
      </Text>
      <div className="plan-fields">
        {plan.entitlements.map(item =>
          item.unit === 'included' ? (
            item.addOn && (
              <Checkbox
                key={item.id}
                label={item.name}
                description="bought by this customer"
                checked={own?.[item.id] !== undefined}
                onChange={event => put(item.id, event.currentTarget.checked ? null : undefined)}
              />
            )
          ) : (
            <NumberInput
              key={item.id}
              label={item.name}
              description={item.addOn ? `${item.unit}; an add-on: empty = not bought` : `${item.unit}; plan: ${limitText(item.amount)}`}
              placeholder={item.addOn ? 'not bought' : 'as in the plan'}
              min={0}
              value={own?.[item.id] ?? ''}
              onChange={value => put(item.id, typeof value === 'number' ? value : undefined)}
            />
          ),
        )}
      </div>
    </Stack>
  )
}

/** Saves zone and overrides; what is left empty follows the plan. */
export function TermsEditor({ customer, plan }: { customer: Customer; plan: Plan }) {
  const client = useQueryClient()
  const mayChange = useMay('manage')
  const stored: Draft = { timeZone: customer.timeZone, overrides: customer.overrides }
  const before = JSON.stringify(stored)
  const [draft, setDraft] = useState(stored)
  const [texts, setTexts] = useState<DayTexts>(() => weekTexts(stored.overrides.hours ?? plan.hours))
  const { overrides } = draft
  const text = JSON.stringify(draft)
  const isDirty = text !== before
  const [settled] = useDebouncedValue(text, PREVIEW_AFTER_MS)
  const set = (change: Change): void =>
    setDraft(now => ({
      ...now,
      overrides: Object.fromEntries(Object.entries({ ...now.overrides, ...change }).filter(([, value]) => value !== undefined)),
    }))
  const preview = useQuery({
    queryKey: keys.termsPreview(customer.id, settled),
    queryFn: ({ signal }) =>
      callApi<EditPreview>('POST', `/customers/${customer.id}/preview`, { body: JSON.parse(settled) as Draft, signal }),
    enabled: mayChange && settled !== before,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  })
  const save = useMutation({
    mutationFn: () => callApi<Customer>('PATCH', `/customers/${customer.id}`, { body: draft }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.customers })
      void client.invalidateQueries({ queryKey: keys.tickets })
      showDone(`The terms of ${customer.name} are saved`)
    },
    meta: { isShownInPlace: true },
  })
  const problem = [save.error, preview.error].find(error => error instanceof ApiProblem && error.faults.length > 0)
  const faults = isDirty && problem instanceof ApiProblem ? problem.faults : []
  const others = Object.keys(overrides).filter(name => !SHOWN.has(name))
  const hasOwnHours = overrides.hours !== undefined
  const hasOwnHolidays = overrides.holidays !== undefined
  return (
    <div className="editor-columns">
      <fieldset disabled={!mayChange} className="bare-fieldset">
        <Paper p="md">
          <Title order={2} size="h4">
            Own terms
          </Title>
          <Text size="sm" c="dimmed" mb="md">
            What is left empty follows <Link href={`/plans/${customer.planId}`}>{customer.planName}</Link>, also when the plan changes.
          </Text>
          <Stack gap="lg">
            <Select
              label="Time zone of the clocks"
              maw={320}
              searchable
              limit={80}
              allowDeselect={false}
              data={TIME_ZONES}
              value={draft.timeZone}
              onChange={timeZone => timeZone && setDraft(now => ({ ...now, timeZone }))}
              error={faultAt(faults, '/timeZone')}
            />
            <Numbers plan={plan} overrides={overrides} set={set} faults={faults} />
            <div>
              <Switch
                label="Own service hours"
                description={`plan: ${weekText(plan.hours)}`}
                mb={8}
                checked={hasOwnHours}
                onChange={event => set({ hours: event.currentTarget.checked ? parseWeek(texts).hours : undefined })}
              />
              {hasOwnHours && (
                <HoursGrid
                  title="Service hours"
                  note="In the time zone above."
                  texts={texts}
                  onChange={next => {
                    setTexts(next)
                    set({ hours: parseWeek(next).hours })
                  }}
                  faultOf={day => faultAt(faults, `/overrides/hours/${day}`)}
                />
              )}
            </div>
            <div>
              <Switch
                label="Own holidays"
                mb={8}
                checked={hasOwnHolidays}
                onChange={event => set({ holidays: event.currentTarget.checked ? plan.holidays : undefined })}
              />
              {overrides.holidays !== undefined && (
                <HolidayPicker
                  holidays={overrides.holidays}
                  onChange={holidays => set({ holidays })}
                  error={faultAt(faults, '/overrides/holidays')}
                />
              )}
            </div>
            <SpecialDates
              dates={overrides.specialDates ?? {}}
              onChange={dates => set({ specialDates: Object.keys(dates).length === 0 ? undefined : dates })}
              error={faultAt(faults, '/overrides/specialDates')}
            />
            <Amounts plan={plan} overrides={overrides} set={set} />
            {others.length > 0 && (
              <Text size="sm" c="dimmed">
                Also agreed with this customer, and kept: {others.join(', ')}.
              </Text>
            )}
          </Stack>
        </Paper>
      </fieldset>
      <aside className="editor-aside">
        <Stack gap="md">
          <ProblemAlert error={save.error ?? (isDirty ? preview.error : null)} />
          <EditEffect
            preview={preview.data}
            isOld={settled !== text || preview.isPlaceholderData || preview.isFetching}
            isDirty={isDirty}
            hasFaults={faults.length > 0}
          />
          {mayChange && (
            <Group gap="xs">
              <Button disabled={!isDirty || faults.length > 0} loading={save.isPending} onClick={() => save.mutate()}>
                Save
              </Button>
              <Button
                variant="default"
                disabled={!isDirty}
                onClick={() => {
                  setDraft(stored)
                  setTexts(weekTexts(stored.overrides.hours ?? plan.hours))
                }}
              >
                Undo changes
              </Button>
            </Group>
          )}
        </Stack>
      </aside>
    </div>
  )
}
