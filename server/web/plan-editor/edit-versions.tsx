/** Which versions of the software are supported. */
import { NumberInput, Switch } from '@mantine/core'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'
import type { DraftPart } from './draft.ts'

type Policy = NonNullable<Plan['versionPolicy']>
/** What a plan that begins to look at versions starts from. */
const USUAL: Policy = { currentOnly: ['agent'], previousMajorMonths: 24, majorMonths: 24, majorAtLeastMonths: 12 }
const SPANS = [
  ['previousMajorMonths', 'Previous major version', ' months supported'],
  ['majorMonths', 'A major version', ' months at most'],
  ['majorAtLeastMonths', 'and never under', ' months'],
] as const

/** The switch, and the months where it is on. */
export function EditVersionPolicy({ draft: { versionPolicy: policy }, set }: DraftPart) {
  return (
    <>
      <Switch
        label={PLAN_TERMS.versionPolicy.title}
        checked={policy !== undefined}
        onChange={event => set({ versionPolicy: event.currentTarget.checked ? USUAL : undefined })}
      />
      {policy &&
        SPANS.map(([part, label, suffix]) => (
          <NumberInput
            key={part}
            label={label}
            suffix={suffix}
            min={0}
            value={policy[part]}
            onChange={months => set({ versionPolicy: { ...policy, [part]: Number(months) || 0 } })}
          />
        ))}
    </>
  )
}
