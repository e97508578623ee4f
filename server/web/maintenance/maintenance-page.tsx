/** Planned work on devices: what runs, what is to come, what is over. */
import { Button, Group, Paper, SegmentedControl, Stack, Table } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconCalendarEvent, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MaintenanceWindow } from '../../../shared/api/incidents/maintenance-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { PlanWorkModal } from './plan-work-modal.tsx'

function whenWords(work: MaintenanceWindow): string {
  const at = work.nextFrom ?? work.from
  const to = work.nextTo ?? work.to
  return `${fullTime(at, work.timeZone)} – ${fullTime(to, work.timeZone)}`
}

function Row({ work, onCancel }: { work: MaintenanceWindow; onCancel: (() => void) | null }) {
  return (
    <Table.Tr>
      <Table.Td fw={550}>{work.scopeText}</Table.Td>
      <Table.Td>
        {whenWords(work)}
        {work.recurrence && (
          <div className="quiet">
            every {work.recurrence.days.join(', ')}
            {work.recurrence.until ? ` until ${work.recurrence.until}` : ''}
          </div>
        )}
      </Table.Td>
      <Table.Td>
        {work.reason}
        <div className="quiet">{work.createdBy}</div>
      </Table.Td>
      <Table.Td>{work.isActive ? <Tag tone="warn">Runs now</Tag> : work.nextFrom === null ? <Tag>Over</Tag> : <Tag>To come</Tag>}</Table.Td>
      <Table.Td ta="right">
        {onCancel && work.nextFrom !== null && (
          <Button size="compact-xs" variant="default" onClick={onCancel}>
            Call off
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** List with planning and calling off. */
export function MaintenancePage() {
  const client = useQueryClient()
  const [which, setWhich] = useState('open')
  const [isPlanning, setIsPlanning] = useState(false)
  const mayPlan = useMay('desk')
  const works = useQuery({
    queryKey: [...keys.plannedWork, which],
    queryFn: ({ signal }) => readAll<MaintenanceWindow>('/maintenance-windows', which === 'all' ? { all: 'true' } : {}, signal),
    refetchInterval: 60_000,
  })
  const cancel = useMutation({
    mutationFn: (work: MaintenanceWindow) => callApi('DELETE', `/maintenance-windows/${work.id}`),
    onSuccess: (_answer, work) => {
      void client.invalidateQueries({ queryKey: keys.plannedWork })
      showDone(`Called off: ${work.scopeText}`)
    },
  })
  const ask = (work: MaintenanceWindow): void => {
    modals.openConfirmModal({
      title: 'Call the work off?',
      children: `What failed meanwhile on ${work.scopeText} is judged at once, and may open tickets.`,
      labels: { confirm: 'Call off', cancel: 'Keep it' },
      onConfirm: () => cancel.mutate(work),
    })
  }
  if (works.isPending) return <PageLoader />
  const all = works.data ?? []
  const planButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsPlanning(true)}>
      Plan work
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="Maintenance"
        note="Planned work on devices. Faults during it are seen, but call nobody before it ends."
        actions={mayPlan ? planButton : undefined}
      />
      <ProblemAlert error={works.error} again={works.refetch} />
      <Stack gap="md">
        <Group>
          <SegmentedControl
            size="xs"
            aria-label="Which"
            value={which}
            onChange={setWhich}
            data={[
              { value: 'open', label: 'Running and to come' },
              { value: 'all', label: 'All' },
            ]}
          />
        </Group>
        {all.length === 0 && !works.isError ? (
          <NothingHere icon={<IconCalendarEvent />} title="No work is planned">
            Plan it before screens go dark: a device, a site, every device of a profile, or one signal of them, once or every week.
          </NothingHere>
        ) : (
          <Paper p="md">
            <div className="scroll-box" role="region" aria-label="Planned work" tabIndex={0}>
              <Table verticalSpacing={7} aria-label="Planned work">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>What</Table.Th>
                    <Table.Th>When</Table.Th>
                    <Table.Th>Why</Table.Th>
                    <Table.Th>State</Table.Th>
                    <Table.Th>
                      <span className="sr-only">Call off</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map(work => (
                    <Row key={work.id} work={work} onCancel={mayPlan ? () => ask(work) : null} />
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          </Paper>
        )}
      </Stack>
      {isPlanning && <PlanWorkModal onClose={() => setIsPlanning(false)} />}
    </div>
  )
}
