/** Name, plan and time zone of a customer. */
import { Select, SimpleGrid, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { plansQuery } from '../api/catalog-queries.ts'
import { TIME_ZONES } from '../components/time-zones.ts'
import type { useFields } from '../components/use-fields.ts'

export type CustomerFields = ReturnType<typeof useFields<{ name: string; planId: string; timeZone: string }>>

/** Fields for a new customer; choosing a plan suggests the zone its offer names. */
export function CustomerForm({ fields }: { fields: CustomerFields }) {
  const plans = useQuery(plansQuery)
  const offers = [...Map.groupBy(plans.data ?? [], plan => plan.offer)].map(([group, items]) => ({
    group,
    items: items.map(({ id, name, offer }) => ({ value: id, label: `${offer} ${name}` })),
  }))
  return (
    <>
      <TextInput label="Name" required maxLength={200} placeholder="Nordic Grocers AB" {...fields.input('name')} />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select
          label="Support plan"
          required
          searchable
          placeholder="Choose"
          data={offers}
          value={fields.values.planId === '' ? null : fields.values.planId}
          onChange={value => {
            fields.set('planId', value ?? '')
            const zone = plans.data?.find(plan => plan.id === value)?.suggestedTimeZone
            if (zone) fields.set('timeZone', zone)
          }}
          error={fields.fault('planId')}
        />
        <Select
          label="Time zone of its service hours"
          required
          searchable
          limit={80}
          data={TIME_ZONES}
          value={fields.values.timeZone}
          onChange={value => fields.set('timeZone', value ?? '')}
          error={fields.fault('timeZone')}
        />
      </SimpleGrid>
    </>
  )
}
