/** One part of the editor: the terms of a group, in the order of the table. */
import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { PLAN_TERMS, type TermKey } from '../../../shared/api/plans/plan-terms.ts'
import { TERM_GROUPS, type TermGroup } from '../../../shared/api/plans/term-line.ts'
import type { DraftPart } from './draft.ts'
import { OWN_FIELDS } from './own-fields.tsx'
import { isOwnTerm, isPlainTerm, isSwitchTerm, TermField, TermSwitch } from './term-field.tsx'

/** More switches than these get rows of their own above the fields. */
const FEW_SWITCHES = 3

/** `first` stands before the fields of the terms. */
export function EditGroup({ group, first, ...part }: DraftPart & { group: TermGroup; first?: ReactNode }) {
  const { label, title, note } = TERM_GROUPS[group]
  const terms = (Object.keys(PLAN_TERMS) as TermKey[]).filter(key => PLAN_TERMS[key].group === group)
  const wide = terms.filter(isOwnTerm).filter(key => OWN_FIELDS[key].isWide)
  const switches = terms.filter(isSwitchTerm)
  const narrow = terms.filter(key => isPlainTerm(key) || (isOwnTerm(key) && !OWN_FIELDS[key].isWide))
  const written = switches.map(key => <TermSwitch key={key} term={key} {...part} />)
  const areFew = switches.length <= FEW_SWITCHES
  const hasFields = first !== undefined || narrow.length > 0 || (areFew && switches.length > 0)
  return (
    <Paper p="md" component="section" aria-label={label}>
      <Title order={2} size="h4" mb={note === null ? 'sm' : 0}>
        {title}
      </Title>
      {note !== null && (
        <Text size="sm" c="dimmed" mb="sm">
          {note}
        </Text>
      )}
      <Stack gap="md">
        {wide.map(key => {
          const { Fields } = OWN_FIELDS[key]
          return <Fields key={key} {...part} />
        })}
        {!areFew && <div className="switch-grid">{written}</div>}
        {hasFields && (
          <div className="plan-fields">
            {first}
            {narrow.map(key => {
              if (isPlainTerm(key)) return <TermField key={key} term={key} {...part} />
              if (!isOwnTerm(key)) return null
              const { Fields } = OWN_FIELDS[key]
              return <Fields key={key} {...part} />
            })}
            {areFew && switches.length > 0 && <div className="switch-column">{written}</div>}
          </div>
        )}
      </Stack>
    </Paper>
  )
}
