/** The four levels: names, promises, and who may use them. */
import { Checkbox, MultiSelect, Stack, Switch, TextInput } from '@mantine/core'
import type { LevelTerms } from '../../../shared/api/plans/plan-parts.ts'
import { CATEGORIES, ENVIRONMENTS } from '../components/ticket-choices.ts'
import { faultAt, type DraftPart } from './draft.ts'
import { TargetField } from './target-field.tsx'

const LEVELS = ['1', '2', '3', '4'] as const
type Level = (typeof LEVELS)[number]

function LevelCard({ level, draft, set, faults }: DraftPart & { level: Level }) {
  const terms = draft.levels[level]
  const change = (part: Partial<LevelTerms>): void => set({ levels: { ...draft.levels, [level]: { ...terms, ...part } } })
  const without = (name: keyof LevelTerms): void => {
    const { [name]: _gone, ...rest } = terms
    set({ levels: { ...draft.levels, [level]: rest as LevelTerms } })
  }
  const fault = (field: string): string | undefined => faultAt(faults, `/levels/${level}/${field}`)
  const isLimited = terms.environments !== undefined || terms.categories !== undefined
  return (
    <div className="inset">
      <Stack gap={8}>
        <TextInput
          label={`Level ${level}`}
          size="xs"
          maxLength={40}
          value={terms.name}
          onChange={event => change({ name: event.currentTarget.value })}
          error={fault('name')}
        />
        <TargetField
          label="First response"
          noneLabel="no promise"
          target={terms.response}
          onChange={response => change({ response })}
          error={fault('response')}
        />
        <TargetField
          label="Status update"
          noneLabel="when done"
          target={terms.update}
          onChange={update => change({ update })}
          error={fault('update')}
        />
        {terms.resolution ? (
          <TargetField
            label="Resolution"
            noneLabel="no promise"
            target={terms.resolution}
            onChange={resolution => change({ resolution })}
            error={fault('resolution')}
          />
        ) : null}
        <Checkbox
          size="xs"
          label="Measure the time to resolution"
          checked={terms.resolution !== undefined}
          onChange={event => (event.currentTarget.checked ? change({ resolution: { kind: 'best-effort' } }) : without('resolution'))}
        />
        <Checkbox
          size="xs"
          label="The first update is owed from registration"
          checked={terms.updateFromRegistration === true}
          onChange={event => (event.currentTarget.checked ? change({ updateFromRegistration: true }) : without('updateFromRegistration'))}
        />
        <Checkbox
          size="xs"
          label="Waiting for the customer stops the update clock"
          checked={terms.waitingPausesUpdate ?? level !== '1'}
          onChange={event => change({ waitingPausesUpdate: event.currentTarget.checked })}
        />
        <Checkbox
          size="xs"
          label="The customer must have staff at hand"
          checked={terms.needsCustomerStaff === true}
          onChange={event => (event.currentTarget.checked ? change({ needsCustomerStaff: true }) : without('needsCustomerStaff'))}
        />
        <Switch
          size="xs"
          label="Only for some tickets"
          checked={isLimited}
          onChange={event => {
            if (event.currentTarget.checked) change({ environments: ['production'] })
            else {
              const { environments: _one, categories: _other, ...rest } = terms
              set({ levels: { ...draft.levels, [level]: rest } })
            }
          }}
        />
        {isLimited && (
          <>
            <MultiSelect
              label="Environments"
              size="xs"
              placeholder={terms.environments ? '' : 'all'}
              data={ENVIRONMENTS}
              value={terms.environments ?? []}
              onChange={environments => (environments.length === 0 ? without('environments') : change({ environments: environments }))}
              error={fault('environments')}
            />
            <MultiSelect
              label="Categories"
              size="xs"
              placeholder={terms.categories ? '' : 'all'}
              data={CATEGORIES}
              value={terms.categories ?? []}
              onChange={categories => (categories.length === 0 ? without('categories') : change({ categories: categories }))}
              error={fault('categories')}
            />
          </>
        )}
      </Stack>
    </div>
  )
}

/** Side by side, as the offers print them. */
export function EditLevels(part: DraftPart) {
  return (
    <div className="level-grid">
      {LEVELS.map(level => (
        <LevelCard key={level} level={level} {...part} />
      ))}
    </div>
  )
}
