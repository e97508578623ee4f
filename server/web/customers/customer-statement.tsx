/** The monthly statement: to read, to print, to take into a spreadsheet. */
import { Button, Group, Paper, Select, Stack, Table, Text, Title } from '@mantine/core'
import { IconDownload, IconPrinter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import { statementQuery, statementsQuery } from '../api/customer-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime, monthWords } from '../components/time-words.ts'

/** `1–5, 9, 11–12`: days of the month, runs joined. */
function daysText(days: readonly string[]): string {
  const numbers = days.map(day => Number(day.slice(8)))
  const runs: [number, number][] = []
  for (const day of numbers) {
    const last = runs.at(-1)
    if (last && day === last[1] + 1) last[1] = day
    else runs.push([day, day])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
}

function Devices({ statement }: { statement: Statement }) {
  const { rows, deviceDays, included } = statement.devices
  return (
    <section>
      <Title order={3} size="h5" mb={4}>
        Additional devices
      </Title>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          None{included === null ? '' : `: the plan’s ${included} devices were enough`}.
        </Text>
      ) : (
        <div className="scroll-box">
          <Table verticalSpacing={4} aria-label="Additional devices">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Device</Table.Th>
                <Table.Th>Site</Table.Th>
                <Table.Th>Days of the month</Table.Th>
                <Table.Th ta="right">Device-days</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(row => (
                <Table.Tr key={row.deviceId}>
                  <Table.Td>{row.name}</Table.Td>
                  <Table.Td>{row.siteName}</Table.Td>
                  <Table.Td>{daysText(row.days)}</Table.Td>
                  <Table.Td ta="right">{row.deviceDays}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
            <Table.Tfoot>
              <Table.Tr>
                <Table.Th colSpan={3}>In all</Table.Th>
                <Table.Th ta="right">{deviceDays}</Table.Th>
              </Table.Tr>
            </Table.Tfoot>
          </Table>
        </div>
      )}
    </section>
  )
}

function Cases({ statement }: { statement: Statement }) {
  const { included, used, beyond } = statement.cases
  return (
    <section>
      <Title order={3} size="h5" mb={4}>
        Cases
      </Title>
      <Text size="sm" mb={4}>
        {used} registered{included === null ? ', without limit' : ` of ${included} in the plan`}
        {beyond.length > 0 ? `, ${beyond.length} to be settled apart:` : '.'}
      </Text>
      {beyond.length > 0 && (
        <div className="scroll-box">
          <Table verticalSpacing={4} aria-label="Cases to be settled apart">
            <Table.Tbody>
              {beyond.map(item => (
                <Table.Tr key={item.ticketId}>
                  <Table.Td>
                    <Link href={`/tickets/${item.ticketId}`}>{item.reference}</Link>
                  </Table.Td>
                  <Table.Td>{item.subject}</Table.Td>
                  <Table.Td>{fullTime(item.registeredAt, statement.timeZone)}</Table.Td>
                  <Table.Td>
                    {item.handling === 'pay-per-incident'
                      ? 'paid on its own'
                      : item.approvedAt
                        ? `approved ${fullTime(item.approvedAt, statement.timeZone)}`
                        : 'waits for approval'}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </section>
  )
}

function Entitlements({ statement }: { statement: Statement }) {
  const shown = statement.entitlements.filter(item => item.isActive && item.unit !== 'included')
  if (shown.length === 0) return null
  return (
    <section>
      <Title order={3} size="h5" mb={4}>
        Entitlements
      </Title>
      <div className="scroll-box">
        <Table verticalSpacing={4} aria-label="Entitlements">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th>Used in the month</Table.Th>
              <Table.Th ta="right">Left</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(item => (
              <Table.Tr key={item.id}>
                <Table.Td>{item.name}</Table.Td>
                <Table.Td>
                  {item.uses.filter(use => use.cancelledAt === null).length === 0
                    ? 'nothing'
                    : item.uses
                        .filter(use => use.cancelledAt === null)
                        .map(use => `${use.amount} ${item.unit} (${use.note})`)
                        .join('; ')}
                </Table.Td>
                <Table.Td ta="right">{item.left === null ? 'without limit' : `${item.left} ${item.unit}`}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  )
}

/** Choose a month; it prints on its own. */
export function CustomerStatement({ customerId }: { customerId: string }) {
  const months = useQuery(statementsQuery(customerId))
  const [chosen, setChosen] = useState<string | null>(null)
  const month = chosen ?? months.data?.[0]?.month ?? ''
  const statement = useQuery(statementQuery(customerId, month))
  const { data } = statement
  return (
    <Stack gap="md">
      <ProblemAlert error={months.error ?? statement.error} again={statement.refetch} />
      <Group className="no-print" align="flex-end">
        <Select
          label="Month"
          allowDeselect={false}
          data={(months.data ?? []).map(item => ({
            value: item.month,
            label: item.state === 'so-far' ? `${monthWords(item.month)}, so far` : monthWords(item.month),
          }))}
          value={month === '' ? null : month}
          onChange={setChosen}
        />
        <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()} disabled={!data}>
          Print
        </Button>
        <Button
          variant="default"
          component="a"
          href={`/api/v1/customers/${customerId}/statement.csv?month=${month}`}
          download
          leftSection={<IconDownload size={16} aria-hidden />}
          disabled={!data}
        >
          CSV
        </Button>
      </Group>
      {data && (
        <Paper p="lg" component="article" aria-label={`Statement of ${monthWords(data.month)}`} className="statement">
          <Group justify="space-between" align="flex-start" mb="md">
            <div>
              <Title order={2} size="h4">
                {data.customerName}: {monthWords(data.month)}
              </Title>
              <Text size="sm" c="dimmed">
                {data.planName}, months in {data.timeZone}
              </Text>
            </div>
            {data.state === 'so-far' ? <Tag tone="warn">so far</Tag> : <Tag>issued {data.issuedAt ? fullTime(data.issuedAt) : ''}</Tag>}
          </Group>
          <Stack gap="lg">
            <Devices statement={data} />
            <Cases statement={data} />
            <Entitlements statement={data} />
          </Stack>
        </Paper>
      )}
    </Stack>
  )
}
