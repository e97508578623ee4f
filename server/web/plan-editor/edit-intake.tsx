/** How tickets come in and what they need. */
import { MultiSelect, NumberInput, Paper, Select, Switch, TagsInput, Title } from '@mantine/core'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { CATEGORIES, CHANNELS, REQUIRED_FIELDS } from '../components/ticket-choices.ts'
import { faultAt, type DraftPart } from './draft.ts'

/** Channels, required fields, what is out of scope, when a ticket closes by itself. */
export function EditIntake({ draft, set, faults }: DraftPart) {
  const { outOfScope } = draft
  return (
    <Paper p="md" component="section" aria-label="Intake">
      <Title order={2} size="h4" mb="sm">
        Registering and closing
      </Title>
      <div className="plan-fields">
        <MultiSelect
          label="Channels"
          data={CHANNELS}
          value={draft.channels}
          onChange={channels => set({ channels: channels })}
          error={faultAt(faults, '/channels')}
        />
        <Select
          label="Monitoring"
          allowDeselect={false}
          data={[
            { value: 'none', label: 'not part of the plan' },
            { value: 'tickets', label: 'raises tickets' },
            { value: 'proactive', label: 'raises and mends' },
          ]}
          value={draft.monitoring}
          onChange={monitoring => monitoring && set({ monitoring: monitoring })}
        />
        <MultiSelect
          label="A report must name"
          data={REQUIRED_FIELDS}
          value={draft.requiredFields}
          onChange={fields => set({ requiredFields: fields as Plan['requiredFields'] })}
        />
        <div className="switch-column">
          <Switch
            label="Clocks wait until the report is complete"
            checked={draft.withholdUntilComplete}
            onChange={event => set({ withholdUntilComplete: event.currentTarget.checked })}
          />
          <Switch
            label="Waiting for a partner stops the resolution clock"
            checked={draft.waitingPartnerPauses}
            onChange={event => set({ waitingPartnerPauses: event.currentTarget.checked })}
          />
        </div>
        <NumberInput
          label="Closes by itself after"
          description="days without the customer’s answer; empty = never"
          suffix=" days"
          min={1}
          max={365}
          value={draft.autoCloseAfterDays ?? ''}
          onChange={days => set({ autoCloseAfterDays: typeof days === 'number' ? days : null })}
          error={faultAt(faults, '/autoCloseAfterDays')}
        />
        <MultiSelect
          label="Not covered"
          description="categories out of scope"
          data={CATEGORIES}
          value={outOfScope.categories}
          onChange={categories => set({ outOfScope: { ...outOfScope, categories: categories } })}
        />
        <Select
          label="What is not covered is"
          description="told on the ticket"
          allowDeselect={false}
          data={[
            { value: 'billable', label: 'offered as billable work' },
            { value: 'partner', label: 'offered to a partner' },
            { value: 'declined', label: 'declined' },
          ]}
          value={outOfScope.offer}
          onChange={offer => offer && set({ outOfScope: { ...outOfScope, offer: offer } })}
        />
        <TagsInput
          label="Subjects not covered"
          description="in the customer’s words"
          value={outOfScope.subjects}
          onChange={subjects => set({ outOfScope: { ...outOfScope, subjects } })}
        />
      </div>
    </Paper>
  )
}
