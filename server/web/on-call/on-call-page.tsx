/** Who is on call: rotas with who it is now and who comes, and the calls of the last nights. */
import { Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { IconPhoneRinging, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Page } from '../../../shared/api/list.ts'
import type { OnCallAlert, Rota } from '../../../shared/api/on-call/on-call-api.ts'
import { Ago } from '../components/ago.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { dueTime, spanWords, zoneCity } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi, readAll } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { ALERT_STATES } from './alert-words.ts'
import { RotaModal } from './rota-modal.tsx'
import './on-call.css'

const SHOWN_SPANS = 6

function RotaCard({ rota, customerNames, onEdit }: { rota: Rota; customerNames: readonly string[]; onEdit: (() => void) | null }) {
  const nowMs = useNow()
  const nameOf = (key: string | null): string => rota.people.find(person => person.key === key)?.name ?? 'nobody'
  const [current, ...next] = rota.upcoming
  const gaps = rota.upcoming.filter(span => span.person === null).length
  return (
    <Paper p="md" component="section" aria-label={rota.name}>
      <Group justify="space-between" align="flex-start" mb="xs">
        <div>
          <Title order={2} size="h4">
            {rota.name}
          </Title>
          <Text size="sm" c="dimmed">
            {customerNames.length === 0 ? 'For every customer' : `For ${customerNames.join(', ')}`}, times of {zoneCity(rota.timeZone)}; the
            next in line after {rota.nextAfterMinutes} min
          </Text>
        </div>
        {onEdit && (
          <Button variant="default" size="xs" onClick={onEdit} aria-label={`Change ${rota.name}`}>
            Change
          </Button>
        )}
      </Group>
      <Text mb="xs">
        <Tag tone={rota.now ? 'good' : 'plain'}>Now</Tag> <b>{nameOf(rota.now)}</b>
        {current && <span className="quiet"> until {dueTime(current.to, rota.timeZone, nowMs)}</span>}
      </Text>
      <Text size="sm" c="dimmed" mb={4}>
        Then
      </Text>
      <ul className="on-call-spans">
        {next.slice(0, SHOWN_SPANS).map(span => (
          <li key={span.from}>
            <span>{spanWords(span.from, span.to, rota.timeZone, nowMs)}</span>
            <span className={span.person === null ? 'quiet' : ''}>{nameOf(span.person)}</span>
          </li>
        ))}
      </ul>
      {gaps > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          In the gaps the first of the list is asked: {rota.people[0]?.name}.
        </Text>
      )}
    </Paper>
  )
}

function Calls() {
  const alerts = useQuery({
    queryKey: keys.onCallAlerts,
    queryFn: ({ signal }) => callApi<Page<OnCallAlert>>('GET', '/on-call/alerts?limit=30', { signal }),
    refetchInterval: 30_000,
  })
  const items = alerts.data?.items ?? []
  return (
    <Paper p="md" component="section" aria-label="Calls">
      <Title order={2} size="h4" mb="xs">
        Calls
      </Title>
      <ProblemAlert error={alerts.error} again={alerts.refetch} />
      {items.length === 0 && !alerts.isPending && (
        <Text size="sm" c="dimmed">
          Nobody was called yet. A critical ticket outside the service hours of a plan with staff on call calls whoever it is then.
        </Text>
      )}
      {items.length > 0 && (
        <div className="scroll-box" role="region" aria-label="Calls, newest first" tabIndex={0}>
          <Table verticalSpacing={7} aria-label="Calls" className="phone-cards">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Ticket</Table.Th>
                <Table.Th>Asked</Table.Th>
                <Table.Th>What came of it</Table.Th>
                <Table.Th>When</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map(alert => (
                <Table.Tr key={alert.id}>
                  <Table.Td>
                    <Link href={`/tickets/${alert.ticketId}`}>{alert.subject}</Link>
                    <div className="quiet mono">{alert.reference}</div>
                  </Table.Td>
                  <Table.Td>{alert.calls.map(call => call.name).join(', then ') || 'nobody on call'}</Table.Td>
                  <Table.Td>
                    <Tag tone={ALERT_STATES[alert.state].tone}>{ALERT_STATES[alert.state].word}</Tag> {alert.acknowledgedBy}
                  </Table.Td>
                  <Table.Td>
                    <Ago at={alert.createdAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Paper>
  )
}

/** Rotas and calls. */
export function OnCallPage() {
  const mayChange = useMay('manage')
  const [opened, setOpened] = useState<Rota | 'new' | null>(null)
  const customers = useQuery(customersQuery)
  const rotas = useQuery({
    queryKey: keys.rotas,
    queryFn: ({ signal }) => readAll<Rota>('/on-call', {}, signal),
    refetchInterval: 60_000,
  })
  if (rotas.isPending) return <PageLoader />
  const all = rotas.data ?? []
  const nameOf = (id: string): string => customers.data?.find(customer => customer.id === id)?.name ?? 'a customer'
  const newButton = mayChange && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New rota
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="On call"
        note="Who is called when something critical comes in outside service hours, and who is asked next."
        actions={all.length > 0 && newButton}
      />
      <ProblemAlert error={rotas.error} again={rotas.refetch} />
      <Stack gap="md">
        {all.length === 0 && !rotas.isError && (
          <NothingHere icon={<IconPhoneRinging />} title="Nobody is on call" action={newButton}>
            Plans with on-call staff owe an answer within minutes at every hour. Make a rota: people, the nights they take, and who is asked
            next.
          </NothingHere>
        )}
        {all.map(rota => (
          <RotaCard
            key={rota.id}
            rota={rota}
            customerNames={rota.customers.map(nameOf)}
            onEdit={mayChange ? () => setOpened(rota) : null}
          />
        ))}
        <Calls />
      </Stack>
      {opened !== null && <RotaModal rota={opened === 'new' ? null : opened} onClose={() => setOpened(null)} />}
    </div>
  )
}
