/** What the plan gives beside its clocks. */
import { ActionIcon, Button, Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { PERIODS, UNITS } from '../components/ticket-choices.ts'
import { faultAt, type DraftPart } from './draft.ts'

type Entitlement = Plan['entitlements'][number]

/** One row each; add-ons count only for customers who bought them. */
export function EditEntitlements({ draft, set, faults }: DraftPart) {
  const rows = draft.entitlements
  const change = (index: number, part: Partial<Entitlement>): void =>
    set({ entitlements: rows.map((row, place) => (place === index ? { ...row, ...part } : row)) })
  const add = (): void => {
    const taken = new Set(rows.map(row => row.id))
    let number = rows.length + 1
    while (taken.has(`entitlement-${number}`)) number += 1
    set({
      entitlements: [...rows, { id: `entitlement-${number}`, name: 'Training hours', unit: 'hours', amount: 4, per: 'year', addOn: false }],
    })
  }
  return (
    <div>
      <div className="step-list">
        {rows.map((row, index) => (
          <div className="entitlement-row" role="group" aria-label={`Entitlement ${index + 1}`} key={row.id}>
            <TextInput
              size="xs"
              label="Name"
              maxLength={120}
              value={row.name}
              onChange={event => change(index, { name: event.currentTarget.value })}
              error={faultAt(faults, `/entitlements/${index}`)}
            />
            <NumberInput
              size="xs"
              label="Amount"
              min={0}
              placeholder="no limit"
              hideControls
              value={row.amount ?? ''}
              onChange={amount => change(index, { amount: typeof amount === 'number' ? amount : null })}
            />
            <Select
              size="xs"
              label="Unit"
              allowDeselect={false}
              data={UNITS}
              value={row.unit}
              onChange={unit => unit && change(index, { unit: unit })}
            />
            <Select
              size="xs"
              label="Per"
              allowDeselect={false}
              data={PERIODS}
              value={row.per}
              onChange={per => per && change(index, { per: per as Entitlement['per'] })}
            />
            <Checkbox
              size="xs"
              pb={8}
              label="add-on"
              checked={row.addOn}
              onChange={event => change(index, { addOn: event.currentTarget.checked })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={2}
              aria-label={`Remove ${row.name}`}
              onClick={() => set({ entitlements: rows.filter((_row, place) => place !== index) })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
        ))}
      </div>
      <Button mt="sm" size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
        Add entitlement
      </Button>
    </div>
  )
}
