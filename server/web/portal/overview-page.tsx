/** The first question of a customer: are my kiosks serving? Then what is open, what is planned, and what of the plan is used. */
import { Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { UsageCard } from '../customers/usage-card.tsx'
import { LinkButton } from '../components/link-button.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { VerdictIcon } from '../components/truth-marks.tsx'
import { useNow } from '../components/use-now.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { DeviceLine, TicketLine } from './portal-lines.tsx'
import { usePortal } from './portal-customer.tsx'
import { devicesQuery, plannedWorkQuery, ticketsQuery } from './portal-queries.ts'
import { isOpenTicket, whenWords } from './promise-words.ts'
import '../customers/customers.css'

const SHOWN = 6
const kiosks = (count: number): string => (count === 1 ? '1 kiosk' : `${count} kiosks`)

/** The whole fleet in a sentence; the worst there is gives its mark. */
function answerOf(devices: readonly Device[]): { verdict: Device['verdict']; text: string; note: string } {
  const count = (verdict: Device['verdict']): number => devices.filter(device => device.verdict === verdict).length
  const [down, weak, unknown, closed] = [count('not-serving'), count('degraded'), count('unknown'), count('closed')]
  const rest = [
    ...(weak > 0 ? [`${kiosks(weak)} ${weak === 1 ? 'serves' : 'serve'}, but not in full`] : []),
    ...(unknown > 0 ? [`${kiosks(unknown)} without fresh news`] : []),
    ...(closed > 0 ? [`${kiosks(closed)} closed now`] : []),
  ].join('; ')
  if (down > 0)
    return { verdict: 'not-serving', text: `${down} of ${kiosks(devices.length)} ${down === 1 ? 'does' : 'do'} not serve`, note: rest }
  if (weak > 0) return { verdict: 'degraded', text: 'Every kiosk serves, not all in full', note: rest }
  if (unknown > 0) return { verdict: 'unknown', text: `We do not know of ${kiosks(unknown)}`, note: rest }
  if (closed === devices.length) return { verdict: 'closed', text: 'Closed now', note: '' }
  return { verdict: 'serving', text: devices.length === 1 ? 'Your kiosk is serving' : 'All your kiosks are serving', note: rest }
}

function Answer({ devices }: { devices: readonly Device[] }) {
  if (devices.length === 0)
    return (
      <Paper p="lg">
        <Title order={2} size="h4" mb={4}>
          No kiosks yet
        </Title>
        <Text size="sm" c="dimmed">
          They appear here by themselves once they are installed. Whoever looks after your contract can tell you when.
        </Text>
      </Paper>
    )
  const { verdict, text, note } = answerOf(devices)
  const wrong = devices.filter(device => device.verdict === 'not-serving' || device.verdict === 'degraded' || device.verdict === 'unknown')
  const order = ['not-serving', 'degraded', 'unknown']
  const shown = wrong.toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict)).slice(0, SHOWN)
  return (
    <Paper p="lg" component="section" aria-label="Are my kiosks serving">
      <div className="portal-answer">
        <VerdictIcon verdict={verdict} size={40} />
        <div>
          <Title order={2} size="h3">
            {text}
          </Title>
          {note !== '' && (
            <Text size="sm" c="dimmed">
              {note}
            </Text>
          )}
        </div>
      </div>
      {shown.length > 0 && (
        <ul className="portal-list" style={{ marginTop: 12 }}>
          {shown.map(device => (
            <li key={device.id}>
              <DeviceLine device={device} />
            </li>
          ))}
        </ul>
      )}
      {wrong.length > shown.length && (
        <LinkButton to="/devices" variant="default" size="xs" mt="sm">
          All {wrong.length}
        </LinkButton>
      )}
    </Paper>
  )
}

function OpenTickets() {
  const { customer } = usePortal()
  const tickets = useQuery(ticketsQuery(customer.id))
  const open = tickets.data?.filter(isOpenTicket) ?? []
  return (
    <Paper p="md" component="section" aria-label="Open tickets">
      <Title order={2} size="h4" mb="xs">
        Open tickets
      </Title>
      <ProblemAlert error={tickets.error} again={tickets.refetch} />
      {tickets.data && open.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing is open. We open a ticket by ourselves when a kiosk fails; what we cannot see, report.
        </Text>
      )}
      <ul className="portal-list">
        {open.slice(0, SHOWN).map(ticket => (
          <li key={ticket.id}>
            <TicketLine ticket={ticket} timeZone={customer.timeZone} />
          </li>
        ))}
      </ul>
      {open.length > SHOWN && (
        <LinkButton to="/tickets" variant="default" size="xs" mt="xs">
          All {open.length}
        </LinkButton>
      )}
    </Paper>
  )
}

function PlannedWork() {
  const { customer } = usePortal()
  const work = useQuery(plannedWorkQuery(customer.id))
  const nowMs = useNow()
  return (
    <Paper p="md" component="section" aria-label="Planned work">
      <Title order={2} size="h4" mb="xs">
        Planned work
      </Title>
      {work.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          None is planned.
        </Text>
      )}
      <ProblemAlert error={work.error} again={work.refetch} />
      <ul className="portal-list">
        {work.data?.slice(0, SHOWN).map(window => (
          <li key={window.id} className="portal-line">
            <b>{window.reason}</b>
            <span>{window.isActive ? 'now' : ''}</span>
            <small>
              {window.scopeText}, {whenWords(window.nextFrom ?? window.from, customer.timeZone, nowMs)} to{' '}
              {whenWords(window.nextTo ?? window.to, customer.timeZone, nowMs)}
            </small>
          </li>
        ))}
      </ul>
    </Paper>
  )
}

/** What somebody of a customer sees first. */
export function OverviewPage() {
  const { customer } = usePortal()
  const devices = useQuery(devicesQuery(customer.id))
  if (devices.isPending) return <PageLoader />
  return (
    <>
      <PageHead
        title={customer.name}
        actions={
          <LinkButton to="/report" leftSection={<IconPlus size={17} aria-hidden />}>
            Report a fault
          </LinkButton>
        }
      />
      <Stack gap="md">
        <ProblemAlert error={devices.error} again={devices.refetch} />
        {devices.data && <Answer devices={devices.data} />}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
          <OpenTickets />
          <Stack gap="md">
            <PlannedWork />
            <UsageCard customerId={customer.id} more={undefined} />
          </Stack>
        </SimpleGrid>
      </Stack>
    </>
  )
}
