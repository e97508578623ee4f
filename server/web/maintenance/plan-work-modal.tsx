/** Plans work on devices: what it covers, when, how often, why. */
import { Button, Chip, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MaintenanceWindow, MaintenanceWindowInput } from '../../../shared/api/incidents/maintenance-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { callApi } from '../api/api-client.ts'
import { customersQuery, profilesQuery, sitesQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { HOUR_MS } from '../../../shared/units.ts'

const DAYS = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const
type Day = keyof typeof DAYS

/** An instant as an input of the kind datetime-local holds it: this browser's local time, whole minutes. */
function localInput(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}

/** `device`: the one it is about; without, a customer, site or profile is chosen, or nothing for the whole estate. */
export function PlanWorkModal({ device, onClose }: { device?: { id: string; name: string; customerId: string }; onClose: () => void }) {
  const client = useQueryClient()
  const customers = useQuery(customersQuery)
  const profiles = useQuery(profilesQuery)
  const [days, setDays] = useState<string[]>([])
  const plan = useMutation({
    mutationFn: (body: MaintenanceWindowInput) => callApi<MaintenanceWindow>('POST', '/maintenance-windows', { body }),
    onSuccess: made => {
      void client.invalidateQueries({ queryKey: keys.plannedWork })
      showDone(`Planned: ${made.scopeText}`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const [openedMs] = useState(() => Date.now())
  const fields = useFields(
    {
      customerId: device?.customerId ?? '',
      siteId: '',
      profileId: '',
      from: localInput(openedMs),
      to: localInput(openedMs + HOUR_MS),
      until: '',
      reason: '',
    },
    plan.error,
  )
  const { values } = fields
  const sites = useQuery({ ...sitesQuery(values.customerId), enabled: values.customerId !== '' && !device })
  const send = (): void =>
    plan.mutate({
      scope: {
        ...(device ? { deviceId: device.id } : {}),
        ...(!device && values.customerId !== '' ? { customerId: values.customerId } : {}),
        ...(values.siteId !== '' ? { siteId: values.siteId } : {}),
        ...(values.profileId !== '' ? { profileId: values.profileId } : {}),
      },
      from: new Date(values.from).toISOString(),
      to: new Date(values.to).toISOString(),
      ...(days.length > 0 ? { recurrence: { days: days as Day[], ...(values.until === '' ? {} : { until: values.until }) } } : {}),
      reason: values.reason,
    })
  return (
    <Modal opened onClose={onClose} title={device ? `Plan work on ${device.name}` : 'Plan work'} size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={plan.error} />
          <Text size="sm" c="dimmed">
            Faults are seen and shown as ever, but open no ticket before the work ends; what still fails then opens on its own. Clocks of
            open tickets run on.
          </Text>
          {!device && (
            <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
              <Select
                label="Customer"
                placeholder="Every customer"
                searchable
                clearable
                clearButtonProps={{ 'aria-label': 'Every customer' }}
                data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={values.customerId === '' ? null : values.customerId}
                onChange={value => {
                  fields.set('customerId', value ?? '')
                  fields.set('siteId', '')
                }}
              />
              <Select
                label="Site"
                placeholder="Every site"
                disabled={values.customerId === ''}
                searchable
                clearable
                clearButtonProps={{ 'aria-label': 'Every site' }}
                data={(sites.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={values.siteId === '' ? null : values.siteId}
                onChange={value => fields.set('siteId', value ?? '')}
              />
              <Select
                label="Profile"
                placeholder="Every profile"
                searchable
                clearable
                clearButtonProps={{ 'aria-label': 'Every profile' }}
                data={(profiles.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={values.profileId === '' ? null : values.profileId}
                onChange={value => fields.set('profileId', value ?? '')}
              />
            </SimpleGrid>
          )}
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextInput type="datetime-local" label="From" description="Time of this browser" required {...fields.input('from')} />
            <TextInput type="datetime-local" label="To" description="A window has an end" required {...fields.input('to')} />
          </SimpleGrid>
          <div role="group" aria-label="Again every">
            <Text size="sm" fw={500} mb={4}>
              Again every
            </Text>
            <Chip.Group multiple value={days} onChange={setDays}>
              <Group gap={6}>
                {Object.entries(DAYS).map(([day, word]) => (
                  <Chip key={day} value={day} size="xs" variant="outline">
                    {word}
                  </Chip>
                ))}
              </Group>
            </Chip.Group>
            <Text size="xs" c="dimmed" mt={4}>
              {days.length === 0 ? 'Nothing chosen: once.' : 'At the same local time of the site or customer, also when the clocks change.'}
            </Text>
          </div>
          {days.length > 0 && (
            <TextInput type="date" label="Until" description="Empty: until it is called off" maw={200} {...fields.input('until')} />
          )}
          <TextInput label="Why" required maxLength={500} placeholder="New firmware for the scanners" {...fields.input('reason')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={plan.isPending} disabled={values.from === '' || values.to === '' || values.reason.trim() === ''}>
              Plan it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
