/** What the plan includes and what happens beyond it. */
import { Checkbox, NumberInput, Select, Switch, TextInput } from '@mantine/core'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'
import { faultAt, type DraftPart } from './draft.ts'

function Limit({
  label,
  value,
  onChange,
  error,
}: {
  label: string
  value: number | null
  onChange: (value: number | null) => void
  error?: string | undefined
}) {
  return (
    <div>
      <NumberInput
        label={label}
        size="sm"
        min={0}
        max={1_000_000}
        allowDecimal={false}
        disabled={value === null}
        placeholder="without limit"
        value={value ?? ''}
        onChange={next => onChange(typeof next === 'number' ? next : 0)}
        error={error}
      />
      <Checkbox
        mt={6}
        size="xs"
        label="without limit"
        checked={value === null}
        onChange={event => onChange(event.currentTarget.checked ? null : 1)}
      />
    </div>
  )
}

/** What the offer and the plan are called. */
export function EditNames({ draft, set, faults }: DraftPart) {
  return (
    <>
      <TextInput
        label="Offer"
        required
        maxLength={60}
        value={draft.offer}
        onChange={event => set({ offer: event.currentTarget.value })}
        error={faultAt(faults, '/offer')}
      />
      <TextInput
        label="Plan"
        required
        maxLength={60}
        value={draft.name}
        onChange={event => set({ name: event.currentTarget.value })}
        error={faultAt(faults, '/name')}
      />
    </>
  )
}

/** How many devices, and what becomes of more. */
export function EditDevices({ draft: { devices }, set, faults }: DraftPart) {
  return (
    <>
      <Limit
        label={PLAN_TERMS.devices.title}
        value={devices.included}
        onChange={included => set({ devices: { ...devices, included } })}
        error={faultAt(faults, '/devices')}
      />
      <Select
        label="More devices"
        allowDeselect={false}
        data={[
          { value: 'refused', label: 'are refused, they wait' },
          { value: 'billed', label: 'are billed per day' },
        ]}
        value={devices.more}
        onChange={more => more && set({ devices: { ...devices, more } })}
      />
    </>
  )
}

/** How many people may be named, and whether only they register. */
export function EditContacts({ draft: { contacts }, set, faults }: DraftPart) {
  return (
    <div className="switch-column">
      <Limit
        label={PLAN_TERMS.contacts.title}
        value={contacts.included}
        onChange={included => set({ contacts: { ...contacts, included } })}
        error={faultAt(faults, '/contacts')}
      />
      <Switch
        label="Only named contacts register"
        checked={contacts.namedOnly}
        onChange={event => set({ contacts: { ...contacts, namedOnly: event.currentTarget.checked } })}
      />
    </div>
  )
}

/** How many cases, and what becomes of more. */
export function EditCases({ draft: { cases }, set, faults }: DraftPart) {
  return (
    <>
      <div className="switch-column">
        <Limit
          label={PLAN_TERMS.cases.title}
          value={cases.perMonth}
          onChange={perMonth => set({ cases: { ...cases, perMonth } })}
          error={faultAt(faults, '/cases')}
        />
        <Switch
          label="Every case is paid on its own"
          checked={cases.payPerIncident}
          onChange={event => set({ cases: { ...cases, payPerIncident: event.currentTarget.checked } })}
        />
      </div>
      <Select
        label="Beyond that a case"
        allowDeselect={false}
        data={[
          { value: 'approval', label: 'waits for approval' },
          { value: 'pay-per-incident', label: 'is paid on its own' },
        ]}
        value={cases.beyond}
        onChange={beyond => beyond && set({ cases: { ...cases, beyond } })}
      />
    </>
  )
}
