/** How much of their opening hours the devices of a customer served people: together, by site, and those that served least. */
import { Paper, Select, Stack, Table, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { CustomerServing as Report } from '../../../shared/api/verdicts/serving-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { durationWords } from '../components/time-words.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ServingCauses } from './serving-causes.tsx'
import { percentText, servingTone } from './serving-words.ts'
import './serving.css'
import { DAY_MS } from '../../../shared/units.ts'

const SPANS = [
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
  { value: '365', label: 'Last year' },
]

function Share({ percent }: { percent: number | null }) {
  return (
    <b className="serving-share" data-tone={servingTone(percent)}>
      {percentText(percent)}
    </b>
  )
}

function Sites({ sites }: { sites: Report['sites'] }) {
  return (
    <div className="scroll-box" role="region" aria-label="Sites" tabIndex={0}>
      <Table verticalSpacing={6} aria-label="Serving time by site">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Site</Table.Th>
            <Table.Th>Devices</Table.Th>
            <Table.Th>Served</Table.Th>
            <Table.Th>Not serving</Table.Th>
            <Table.Th>Unknown</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sites.map(site => (
            <Table.Tr key={site.siteId}>
              <Table.Td>{site.name}</Table.Td>
              <Table.Td>{site.devices}</Table.Td>
              <Table.Td>
                <Share percent={site.servingPercent} />
              </Table.Td>
              <Table.Td>{site.notServingSeconds === 0 ? '–' : durationWords(site.notServingSeconds * 1000)}</Table.Td>
              <Table.Td>{site.unknownSeconds === 0 ? '–' : durationWords(site.unknownSeconds * 1000)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** With a choice of the span. */
export function CustomerServing({ customerId }: { customerId: string }) {
  const [days, setDays] = useState('30')
  const query = useQuery({
    queryKey: keys.customerServing(customerId, days),
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - Number(days) * DAY_MS).toISOString()
      return callApi<Report>('GET', `/customers/${customerId}/serving${queryText({ from })}`, { signal })
    },
    placeholderData: keepPreviousData,
  })
  const report = query.data
  return (
    <Stack gap="md">
      <Select
        aria-label="Span of time"
        data={SPANS}
        value={days}
        onChange={next => setDays(next ?? '30')}
        allowDeselect={false}
        maw={200}
      />
      <ProblemAlert error={query.error} again={query.refetch} />
      {report && (
        <Paper p="md">
          <div className="serving-head">
            <Title order={2} size="h4">
              Opening hours served
            </Title>
            <Share percent={report.servingPercent} />
          </div>
          <Text size="sm" c="dimmed" mb="sm">
            {report.why}
          </Text>
          {report.sites.length > 0 && <Sites sites={report.sites} />}
        </Paper>
      )}
      {report && report.worst.length > 0 && (
        <Paper p="md">
          <Title order={2} size="h4" mb="xs">
            Devices that served least
          </Title>
          <ul className="serving-list">
            {report.worst.map(device => (
              <li key={device.deviceId} className="serving-worst">
                <span>
                  <Link href={`/devices/${device.deviceId}`}>{device.name}</Link> <span className="quiet">{device.siteName}</span>
                </span>
                <span>
                  {durationWords(device.notServingSeconds * 1000)} not serving <Share percent={device.servingPercent} />
                </span>
                <ServingCauses causes={device.causes} />
              </li>
            ))}
          </ul>
        </Paper>
      )}
    </Stack>
  )
}
