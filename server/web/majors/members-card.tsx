/** Tickets of a major incident: whose, how far, when the next word is due, and whether one message reaches it. */
import { ActionIcon, Paper, Table, Text, Title } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { MajorDetail } from '../../../shared/api/majors/major-api.ts'
import { Tag } from '../components/tags.tsx'
import { dueTime } from '../components/time-words.ts'
import { useNow } from '../components/use-now.ts'
import { StatusTag } from '../tickets/ticket-tags.tsx'

/** `onRemove` null: only to read. */
export function MembersCard({
  major,
  add,
  onRemove,
}: {
  major: MajorDetail
  add: ReactNode
  onRemove: ((ticketId: string) => void) | null
}) {
  const nowMs = useNow()
  return (
    <Paper p="md" component="section" aria-label="Tickets">
      <Title order={2} size="h4" mb="xs">
        Tickets
      </Title>
      {major.members.length === 0 ? (
        <Text size="sm" c="dimmed" mb="sm">
          No ticket belongs to it yet. Add one for each customer concerned: a message reaches a customer on its own ticket alone.
        </Text>
      ) : (
        <div className="scroll-box" role="region" aria-label="Tickets of the major incident" tabIndex={0}>
          <Table verticalSpacing={6} aria-label="Tickets of the major incident" className="phone-cards">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Customer</Table.Th>
                <Table.Th>Ticket</Table.Th>
                <Table.Th>Next word</Table.Th>
                <Table.Th>Message</Table.Th>
                <Table.Th>
                  <span className="sr-only">Take out</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {major.members.map(member => (
                <Table.Tr key={member.ticket.id}>
                  <Table.Td>{member.customerName}</Table.Td>
                  <Table.Td>
                    <Link href={`/tickets/${member.ticket.id}`}>
                      <span className="mono">{member.ticket.reference}</span>
                    </Link>{' '}
                    <StatusTag status={member.ticket.status} />
                    <div className="quiet">{member.ticket.subject}</div>
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }} data-name="Next word">
                    {member.updateDueAt === null ? (
                      <span className="quiet">none due</span>
                    ) : (
                      <span className={Date.parse(member.updateDueAt) < nowMs ? 'text-bad' : ''}>
                        {dueTime(member.updateDueAt, undefined, nowMs)}
                      </span>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {member.hears ? (
                      <Tag tone="good" title={member.why}>
                        Gets it
                      </Tag>
                    ) : (
                      <>
                        <Tag tone="warn">By hand</Tag>
                        <div className="quiet">{member.why}</div>
                      </>
                    )}
                  </Table.Td>
                  <Table.Td ta="right">
                    {onRemove && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        size="sm"
                        aria-label={`Take ${member.ticket.reference} out`}
                        onClick={() => onRemove(member.ticket.id)}
                      >
                        <IconX size={14} aria-hidden />
                      </ActionIcon>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {add !== null && <div className="major-add">{add}</div>}
    </Paper>
  )
}
