/** A call: who it is, what it is about, whether it is known already. Made to be filled in while somebody speaks. */
import { Button, Group, Paper, Select, SimpleGrid, Stack, Text, Textarea, TextInput, Title, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { FoundCaller } from '../../../shared/api/tickets/call-api.ts'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { MessageInput, Ticket, TicketInput } from '../../../shared/api/tickets/ticket-api.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { levelWord } from '../components/truth-words.ts'
import { useFields } from '../components/use-fields.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { SimilarTickets } from './similar-tickets.tsx'
import './intake.css'

const LEVELS = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))

/** This browser's local time, whole minutes, as an input of the kind datetime-local holds it. */
function localInput(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function CallerSearch({ chosen, onChoose }: { chosen: FoundCaller | null; onChoose: (caller: FoundCaller) => void }) {
  const [q, setQ] = useState('')
  const [asked] = useDebouncedValue(q.trim(), 200)
  const found = useQuery({
    queryKey: ['callers', asked],
    enabled: asked.length > 1,
    queryFn: ({ signal }) => callApi<Page<FoundCaller>>('GET', `/callers${queryText({ q: asked })}`, { signal }),
  })
  const items = found.data?.items ?? []
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Who calls?
      </Title>
      <TextInput
        label="Number, e-mail address or name"
        placeholder="070 123 45 67"
        data-autofocus
        autoFocus
        value={q}
        onChange={event => setQ(event.currentTarget.value)}
      />
      <div style={{ marginTop: 8 }} aria-live="polite">
        {items.map(caller => (
          <UnstyledButton
            key={caller.contactId}
            className="caller"
            data-chosen={chosen?.contactId === caller.contactId}
            aria-pressed={chosen?.contactId === caller.contactId}
            onClick={() => onChoose(caller)}
          >
            <b>{caller.name}</b> <span className="quiet">{caller.customer}</span>
            <div className="quiet">
              {caller.phone ?? 'no number kept'}, {caller.email}
              {caller.openTickets > 0 && `, ${caller.openTickets} open ${caller.openTickets === 1 ? 'ticket' : 'tickets'} of the customer`}
            </div>
          </UnstyledButton>
        ))}
        {asked.length > 1 && !found.isPending && items.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody of that name or number is a named contact. Fill in below who it is; the ticket says so where the plan asks for named
            contacts.
          </Text>
        )}
      </div>
      <ProblemAlert error={found.error} />
    </Paper>
  )
}

/** Caller, call, known tickets; registers a new one or logs it on a known one. */
export function CallPage() {
  const client = useQueryClient()
  const [, go] = useLocation()
  const [caller, setCaller] = useState<FoundCaller | null>(null)
  const [openedMs] = useState(() => Date.now())
  const [deviceText, setDeviceText] = useState('')
  const customers = useQuery(customersQuery)
  const open = (id: string): void => {
    void client.invalidateQueries({ queryKey: keys.tickets })
    go(`/tickets/${id}`)
  }
  const register = useMutation({
    mutationFn: (body: TicketInput) => callApi<Ticket>('POST', '/tickets', { body }),
    onSuccess: ticket => open(ticket.id),
    meta: { isShownInPlace: true },
  })
  const log = useMutation({
    mutationFn: ({ ticketId, body }: { ticketId: string; body: MessageInput }) =>
      callApi<{ ticket: Ticket }>('POST', `/tickets/${ticketId}/messages`, { body }),
    onSuccess: answer => open(answer.ticket.id),
    meta: { isShownInPlace: true },
  })
  const fields = useFields(
    {
      customerId: '',
      name: '',
      email: '',
      phone: '',
      deviceId: '',
      subject: '',
      description: '',
      level: '3',
      at: localInput(openedMs),
    },
    register.error ?? log.error,
  )
  const { values } = fields
  const choose = (chosen: FoundCaller): void => {
    setCaller(chosen)
    fields.set('customerId', chosen.customerId)
    fields.set('deviceId', '')
    fields.set('name', chosen.name)
    fields.set('email', chosen.email)
    fields.set('phone', chosen.phone ?? '')
  }
  const devices = useQuery({
    queryKey: ['jump', 'devices', values.customerId, deviceText],
    enabled: values.customerId !== '',
    queryFn: ({ signal }) =>
      callApi<Page<Device>>('GET', `/devices${queryText({ customerId: values.customerId, q: deviceText, limit: 50 })}`, { signal }),
  })
  const at = values.at === '' ? undefined : new Date(values.at).toISOString()
  // The minute that was there when the page opened is now, unless somebody has changed it.
  const isEarlier = at !== undefined && values.at !== localInput(openedMs)
  const send = (): void =>
    register.mutate({
      customerId: values.customerId,
      level: Number(values.level),
      subject: values.subject,
      description: values.description,
      channel: 'phone',
      reporter: { name: values.name, ...(values.email ? { email: values.email } : {}), ...(values.phone ? { phone: values.phone } : {}) },
      ...(values.deviceId ? { deviceId: values.deviceId } : {}),
      ...(isEarlier && at ? { at } : {}),
    })
  const isOfContact = caller !== null && caller.customerId === values.customerId && caller.name === values.name
  const logOn = (ticketId: string): void =>
    log.mutate({
      ticketId,
      body: {
        visibility: 'public',
        body: [values.subject, values.description].filter(Boolean).join('\n\n') || 'Called about it.',
        author: { kind: 'customer', ...(isOfContact ? { contactId: caller.contactId } : {}) },
        ...(isEarlier && at ? { at } : {}),
      },
    })
  return (
    <div className="page page-narrow">
      <PageHead title="Log a call" crumbs={[{ to: '/intake', name: 'Intake' }]} />
      <Stack gap="md">
        <CallerSearch chosen={caller} onChoose={choose} />
        <Paper p="md">
          <form
            onSubmit={event => {
              event.preventDefault()
              send()
            }}
          >
            <Stack gap="sm">
              <ProblemAlert error={register.error ?? log.error} />
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
                <Select
                  label="Customer"
                  required
                  searchable
                  data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                  value={values.customerId === '' ? null : values.customerId}
                  onChange={value => {
                    fields.set('customerId', value ?? '')
                    fields.set('deviceId', '')
                  }}
                  error={fields.fault('customerId')}
                />
                <Select
                  label="Device"
                  placeholder="None, or search"
                  searchable
                  clearable
                  clearButtonProps={{ 'aria-label': 'No device' }}
                  disabled={values.customerId === ''}
                  data={(devices.data?.items ?? []).map(({ id, name, siteName }) => ({ value: id, label: `${name} · ${siteName}` }))}
                  onSearchChange={setDeviceText}
                  filter={({ options }) => options}
                  value={values.deviceId === '' ? null : values.deviceId}
                  onChange={value => fields.set('deviceId', value ?? '')}
                />
              </SimpleGrid>
              <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
                <TextInput label="Name" required maxLength={200} {...fields.input('name')} />
                <TextInput label="Phone" type="tel" {...fields.input('phone')} />
                <TextInput label="E-mail" type="email" {...fields.input('email')} />
              </SimpleGrid>
              <TextInput
                label="Subject"
                required
                maxLength={200}
                placeholder="The right-hand kiosk prints nothing"
                {...fields.input('subject')}
              />
              <Textarea label="What was said" required autosize minRows={4} maxRows={14} {...fields.input('description')} />
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" className="ends-even">
                <Select
                  label="Level"
                  required
                  allowDeselect={false}
                  data={LEVELS}
                  value={values.level}
                  onChange={value => fields.set('level', value ?? '3')}
                />
                <TextInput
                  type="datetime-local"
                  label="When the call was"
                  description="Its clocks count from then"
                  max={localInput(openedMs)}
                  {...fields.input('at')}
                />
              </SimpleGrid>
              {values.customerId !== '' && (
                <SimilarTickets
                  asked={{
                    customerId: values.customerId,
                    deviceId: values.deviceId,
                    subject: values.subject,
                    description: values.description.slice(0, 2_000),
                    email: values.email,
                  }}
                  isBusy={log.isPending}
                  onChoose={logOn}
                />
              )}
              <Group justify="flex-end">
                <Button type="submit" loading={register.isPending} disabled={values.customerId === ''}>
                  Register a new ticket
                </Button>
              </Group>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </div>
  )
}
