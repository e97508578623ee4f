/** One ticket: what is wrong, what was promised, what was said. */
import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { customerQuery, partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { withTimes } from '../components/time-words.ts'
import { useMay, useSession } from '../session/use-session.ts'
import { AttendanceBar } from '../ticket-relations/attendance-bar.tsx'
import { MergedBanner } from '../ticket-relations/merged-banner.tsx'
import { RelatedCard } from '../ticket-relations/related-card.tsx'
import { ScopeCard } from '../ticket-relations/scope-card.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { ApproveButton } from './approve-button.tsx'
import { ConversationCard } from './conversation-card.tsx'
import { VisitCard } from './visit-card.tsx'
import { OnCallCard } from '../on-call/on-call-card.tsx'
import { TicketSatisfactionCard } from '../satisfaction/satisfaction-cards.tsx'
import { ArticlesCard } from '../knowledge/articles-card.tsx'
import { LadderList } from '../remedies/ladder-list.tsx'
import { EvidenceCard } from '../evidence/evidence-card.tsx'
import { FlagTags, LevelTag, SourceMark, StatusTag } from './ticket-tags.tsx'
import { NoticesCard } from './notices-card.tsx'
import { TicketActions } from './ticket-actions.tsx'
import { TicketClocks } from './ticket-clocks.tsx'
import { TicketFacts } from './ticket-facts.tsx'
import { flagFacts, waitsForApproval } from './ticket-words.ts'
import './tickets.css'

/** What the device says of itself; nothing for what people reported. */
function TicketFindings({ ticket }: { ticket: Ticket }) {
  const hasTried = ticket.ladder !== 'none' || ticket.remedies.length > 0
  if (!hasTried && ticket.evidence.length === 0) return null
  return (
    <div className="ticket-findings">
      {hasTried && (
        <Paper p="md" component="section" aria-label="What the device tried">
          <Title order={2} size="h4" mb={6}>
            What the device tried
          </Title>
          <LadderList remedies={ticket.remedies} ladder={ticket.ladder} />
        </Paper>
      )}
      {ticket.evidence.length > 0 && <EvidenceCard evidence={ticket.evidence} />}
    </div>
  )
}

/** Conversation on the left, promises and facts on the right. */
export function TicketPage({ id }: { id: string }) {
  const query = useQuery({
    queryKey: keys.ticket(id),
    queryFn: ({ signal }) => callApi<Ticket>('GET', `/tickets/${id}`, { signal }),
    refetchInterval: 30_000,
  })
  const ticket = query.data
  const customer = useQuery({ ...customerQuery(ticket?.customerId ?? ''), enabled: ticket !== undefined })
  const device = useQuery({
    queryKey: keys.device(ticket?.deviceId ?? ''),
    enabled: Boolean(ticket?.deviceId),
    queryFn: ({ signal }) => callApi<DeviceDetail>('GET', `/devices/${ticket?.deviceId ?? ''}`, { signal }),
  })
  const partners = useQuery({ ...partnersQuery, enabled: Boolean(ticket?.partnerId) })
  const mayWrite = useMay('desk')
  const { data: me } = useSession()
  const isStaff = me !== undefined && me !== null && me.role !== 'customer'
  if (query.isPending) return <PageLoader />
  if (!ticket) {
    return (
      <div className="page">
        <PageHead title="Ticket" crumbs={[{ to: '/tickets', name: 'Tickets' }]} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  }
  const partner = partners.data?.find(item => item.id === ticket.partnerId)
  return (
    <div className="page">
      <PageHead
        title={ticket.subject}
        crumbs={[{ to: '/tickets', name: 'Tickets' }]}
        note={
          <Group gap={8}>
            <span className="mono">{ticket.reference}</span>
            <SourceMark source={ticket.source} />
            <LevelTag level={ticket.level} name={ticket.levelName} />
            <StatusTag status={ticket.status} />
            {customer.data && <Link href={`/customers/${ticket.customerId}`}>{customer.data.name}</Link>}
            {ticket.deviceId && <Link href={`/devices/${ticket.deviceId}`}>{device.data?.name ?? 'Device'}</Link>}
            {partner && <span>Partner: {partner.name}</span>}
          </Group>
        }
        actions={
          mayWrite &&
          ticket.mergedIntoId === null && (
            <>
              {waitsForApproval(ticket) && <ApproveButton ticket={ticket} />}
              <TicketActions ticket={ticket} isSecond={waitsForApproval(ticket)} />
            </>
          )
        }
      />
      {isStaff && <AttendanceBar ticketId={id} />}
      {isStaff && ticket.mergedIntoId !== null && <MergedBanner ticketId={id} mayWrite={mayWrite} />}
      {ticket.flags.length > 0 && (
        <Paper p="sm" mb="md" className="ticket-flags">
          {ticket.flags.map(flag => (
            <Group key={flag} gap="xs" wrap="nowrap" align="flex-start">
              <FlagTags flags={[flag]} />
              <Text size="sm">{flagFacts(flag).means}</Text>
            </Group>
          ))}
        </Paper>
      )}
      <div className="ticket-columns">
        <Stack gap="md" className="ticket-main">
          <Paper p="md">
            <Title order={2} size="h4" mb={6}>
              {ticket.source === 'monitoring' ? 'What was found' : 'What was reported'}
            </Title>
            <Text size="sm" className="ticket-text">
              {withTimes(ticket.description, customer.data?.timeZone)}
            </Text>
          </Paper>
          <TicketFindings ticket={ticket} />
          <ConversationCard ticket={ticket} mayWrite={mayWrite && ticket.mergedIntoId === null} />
        </Stack>
        <div className="ticket-promises">
          <TicketClocks ticket={ticket} timeZone={customer.data?.timeZone} isStaff={isStaff} />
        </div>
        <Stack gap="md" className="ticket-side">
          <TicketFacts ticket={ticket} device={device.data} partnerName={partner?.name} mayWrite={mayWrite} />
          {isStaff && <OnCallCard ticket={ticket} mayWrite={mayWrite} />}
          {ticket.flags.includes('out-of-scope') && (
            <ScopeCard ticket={ticket} mayWrite={mayWrite} mayDecide={mayWrite || me?.role === 'customer'} />
          )}
          <ArticlesCard ticket={ticket} mayWrite={mayWrite} />
          <VisitCard ticket={ticket} mayWrite={mayWrite} />
          {isStaff && <RelatedCard ticket={ticket} mayWrite={mayWrite} />}
          <TicketSatisfactionCard ticket={ticket} />
          <NoticesCard ticketId={id} mayWrite={mayWrite} />
        </Stack>
      </div>
    </div>
  )
}
