/** Major incidents: what runs, and what is over. */
import { Table } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { Major } from '../../../shared/api/majors/major-api.ts'
import { LinkButton } from '../components/link-button.tsx'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** The running ones first. */
export function MajorsPage() {
  const majors = useQuery({ queryKey: keys.majors, queryFn: ({ signal }) => readAll<Major>('/majors', {}, signal) })
  if (majors.isPending) return <PageLoader />
  const all = (majors.data ?? []).toSorted((one, other) => Number(one.state === 'ended') - Number(other.state === 'ended'))
  return (
    <div className="page page-narrow">
      <PageHead title="Major incidents" note="What concerns many at once: one page to lead it, one message to all concerned." />
      <ProblemAlert error={majors.error} again={majors.refetch} />
      {all.length === 0 && !majors.isError ? (
        <NothingHere
          icon={<IconAlertTriangle />}
          title="No major incident"
          action={
            <LinkButton to="/tickets" variant="default">
              Open the tickets
            </LinkButton>
          }
        >
          Raise one from the Related card of a ticket, then add the tickets of the other customers concerned.
        </NothingHere>
      ) : (
        <div className="table-box" role="region" aria-label="Major incidents" tabIndex={0}>
          <Table verticalSpacing="xs" aria-label="Major incidents" className="phone-cards">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Incident</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Began</Table.Th>
                <Table.Th ta="right">Tickets</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(major => (
                <Table.Tr key={major.id}>
                  <Table.Td>
                    <Link href={`/major/${major.id}`}>{major.title}</Link>
                    <div className="quiet mono">{major.reference}</div>
                  </Table.Td>
                  <Table.Td>
                    <Tag tone={major.state === 'open' ? 'bad' : 'plain'}>{major.state === 'open' ? 'Running' : 'Ended'}</Tag>
                  </Table.Td>
                  <Table.Td>
                    {fullTime(major.startedAt)}
                    <div className="quiet">{major.startedBy}</div>
                  </Table.Td>
                  <Table.Td ta="right">{major.tickets}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </div>
  )
}
