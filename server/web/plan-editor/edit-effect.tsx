/** What an edit would do, before it is done. */
import { Alert, Loader, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import type { CustomerEffect, EditPreview } from '../../../shared/api/contracts/plan-preview-api.ts'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'

const SHOWN_CLOCKS = 8

function effectWords({ tickets, devices, contactsOver }: CustomerEffect): string {
  return [
    tickets.moved > 0 && `${tickets.moved} of ${tickets.open} tickets move`,
    tickets.overdue > 0 && `${tickets.overdue} overdue at once`,
    devices.admitted > 0 && `${devices.admitted} waiting devices get in`,
    devices.additional > 0 && `${devices.additional} devices are billed`,
    devices.uncovered > 0 && `${devices.uncovered} devices lose their place after the grace`,
    contactsOver > 0 && `${contactsOver} contacts over the number`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** One sentence, then for whom. `isOld` while a newer one is worked out. */
export function EditEffect({
  preview,
  isOld,
  isDirty,
  hasFaults,
}: {
  preview: EditPreview | undefined
  isOld: boolean
  isDirty: boolean
  hasFaults: boolean
}) {
  return (
    <Paper p="md" component="section" aria-label="What changes" aria-live="polite">
      <Title order={2} size="h4" mb={6}>
        What changes {isOld && isDirty && <Loader size={12} ml={6} />}
      </Title>
      {!isDirty && (
        <Text size="sm" c="dimmed">
          Nothing is changed yet. What an edit does to open tickets and devices is worked out here before it is saved.
        </Text>
      )}
      {isDirty && hasFaults && (
        <Text size="sm" className="text-bad">
          This cannot be saved yet: each wrong field says why.
        </Text>
      )}
      {isDirty && !hasFaults && preview && (
        <Stack gap="sm">
          <Text size="sm" fw={600} data-preview={isOld ? 'old' : 'ready'}>
            {preview.sentence}
          </Text>
          {preview.warnings.map(warning => (
            <Alert key={warning} color="yellow" variant="outline" p="xs">
              {warning}
            </Alert>
          ))}
          {preview.customers.length > 0 && (
            <ul className="effect-list">
              {preview.customers.map(customer => (
                <li key={customer.customerId}>
                  <Link href={`/customers/${customer.customerId}`}>{customer.name}</Link>{' '}
                  <span className="quiet">{effectWords(customer)}</span>
                </li>
              ))}
            </ul>
          )}
          {preview.clocks.length > 0 && (
            <div className="scroll-box">
              <Table verticalSpacing={3} aria-label="Due times that move">
                <Table.Tbody>
                  {preview.clocks.slice(0, SHOWN_CLOCKS).map(clock => (
                    <Table.Tr key={`${clock.ticketId} ${clock.clock}`}>
                      <Table.Td>
                        <Link href={`/tickets/${clock.ticketId}`}>{clock.reference}</Link>
                        <Text size="xs" c="dimmed">
                          {clock.clock}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <Text size="xs" c="dimmed">
                          {clock.dueBefore === null ? 'nothing due' : fullTime(clock.dueBefore)}
                        </Text>
                        <Text size="xs">{clock.dueAfter === null ? 'nothing due' : fullTime(clock.dueAfter)}</Text>
                      </Table.Td>
                      <Table.Td>{clock.overdue && <Tag tone="bad">overdue</Tag>}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              {preview.clocks.length > SHOWN_CLOCKS && (
                <Text size="xs" c="dimmed">
                  and {preview.totals.moved - SHOWN_CLOCKS} more
                </Text>
              )}
            </div>
          )}
        </Stack>
      )}
    </Paper>
  )
}
