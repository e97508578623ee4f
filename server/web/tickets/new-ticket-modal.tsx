/** A ticket that somebody reported by phone or at the counter. */
import { Button, Group, Modal, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Customer } from '../../../shared/api/contracts/customer-api.ts'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket, TicketInput } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { levelWord } from '../components/truth-words.ts'
import { CATEGORIES } from '../components/ticket-choices.ts'
import { DuplicateHint } from '../ticket-relations/duplicate-hint.tsx'
import { useFields } from '../components/use-fields.ts'

const CHANNELS = ['phone', 'email', 'form', 'chat', 'portal'].map(value => ({
  value,
  label: value === 'email' ? 'E-mail' : value[0]?.toUpperCase() + value.slice(1),
}))
const LEVELS = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))
const DEVICES_SHOWN = 50

/** Registers and opens the new ticket. */
export function NewTicketModal({
  customers,
  device,
  onClose,
}: {
  customers: readonly Customer[]
  device?: Pick<Device, 'id' | 'name' | 'customerId'>
  onClose: () => void
}) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [deviceText, setDeviceText] = useState('')
  const register = useMutation({
    mutationFn: (body: TicketInput) => callApi<Ticket>('POST', '/tickets', { body }),
    onSuccess: ticket => {
      void client.invalidateQueries({ queryKey: keys.tickets })
      onClose()
      go(`/tickets/${ticket.id}`)
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields(
    {
      customerId: device?.customerId ?? '',
      deviceId: device?.id ?? '',
      subject: '',
      description: '',
      level: '3',
      channel: 'phone',
      category: 'incident',
      name: '',
      email: '',
      phone: '',
    },
    register.error,
  )
  const { values } = fields
  const devices = useQuery({
    queryKey: ['jump', 'devices', values.customerId, deviceText],
    enabled: values.customerId !== '' && !device,
    queryFn: ({ signal }) =>
      callApi<Page<Device>>('GET', `/devices${queryText({ customerId: values.customerId, q: deviceText, limit: DEVICES_SHOWN })}`, {
        signal,
      }),
  })
  const pick = (name: 'level' | 'channel' | 'category' | 'deviceId') => ({
    value: values[name] === '' ? null : values[name],
    onChange: (value: string | null) => fields.set(name, value ?? ''),
    error: fields.fault(name),
  })
  const send = (): void =>
    register.mutate({
      customerId: values.customerId,
      subject: values.subject,
      description: values.description,
      level: Number(values.level),
      channel: values.channel as TicketInput['channel'],
      category: values.category as NonNullable<TicketInput['category']>,
      reporter: { name: values.name, ...(values.email ? { email: values.email } : {}), ...(values.phone ? { phone: values.phone } : {}) },
      ...(values.deviceId ? { deviceId: values.deviceId } : {}),
    })
  return (
    <Modal opened onClose={onClose} title="New ticket" size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={register.error} />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Select
              label="Customer"
              required
              searchable
              disabled={device !== undefined}
              data={customers.map(({ id, name }) => ({ value: id, label: name }))}
              value={values.customerId === '' ? null : values.customerId}
              onChange={value => fields.set('customerId', value ?? '')}
              error={fields.fault('customerId')}
            />
            <Select
              label="Device"
              placeholder="None, or search"
              searchable
              clearable
              clearButtonProps={{ 'aria-label': 'No device' }}
              disabled={values.customerId === '' || device !== undefined}
              data={
                device
                  ? [{ value: device.id, label: device.name }]
                  : (devices.data?.items ?? []).map(({ id, name, siteName }) => ({ value: id, label: `${name} · ${siteName}` }))
              }
              onSearchChange={setDeviceText}
              filter={({ options }) => options}
              {...pick('deviceId')}
            />
          </SimpleGrid>
          <TextInput label="Subject" required maxLength={200} {...fields.input('subject')} />
          <DuplicateHint customerId={values.customerId} deviceId={values.deviceId} subject={values.subject} />
          <Textarea label="What is wrong" required autosize minRows={3} maxRows={12} {...fields.input('description')} />
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
            <Select label="Level" required allowDeselect={false} data={LEVELS} {...pick('level')} />
            <Select label="Came by" required allowDeselect={false} data={CHANNELS} {...pick('channel')} />
            <Select
              label="About"
              required
              allowDeselect={false}
              data={CATEGORIES as { value: string; label: string }[]}
              {...pick('category')}
            />
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
            <TextInput label="Reported by" required {...fields.input('name')} />
            <TextInput label="E-mail" type="email" {...fields.input('email')} />
            <TextInput label="Phone" type="tel" {...fields.input('phone')} />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={register.isPending} disabled={values.customerId === ''}>
              Register
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
