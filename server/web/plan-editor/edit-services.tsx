/** Everything else an offer can promise. */
import { MultiSelect, NumberInput, Paper, Select, Switch, TagsInput, Title } from '@mantine/core'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { CATEGORIES } from '../components/ticket-choices.ts'
import { faultAt, type DraftPart } from './draft.ts'

/** Yes-or-no terms, in the order people compare offers by. */
const SWITCHES = [
  ['remoteSupport', 'Remote support'],
  ['firstLinePhone', 'First line by phone'],
  ['escalationPhone', 'Escalation phone'],
  ['majorIncidentCommunication', 'Major incident communication'],
  ['priorityCases', 'Priority case process'],
  ['tellEscalations', 'The customer is told at each escalation'],
  ['distributedSetups', 'Distributed set-ups'],
  ['analytics', 'Analytics'],
  ['reports', 'Reports'],
  ['suggestions', 'Suggestions to lower the number of tickets'],
  ['deskIntegration', 'Integration of the customer’s servicedesk'],
] as const satisfies readonly (readonly [keyof Plan, string])[]

/** Switches, people, uptime, versions. */
export function EditServices({ draft, set, faults }: DraftPart) {
  const policy = draft.versionPolicy
  return (
    <Paper p="md" component="section" aria-label="Services">
      <Title order={2} size="h4" mb="sm">
        Services
      </Title>
      <div className="switch-grid">
        {SWITCHES.map(([field, label]) => (
          <Switch key={field} label={label} checked={draft[field]} onChange={event => set({ [field]: event.currentTarget.checked })} />
        ))}
      </div>
      <div className="plan-fields">
        <Select
          label="On site"
          allowDeselect={false}
          data={[
            { value: 'none', label: 'not part of the plan' },
            { value: 'partner', label: 'routed to a partner' },
          ]}
          value={draft.onsite}
          onChange={onsite => onsite && set({ onsite: onsite })}
        />
        <MultiSelect
          label="Always need a visit"
          data={CATEGORIES}
          value={draft.onsiteCategories}
          onChange={categories => set({ onsiteCategories: categories })}
        />
        <Select
          label="First line"
          allowDeselect={false}
          data={[
            { value: 'us', label: 'is ours' },
            { value: 'partner', label: 'is the partner’s' },
          ]}
          value={draft.firstLine}
          onChange={line => line && set({ firstLine: line })}
        />
        <Select
          label="Support manager"
          allowDeselect={false}
          data={[
            { value: 'none', label: 'none' },
            { value: 'dedicated-contact', label: 'a dedicated contact' },
            { value: 'regional-engineer', label: 'a named regional engineer' },
          ]}
          value={draft.manager}
          onChange={manager => manager && set({ manager: manager })}
        />
        <NumberInput
          label="Uptime of the platform"
          suffix=" %"
          min={0}
          max={100}
          decimalScale={5}
          placeholder="not promised"
          value={draft.uptimePercent ?? ''}
          onChange={percent => set({ uptimePercent: typeof percent === 'number' ? percent : null })}
          error={faultAt(faults, '/uptimePercent')}
        />
        <NumberInput
          label="End of life is told"
          suffix=" months ahead"
          min={0}
          max={120}
          placeholder="not promised"
          value={draft.endOfLifeNoticeMonths ?? ''}
          onChange={months => set({ endOfLifeNoticeMonths: typeof months === 'number' ? months : undefined })}
        />
        <TagsInput label="Remote tools" value={draft.remoteTools} onChange={remoteTools => set({ remoteTools })} />
        <TagsInput label="Self help" value={draft.selfHelp} onChange={selfHelp => set({ selfHelp })} />
        <TagsInput label="Classes of linked defects" value={draft.defectClasses} onChange={defectClasses => set({ defectClasses })} />
        {policy && (
          <>
            <NumberInput
              label="Previous major version"
              suffix=" months supported"
              min={0}
              value={policy.previousMajorMonths}
              onChange={months => set({ versionPolicy: { ...policy, previousMajorMonths: Number(months) || 0 } })}
            />
            <NumberInput
              label="A major version"
              suffix=" months at most"
              min={0}
              value={policy.majorMonths}
              onChange={months => set({ versionPolicy: { ...policy, majorMonths: Number(months) || 0 } })}
            />
            <NumberInput
              label="and never under"
              suffix=" months"
              min={0}
              value={policy.majorAtLeastMonths}
              onChange={months => set({ versionPolicy: { ...policy, majorAtLeastMonths: Number(months) || 0 } })}
            />
          </>
        )}
      </div>
      <Switch
        mt="sm"
        label="Only some versions are supported"
        checked={policy !== undefined}
        onChange={event =>
          set({
            versionPolicy: event.currentTarget.checked
              ? { currentOnly: ['agent'], previousMajorMonths: 24, majorMonths: 24, majorAtLeastMonths: 12 }
              : undefined,
          })
        }
      />
    </Paper>
  )
}
