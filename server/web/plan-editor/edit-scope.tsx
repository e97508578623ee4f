/** What the plan does not cover, and what becomes of it. */
import { MultiSelect, Select, TagsInput } from '@mantine/core'
import { PLAN_TERMS } from '../../../shared/api/plans/plan-terms.ts'
import { CATEGORIES } from '../components/ticket-choices.ts'
import type { DraftPart } from './draft.ts'

/** Categories, subjects in people's words, and the offer made for them. */
export function EditOutOfScope({ draft: { outOfScope }, set }: DraftPart) {
  return (
    <>
      <MultiSelect
        label={PLAN_TERMS.outOfScope.title}
        description="categories out of scope"
        data={CATEGORIES}
        value={outOfScope.categories}
        onChange={categories => set({ outOfScope: { ...outOfScope, categories } })}
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
        onChange={offer => offer && set({ outOfScope: { ...outOfScope, offer } })}
      />
      <TagsInput
        label="Subjects not covered"
        description="in the customer’s words"
        value={outOfScope.subjects}
        onChange={subjects => set({ outOfScope: { ...outOfScope, subjects } })}
      />
    </>
  )
}
