/** What the plan includes and what happens beyond it. */
import { Checkbox, NumberInput, Paper, Select, Switch, TextInput, Title } from '@mantine/core'
import { TIME_ZONES } from '../components/time-zones.ts'
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

/** Name, devices, contacts, cases. */
export function EditLimits({ draft, set, faults }: DraftPart) {
  const { devices, contacts, cases } = draft
  return (
    <Paper p="md" component="section" aria-label="What is included">
      <Title order={2} size="h4" mb="sm">
        What is included
      </Title>
      <div className="plan-fields">
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
        <Select
          label="Zone the offer names"
          searchable
          limit={80}
          allowDeselect={false}
          data={TIME_ZONES}
          value={draft.suggestedTimeZone}
          onChange={zone => zone && set({ suggestedTimeZone: zone })}
          error={faultAt(faults, '/suggestedTimeZone')}
        />
        <Limit
          label="Devices"
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
          onChange={more => more && set({ devices: { ...devices, more: more } })}
        />
        <Limit
          label="Named contacts"
          value={contacts.included}
          onChange={included => set({ contacts: { ...contacts, included } })}
          error={faultAt(faults, '/contacts')}
        />
        <Limit
          label="Cases a month"
          value={cases.perMonth}
          onChange={perMonth => set({ cases: { ...cases, perMonth } })}
          error={faultAt(faults, '/cases')}
        />
        <Select
          label="Beyond that a case"
          allowDeselect={false}
          data={[
            { value: 'approval', label: 'waits for approval' },
            { value: 'pay-per-incident', label: 'is paid on its own' },
          ]}
          value={cases.beyond}
          onChange={beyond => beyond && set({ cases: { ...cases, beyond: beyond } })}
        />
        <div className="switch-column">
          <Switch
            label="Only named contacts register"
            checked={contacts.namedOnly}
            onChange={event => set({ contacts: { ...contacts, namedOnly: event.currentTarget.checked } })}
          />
          <Switch
            label="Every case is paid on its own"
            checked={cases.payPerIncident}
            onChange={event => set({ cases: { ...cases, payPerIncident: event.currentTarget.checked } })}
          />
          <Switch
            label="Sold through a marketplace"
            checked={draft.marketplace}
            onChange={event => set({ marketplace: event.currentTarget.checked })}
          />
        </div>
      </div>
    </Paper>
  )
}
