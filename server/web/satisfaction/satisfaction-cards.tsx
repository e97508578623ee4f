/** What the customer thought: on a ticket, and by month on the customer's page. */
import { Paper, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Page } from '../../../shared/api/list.ts'
import type { SatisfactionMonth, TicketSatisfaction } from '../../../shared/api/satisfaction/satisfaction-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { monthWords } from '../components/time-words.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** Nothing before the customer was asked. */
export function TicketSatisfactionCard({ ticket }: { ticket: Ticket }) {
  const { data } = useQuery({
    queryKey: keys.ticketSatisfaction(ticket.id),
    enabled: ticket.resolvedAt !== null || ticket.closedAt !== null,
    queryFn: ({ signal }) => callApi<TicketSatisfaction>('GET', `/tickets/${ticket.id}/satisfaction`, { signal }),
    meta: { isShownInPlace: true },
  })
  if (!data?.askedAt) return null
  return (
    <Paper p="md" component="section" aria-label="What the customer thought">
      <Title order={2} size="h4" mb="xs">
        What the customer thought
      </Title>
      {data.score === null ? (
        <Text size="sm" c="dimmed">
          Asked <Ago at={data.askedAt} />, not answered yet.
        </Text>
      ) : (
        <Text size="sm">
          <Tag tone={data.score === 'good' ? 'good' : 'bad'}>{data.score === 'good' ? 'Good' : 'Not good'}</Tag>{' '}
          {data.answeredAt && <Ago at={data.answeredAt} />}
        </Text>
      )}
      {data.comment && (
        <Text size="sm" mt={6} className="ticket-text">
          {data.comment}
        </Text>
      )}
    </Paper>
  )
}

/** The last twelve months of a customer; nothing before anybody was asked. */
export function CustomerSatisfactionCard({ customerId }: { customerId: string }) {
  const months = useQuery({
    queryKey: keys.customerSatisfaction(customerId),
    queryFn: ({ signal }) => callApi<Page<SatisfactionMonth>>('GET', `/customers/${customerId}/satisfaction`, { signal }),
  })
  const items = months.data?.items ?? []
  if (items.length === 0) return <ProblemAlert error={months.error} again={months.refetch} />
  const comments = items.flatMap(month => month.comments).slice(0, 5)
  return (
    <Paper p="md" component="section" aria-label="Satisfaction">
      <Title order={2} size="h4" mb="xs">
        Satisfaction
      </Title>
      <Table verticalSpacing={5} aria-label="Satisfaction by month" maw={460}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Month</Table.Th>
            <Table.Th ta="right">Asked</Table.Th>
            <Table.Th ta="right">Answered</Table.Th>
            <Table.Th ta="right">Good</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(month => (
            <Table.Tr key={month.month}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{monthWords(month.month)}</Table.Td>
              <Table.Td ta="right">{month.asked}</Table.Td>
              <Table.Td ta="right">{month.answered}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {month.goodPercent === null ? 'none yet' : `${month.goodPercent} %`}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {comments.map(comment => (
        <Text key={comment.ticketId} size="sm" mt="xs">
          <Tag tone={comment.score === 'good' ? 'good' : 'bad'}>{comment.score === 'good' ? 'Good' : 'Not good'}</Tag> {comment.comment}{' '}
          <Link href={`/tickets/${comment.ticketId}`}>{comment.reference}</Link>
        </Text>
      ))}
    </Paper>
  )
}
