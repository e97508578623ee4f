/** Who, where, how: and the fields that may be changed. */
import { Button, Group, Paper, Select, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { Ticket, TicketPatch } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { plansQuery } from '../api/catalog-queries.ts'
import { Ago } from '../components/ago.tsx'
import { fullTime } from '../components/time-words.ts'
import { VerdictMark } from '../components/truth-marks.tsx'
import { levelWord } from '../components/truth-words.ts'
import { ChangeConflict } from '../ticket-relations/change-conflict.tsx'
import { HandOvers } from '../ticket-relations/hand-overs.tsx'
import { useSession } from '../session/use-session.ts'
import { ExternalFacts } from '../servicedesks/external-facts.tsx'
import { useKeepTicket } from './use-keep-ticket.ts'

const LINES = [1, 2, 3].map(line => ({ value: String(line), label: `Line ${line}` }))

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** Level, line and assignee to change; the rest to read. */
export function TicketFacts({
  ticket,
  device,
  partnerName,
  mayWrite,
}: {
  ticket: Ticket
  device: DeviceDetail | undefined
  partnerName: string | undefined
  mayWrite: boolean
}) {
  const keep = useKeepTicket()
  const { data: me } = useSession()
  const patch = useMutation({
    mutationFn: (body: TicketPatch) => callApi<Ticket>('PATCH', `/tickets/${ticket.id}`, { body }),
    onSuccess: keep,
    meta: { isShownInPlace: true },
  })
  const change = (body: TicketPatch): void => patch.mutate({ ...body, version: ticket.version })
  const doAnyway = (): void => {
    const { version: _version, ...body } = patch.variables ?? {}
    patch.mutate(body)
  }
  const plans = useQuery(plansQuery)
  const plan = plans.data?.find(item => item.id === ticket.planId)
  const levels = (['1', '2', '3', '4'] as const).map(level => ({
    value: level,
    label: `${level} ${levelWord(Number(level), plan?.levels[level].name)}`,
  }))
  const isStaff = me?.role !== 'customer' && me?.role !== 'partner'
  const isMine = ticket.assignee !== null && ticket.assignee === me?.id
  const reporter = ticket.reporter
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="sm">
        Facts
      </Title>
      {mayWrite && ticket.mergedIntoId === null && (
        <Stack gap="xs" mb="md">
          <ChangeConflict error={patch.error} onAnyway={doAnyway} onLook={patch.reset} />
          <Group grow gap="xs">
            <Select
              label="Level"
              size="xs"
              allowDeselect={false}
              data={levels}
              value={String(ticket.level)}
              onChange={value => value && change({ level: Number(value) })}
              disabled={patch.isPending}
            />
            <Select
              label="Line"
              size="xs"
              allowDeselect={false}
              data={LINES}
              value={String(ticket.line)}
              onChange={value => value && change({ line: Number(value) })}
              disabled={patch.isPending}
            />
          </Group>
          <Group justify="space-between">
            <Text size="sm">{isMine ? 'Assigned to you' : ticket.assignee ? 'Assigned to a colleague' : 'Assigned to nobody'}</Text>
            <Button
              size="compact-sm"
              variant="default"
              loading={patch.isPending}
              onClick={() => change({ assignee: isMine ? null : (me?.id ?? null) })}
            >
              {isMine ? 'Give back' : 'Take it'}
            </Button>
          </Group>
        </Stack>
      )}
      {isStaff && <HandOvers ticketId={ticket.id} />}
      <dl className="facts">
        {device && (
          <Fact name="Device">
            <Link href={`/devices/${device.id}`}>{device.name}</Link> <VerdictMark verdict={device.verdict} />
          </Fact>
        )}
        {device && <Fact name="Site">{device.siteName}</Fact>}
        {ticket.signal && (
          <Fact name="Signal">
            <span className="mono">
              {ticket.signal}
              {ticket.component ? `:${ticket.component}` : ''}
            </span>
          </Fact>
        )}
        <ExternalFacts ticketId={ticket.id} />
        {partnerName && <Fact name="Partner">{partnerName}</Fact>}
        {reporter && (
          <Fact name="Reported by">
            {reporter.name}
            {reporter.email && (
              <a className="clip" title={reporter.email} href={`mailto:${reporter.email}?subject=${encodeURIComponent(ticket.reference)}`}>
                {reporter.email}
              </a>
            )}
            {reporter.phone && <div>{reporter.phone}</div>}
          </Fact>
        )}
        <Fact name="Came by">{ticket.channel}</Fact>
        <Fact name="About">
          {ticket.category.replaceAll('-', ' ')}, {ticket.environment}
        </Fact>
        {ticket.impact && <Fact name="Impact">{ticket.impact}</Fact>}
        {ticket.softwareVersion && <Fact name="Software">{ticket.softwareVersion}</Fact>}
        {ticket.platformVersion && <Fact name="Platform">{ticket.platformVersion}</Fact>}
        {(ticket.occurrences > 1 || ticket.repeats > 0) && (
          <Fact name="Occurred">
            {ticket.occurrences} times{ticket.repeats > 0 ? `, ${ticket.repeats} repeats` : ''}
          </Fact>
        )}
        <Fact name="Registered">
          <Ago at={ticket.createdAt} />
        </Fact>
        {ticket.approvedAt && (
          <Fact name="Approved">
            <Ago at={ticket.approvedAt} />, beyond the case quota
          </Fact>
        )}
        {ticket.resolvedAt && (
          <Fact name="Resolved">
            <Ago at={ticket.resolvedAt} /> {ticket.resolvedBy === 'monitoring' ? 'by the monitoring' : ''}
          </Fact>
        )}
        {ticket.autoCloseAt && ticket.closedAt === null && (
          <Fact name="Closes itself">
            <time dateTime={ticket.autoCloseAt}>{fullTime(ticket.autoCloseAt)}</time>
          </Fact>
        )}
        {ticket.sameAsTicketId && (
          <Fact name="Same fault as">
            <Link href={`/tickets/${ticket.sameAsTicketId}`}>an earlier ticket</Link>
          </Fact>
        )}
        <Fact name="Plan">
          <Link href={`/plans/${ticket.planId}`}>{plan ? `${plan.offer} ${plan.name}` : ticket.planId}</Link>, version {ticket.planVersion}
        </Fact>
      </dl>
    </Paper>
  )
}
