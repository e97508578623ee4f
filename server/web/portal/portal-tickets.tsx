/** A customer's tickets: the open ones with what is promised, then what is done. */
import { Paper, Stack, Title } from '@mantine/core'
import { IconPlus, IconTicket } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { usePortal } from './portal-customer.tsx'
import { TicketLine } from './portal-lines.tsx'
import { ticketsQuery } from './portal-queries.ts'
import { isOpenTicket } from './promise-words.ts'

function Group({ title, tickets }: { title: string; tickets: readonly Ticket[] }) {
  const { customer } = usePortal()
  if (tickets.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} size="h4" mb={4}>
        {title}
      </Title>
      <ul className="portal-list">
        {tickets.map(ticket => (
          <li key={ticket.id}>
            <TicketLine ticket={ticket} timeZone={customer.timeZone} />
          </li>
        ))}
      </ul>
    </Paper>
  )
}

const WAITS_FOR_YOU: readonly Ticket['status'][] = ['waiting-customer', 'waiting-information']

/** What waits for the customer comes first: without them nothing moves. */
export function PortalTickets() {
  const { customer } = usePortal()
  const tickets = useQuery(ticketsQuery(customer.id))
  if (tickets.isPending) return <PageLoader />
  const all = tickets.data ?? []
  const yours = all.filter(({ status }) => WAITS_FOR_YOU.includes(status))
  const report = (
    <LinkButton to="/report" leftSection={<IconPlus size={17} aria-hidden />}>
      Report a fault
    </LinkButton>
  )
  return (
    <>
      <PageHead title="Tickets" actions={all.length > 0 ? report : undefined} />
      <ProblemAlert error={tickets.error} again={tickets.refetch} />
      {all.length === 0 && !tickets.isError && (
        <NothingHere icon={<IconTicket />} title="No tickets" action={report}>
          We open one by ourselves when a kiosk fails. What we cannot see, tell us.
        </NothingHere>
      )}
      <Stack gap="md">
        <Group title="Waits for you" tickets={yours} />
        <Group title="Open" tickets={all.filter(ticket => isOpenTicket(ticket) && !yours.includes(ticket))} />
        <Group title="Done" tickets={all.filter(ticket => !isOpenTicket(ticket))} />
      </Stack>
    </>
  )
}
