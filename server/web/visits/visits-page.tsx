/** Visits of partners: who comes today, what is late, what is under way. */
import { Group, Paper, SegmentedControl, Select, Table, Text } from '@mantine/core'
import { IconTruck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Page } from '../../../shared/api/list.ts'
import type { Visit } from '../../../shared/api/visits/visit-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi, queryText, readAll } from '../api/api-client.ts'
import { partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { lateWords, momentWords, OPEN_VISITS, VISIT_STATES } from './visit-words.ts'

type Which = 'today' | 'overdue' | 'open' | 'all'
const CHOICES: { value: Which; label: string }[] = [
  { value: 'open', label: 'Under way' },
  { value: 'today', label: 'Today' },
  { value: 'overdue', label: 'Late' },
  { value: 'all', label: 'Newest of all' },
]
const EMPTY: Record<Which, { title: string; text: string }> = {
  open: {
    title: 'No visit is under way',
    text: 'A partner is asked from a ticket: by itself where the fault needs hands, or with "Ask a partner to come".',
  },
  today: { title: 'Nobody comes today', text: 'Appointments that partners have named for today appear here.' },
  overdue: { title: 'Nothing is late', text: 'Offers without an answer in time, and appointments to which nobody came, appear here.' },
  all: { title: 'No visits yet', text: 'Make a partner under Partners, then ask one from a ticket.' },
}
const SHOWN_OF_ALL = 100

/** The local day of this browser. */
function today(nowMs: number): { from: string; to: string } {
  const start = new Date(nowMs)
  start.setHours(0, 0, 0, 0)
  const end = new Date(start)
  end.setDate(end.getDate() + 1)
  return { from: start.toISOString(), to: end.toISOString() }
}

async function read(which: Which, partnerId: string | undefined, signal: AbortSignal): Promise<Visit[]> {
  if (which === 'today') return readAll<Visit>('/visits', { partnerId, ...today(Date.now()) }, signal)
  if (which === 'overdue') return readAll<Visit>('/visits', { partnerId, overdue: true }, signal)
  if (which === 'all')
    return (await callApi<Page<Visit>>('GET', `/visits${queryText({ partnerId, limit: SHOWN_OF_ALL })}`, { signal })).items
  return (await Promise.all(OPEN_VISITS.map(state => readAll<Visit>('/visits', { partnerId, state }, signal)))).flat()
}

/** What happens next first: appointments and answers that are due, then the rest. */
const nextAt = (visit: Visit): string => visit.scheduledAt ?? visit.deadlineAt ?? visit.offeredAt

function Row({ visit }: { visit: Visit }) {
  const nowMs = useNow()
  const late = lateWords(visit, nowMs)
  return (
    <Table.Tr>
      <Table.Td>
        <Tag tone={late ? 'bad' : VISIT_STATES[visit.state].tone}>{late ? 'Late' : VISIT_STATES[visit.state].word}</Tag>
        <div className="quiet">{late ?? ''}</div>
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{momentWords(visit, nowMs)}</Table.Td>
      <Table.Td>
        <Link href={`/tickets/${visit.ticketId}`}>
          <b>{visit.subject}</b>
        </Link>
        <div className="quiet">
          <span className="mono">{visit.reference}</span>, level {visit.level}
        </div>
      </Table.Td>
      <Table.Td>
        {[visit.device, visit.site].filter(Boolean).join(', ') || 'no device named'}
        <div className="quiet">{visit.customer}</div>
      </Table.Td>
      <Table.Td>
        {visit.partner}
        {visit.photos.length > 0 && (
          <div className="quiet">{visit.photos.length === 1 ? 'one photo' : `${visit.photos.length} photos`}</div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** List with filters. */
export function VisitsPage() {
  const [which, setWhich] = useState<Which>('open')
  const [partnerId, setPartnerId] = useState<string | null>(null)
  const partners = useQuery(partnersQuery)
  const visits = useQuery({
    queryKey: [...keys.allVisits, which, partnerId],
    queryFn: ({ signal }) => read(which, partnerId ?? undefined, signal),
    refetchInterval: 60_000,
  })
  const all = which === 'all' ? (visits.data ?? []) : (visits.data ?? []).toSorted((one, other) => nextAt(one).localeCompare(nextAt(other)))
  return (
    <div className="page">
      <PageHead title="Visits" note="Who is asked, who comes when, what came of it. Times are those of this browser." />
      <Group mb="md" gap="sm">
        <SegmentedControl size="xs" aria-label="Which visits" value={which} onChange={setWhich} data={CHOICES} />
        <Select
          size="xs"
          aria-label="Partner"
          placeholder="Every partner"
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Every partner' }}
          data={(partners.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={partnerId}
          onChange={setPartnerId}
          w={200}
        />
      </Group>
      <ProblemAlert error={visits.error} again={visits.refetch} />
      {visits.isPending && <PageLoader />}
      {!visits.isPending && !visits.isError && all.length === 0 && (
        <NothingHere icon={<IconTruck />} title={EMPTY[which].title}>
          {partnerId === null ? EMPTY[which].text : 'None of this partner. Choose every partner to see the others.'}
        </NothingHere>
      )}
      {all.length > 0 && (
        <Paper p="sm">
          <div className="scroll-box" role="region" aria-label="Visits" tabIndex={0}>
            <Table verticalSpacing={8} aria-label="Visits" className="phone-cards">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>State</Table.Th>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Ticket</Table.Th>
                  <Table.Th>Where</Table.Th>
                  <Table.Th>Partner</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map(visit => (
                  <Row key={visit.id} visit={visit} />
                ))}
              </Table.Tbody>
            </Table>
          </div>
          {which === 'all' && all.length === SHOWN_OF_ALL && (
            <Text size="sm" c="dimmed" mt="xs">
              The newest {SHOWN_OF_ALL}.
            </Text>
          )}
        </Paper>
      )}
    </div>
  )
}
