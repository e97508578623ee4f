/** A fault reported by the customer: what the plan asks for and no more, and what it promises before anything is sent. */
import { Alert, Button, Checkbox, Group, Paper, Radio, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { IconCircleCheck, IconClock } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Contact } from '../../../shared/api/contracts/customer-api.ts'
import type { PromiseInput, ReportPromise } from '../../../shared/api/tickets/promise-api.ts'
import type { CustomerTerms } from '../../../shared/api/contracts/terms-api.ts'
import type { Ticket, TicketInput } from '../../../shared/api/tickets/ticket-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useFields } from '../components/use-fields.ts'
import { useNow } from '../components/use-now.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { contactsQuery } from '../api/catalog-queries.ts'
import { customerTermsQuery } from '../api/customer-queries.ts'
import { keys } from '../api/query-keys.ts'
import { KnownHelp } from './known-help.tsx'
import { usePortal } from './portal-customer.tsx'
import { devicesQuery } from './portal-queries.ts'
import { promiseWords, whenWords } from './promise-words.ts'

const HOW_BAD = {
  '1': 'Nothing works: nobody can be served',
  '2': 'A kiosk or a main part of it does not work',
  '3': 'It works, but something is wrong',
  '4': 'A question, a wish, or how it looks',
} as const
const LEVELS = ['1', '2', '3', '4'] as const
const USUAL: string = '2'

/** The way in that the plan has for a form; where it names none it is still the form's. */
function channelOf(plan: CustomerTerms['plan']): PromiseInput['channel'] {
  return plan.channels.includes('portal') || !plan.channels.includes('form') ? 'portal' : 'form'
}

function PromiseBox({ customerId, draft }: { customerId: string; draft: PromiseInput }) {
  const nowMs = useNow()
  const promise = useQuery({
    queryKey: keys.promise(customerId, JSON.stringify(draft)),
    queryFn: ({ signal }) => callApi<ReportPromise>('POST', `/customers/${customerId}/promise`, { body: draft, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  if (!promise.data) return null
  const { answerBy, timeZone, why, level, levelName } = promise.data
  return (
    <Alert color="blue" variant="outline" icon={<IconClock />} role="status">
      <Text fw={650}>
        {answerBy === null
          ? 'We answer as soon as we can; no time is promised.'
          : `First answer by ${whenWords(answerBy, timeZone, nowMs)}`}
      </Text>
      {level !== draft.level && (
        <Text size="sm">
          It counts as level {level} ({levelName}) under your plan.
        </Text>
      )}
      <details style={{ fontSize: 13, marginTop: 2 }}>
        <summary>Why</summary>
        <ul style={{ paddingLeft: 18, margin: '4px 0 0' }}>
          {why.map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
    </Alert>
  )
}

function Registered({ ticket }: { ticket: Ticket }) {
  const { customer, me } = usePortal()
  const { text } = promiseWords(ticket, customer.timeZone, useNow())
  return (
    <Paper p="lg">
      <Stack gap="sm" align="flex-start">
        <Group gap="xs">
          <IconCircleCheck size={28} className="text-good" aria-hidden />
          <Title order={1} size="h3">
            We have it
          </Title>
        </Group>
        <Text>
          Your number is <b className="mono">{ticket.reference}</b>. {text}
        </Text>
        <Text size="sm" c="dimmed">
          {me.email ? `What we answer also comes by mail to ${ticket.reporter?.email ?? me.email}.` : 'You find our answer here.'}
        </Text>
        <Group gap="xs">
          <LinkButton to={`/tickets/${ticket.id}`}>Open the ticket</LinkButton>
          <LinkButton to="/" variant="default">
            To the overview
          </LinkButton>
        </Group>
      </Stack>
    </Paper>
  )
}

function ReportForm({ terms, contact, deviceId }: { terms: CustomerTerms; contact: Contact | null; deviceId: string | null }) {
  const { customer, me } = usePortal()
  const client = useQueryClient()
  const devices = useQuery(devicesQuery(customer.id))
  const { plan } = terms
  const send = useMutation({
    mutationFn: (body: TicketInput) => callApi<Ticket>('POST', '/tickets', { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.tickets }),
    meta: { isShownInPlace: true },
  })
  const fields = useFields(
    {
      deviceId: deviceId ?? '',
      level: USUAL,
      subject: '',
      description: '',
      staff: 'yes',
      phone: contact?.phone ?? '',
      softwareVersion: '',
      platformVersion: '',
      impact: '',
    },
    send.error,
  )
  if (send.data) return <Registered ticket={send.data} />
  const { values } = fields
  const asks = (field: (typeof plan.requiredFields)[number]): boolean => plan.requiredFields.includes(field)
  const reporter = {
    name: contact?.name ?? me.name,
    ...((contact?.email ?? me.email) ? { email: contact?.email ?? me.email ?? '' } : {}),
    ...(values.phone.trim() === '' ? {} : { phone: values.phone.trim() }),
  }
  const level = values.level as (typeof LEVELS)[number]
  const needsStaff = plan.levels[level].needsCustomerStaff === true
  const draft: PromiseInput = {
    level: Number(level),
    channel: channelOf(plan),
    reporter,
    ...(needsStaff && values.staff === 'no' ? { customerStaffAvailable: false } : {}),
  }
  const optional = (name: 'softwareVersion' | 'platformVersion' | 'impact') =>
    values[name].trim() === '' ? {} : { [name]: values[name].trim() }
  const device = devices.data?.find(({ id }) => id === values.deviceId)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        send.mutate({
          ...draft,
          customerId: customer.id,
          subject: values.subject.trim(),
          description: values.description.trim(),
          ...(values.deviceId === '' ? {} : { deviceId: values.deviceId }),
          ...optional('softwareVersion'),
          ...optional('platformVersion'),
          ...optional('impact'),
        })
      }}
    >
      <PageHead title="Report a fault" note={device ? `${device.name}, ${device.siteName}` : undefined} />
      <Paper p="md" maw={680}>
        <Stack gap="md">
          <ProblemAlert error={send.error} />
          <Select
            label="Device"
            description="Leave it empty if it is about none"
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'No device' }}
            data={(devices.data ?? []).map(({ id, name, siteName }) => ({ value: id, label: `${name}, ${siteName}` }))}
            value={values.deviceId === '' ? null : values.deviceId}
            onChange={value => fields.set('deviceId', value ?? '')}
            error={fields.fault('deviceId')}
          />
          <TextInput label="What is wrong" placeholder="The screen stays black" required maxLength={200} {...fields.input('subject')} />
          <KnownHelp deviceId={values.deviceId} words={values.subject} />
          <Textarea
            label="More about it"
            description="Since when, what you see, what you tried"
            required
            autosize
            minRows={3}
            maxRows={12}
            maxLength={20_000}
            {...fields.input('description')}
          />
          <Radio.Group
            label="How bad is it"
            value={values.level}
            onChange={value => fields.set('level', value)}
            error={fields.fault('level')}
          >
            <Stack gap={8} mt={6}>
              {LEVELS.map(one => (
                <Radio key={one} value={one} label={HOW_BAD[one]} description={`${one} ${plan.levels[one].name}`} />
              ))}
            </Stack>
          </Radio.Group>
          {needsStaff && (
            <Checkbox
              label="Somebody is on site who can help"
              description="Without it your plan lowers the level"
              checked={values.staff === 'yes'}
              onChange={event => fields.set('staff', event.currentTarget.checked ? 'yes' : 'no')}
            />
          )}
          {(asks('phone') || values.phone !== '') && (
            <TextInput label="Phone" type="tel" required={asks('phone')} maxLength={60} autoComplete="tel" {...fields.input('phone')} />
          )}
          {asks('impact') && (
            <Textarea label="What it keeps you from" required autosize minRows={2} maxLength={2000} {...fields.input('impact')} />
          )}
          {(asks('softwareVersion') || asks('product')) && (
            <TextInput label="Software and version" required maxLength={200} {...fields.input('softwareVersion')} />
          )}
          {asks('platformVersion') && (
            <TextInput label="System and version" placeholder="Debian 13" required maxLength={200} {...fields.input('platformVersion')} />
          )}
          <Text size="sm" c="dimmed">
            Reported by {reporter.name}
            {reporter.email ? `, ${reporter.email}` : ''}.
          </Text>
          <PromiseBox customerId={customer.id} draft={draft} />
          <Group justify="flex-end">
            <Button
              type="submit"
              size="md"
              loading={send.isPending}
              disabled={values.subject.trim() === '' || values.description.trim() === ''}
            >
              Send
            </Button>
          </Group>
        </Stack>
      </Paper>
    </form>
  )
}

/** `deviceId` comes with the address of the label on a device. */
export function ReportPage({ deviceId }: { deviceId: string | null }) {
  const { customer, me } = usePortal()
  const terms = useQuery(customerTermsQuery(customer.id))
  const contacts = useQuery(contactsQuery(customer.id))
  if (terms.isPending || contacts.isPending) return <PageLoader />
  if (!terms.data) return <ProblemAlert error={terms.error} again={terms.refetch} />
  const contact = contacts.data?.find(({ id }) => id === me.contactId) ?? null
  return <ReportForm key={customer.id} terms={terms.data} contact={contact} deviceId={deviceId} />
}
