/** What can be done with a device. */
import { Button, Group, Menu, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconCalendarEvent, IconChevronDown, IconPencil, IconTicket, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeviceDetail, DevicePatch } from '../../../shared/api/devices/device-api.ts'
import { callApi } from '../api/api-client.ts'
import { customersQuery, profilesQuery, sitesQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { PlanWorkModal } from '../maintenance/plan-work-modal.tsx'
import { NewTicketModal } from '../tickets/new-ticket-modal.tsx'

function EditModal({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const client = useQueryClient()
  const sites = useQuery(sitesQuery(device.customerId))
  const profiles = useQuery(profilesQuery)
  const save = useMutation({
    mutationFn: (body: DevicePatch) => callApi<DeviceDetail>('PATCH', `/devices/${device.id}`, { body }),
    onSuccess: after => {
      client.setQueryData(keys.device(device.id), after)
      void client.invalidateQueries({ queryKey: keys.deviceTimeline(device.id) })
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: device.name, siteId: device.siteId, profileId: device.profileId ?? '' }, save.error)
  const { values } = fields
  return (
    <Modal opened onClose={onClose} title="Change the device">
      <form
        onSubmit={event => {
          event.preventDefault()
          save.mutate({
            ...(values.name === device.name ? {} : { name: values.name }),
            ...(values.siteId === device.siteId ? {} : { siteId: values.siteId }),
            ...(values.profileId === (device.profileId ?? '') ? {} : { profileId: values.profileId === '' ? null : values.profileId }),
          })
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={save.error} hidesFaults />
          <TextInput label="Name" required maxLength={200} data-autofocus {...fields.input('name')} />
          <Select
            label="Site"
            description={`Sites of ${device.customerName}`}
            searchable
            allowDeselect={false}
            data={(sites.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={values.siteId}
            onChange={value => fields.set('siteId', value ?? device.siteId)}
            error={fields.fault('siteId')}
          />
          <Select
            label="Profile"
            description="What the device must have and do; the agent applies it at once"
            placeholder="None"
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'No profile' }}
            data={(profiles.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={values.profileId === '' ? null : values.profileId}
            onChange={value => fields.set('profileId', value ?? '')}
            error={fields.fault('profileId')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Change, new ticket, retire. */
export function DeviceActions({ device }: { device: DeviceDetail }) {
  const client = useQueryClient()
  const customers = useQuery(customersQuery)
  const [open, setOpen] = useState<'edit' | 'ticket' | 'work' | null>(null)
  const retire = useMutation({
    mutationFn: () => callApi<DeviceDetail>('POST', `/devices/${device.id}/retire`),
    onSuccess: after => {
      client.setQueryData(keys.device(device.id), after)
      void client.invalidateQueries({ queryKey: keys.usage(device.customerId) })
      showDone(`${device.name} is retired`)
    },
  })
  const askRetire = (): void => {
    modals.openConfirmModal({
      title: `Retire ${device.name}?`,
      children: (
        <Stack gap={6}>
          <Text size="sm">Its place in the plan is free at once, and the device that waits longest enters.</Text>
          <Text size="sm">Its credential is revoked and its connection ends within seconds; its open incidents end.</Text>
          <Text size="sm">Its history and tickets stay. To bring the machine back, enrol it again.</Text>
        </Stack>
      ),
      labels: { confirm: 'Retire', cancel: 'Keep it' },
      confirmProps: { color: 'red' },
      onConfirm: () => retire.mutate(),
    })
  }
  if (device.state === 'retired') return null
  return (
    <>
      <Group gap="xs">
        <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setOpen('edit')}>
          Change
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />} loading={retire.isPending}>
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconTicket size={16} aria-hidden />} onClick={() => setOpen('ticket')}>
              New ticket
            </Menu.Item>
            <Menu.Item leftSection={<IconCalendarEvent size={16} aria-hidden />} onClick={() => setOpen('work')}>
              Plan work
            </Menu.Item>
            <Menu.Item className="text-bad" leftSection={<IconTrash size={16} aria-hidden />} onClick={askRetire}>
              Retire
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {open === 'edit' && <EditModal device={device} onClose={() => setOpen(null)} />}
      {open === 'work' && <PlanWorkModal device={device} onClose={() => setOpen(null)} />}
      {open === 'ticket' && <NewTicketModal customers={customers.data ?? []} device={device} onClose={() => setOpen(null)} />}
    </>
  )
}
