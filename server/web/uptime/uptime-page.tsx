/** The platform itself: was it there, who looks from outside, what maintenance is announced. */
import { ActionIcon, Button, Group, Modal, Paper, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { PlannedMaintenance, PlannedMaintenanceInput } from '../../../shared/api/uptime/uptime-api.ts'
import { Ago } from '../components/ago.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { useFields } from '../components/use-fields.ts'
import { useNow } from '../components/use-now.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { maintenanceQuery, uptimeQuery } from '../api/customer-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { UptimeMonths } from './uptime-months.tsx'
import './uptime.css'

function AnnounceModal({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const announce = useMutation({
    mutationFn: (body: PlannedMaintenanceInput) => callApi<PlannedMaintenance>('POST', '/uptime/maintenance', { body }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.maintenance })
      showDone('The maintenance is announced')
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ from: '', to: '', reason: '' }, announce.error)
  const { from, to, reason } = fields.values
  return (
    <Modal opened onClose={onClose} title="Announce maintenance of the platform">
      <form
        onSubmit={event => {
          event.preventDefault()
          announce.mutate({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), reason })
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={announce.error} hidesFaults />
          <Text size="sm" c="dimmed">
            Time in which the platform is away counts neither for nor against the promise, if it was announced before it began. Times are
            those of this browser.
          </Text>
          <TextInput type="datetime-local" label="From" required {...fields.input('from')} />
          <TextInput type="datetime-local" label="To" required {...fields.input('to')} />
          <TextInput label="Why" required maxLength={500} placeholder="New release" {...fields.input('reason')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={announce.isPending} disabled={from === '' || to === '' || reason.trim() === ''}>
              Announce
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function MaintenanceCard() {
  const client = useQueryClient()
  const mayManage = useMay('manage')
  const nowMs = useNow()
  const maintenance = useQuery(maintenanceQuery)
  const [isAnnouncing, setIsAnnouncing] = useState(false)
  const cancel = useMutation({
    mutationFn: (id: string) => callApi('DELETE', `/uptime/maintenance/${id}`),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.maintenance }),
  })
  return (
    <Paper p="md" component="section" aria-label="Announced maintenance">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Announced maintenance
        </Title>
        {mayManage && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setIsAnnouncing(true)}>
            Announce
          </Button>
        )}
      </Group>
      <ProblemAlert error={maintenance.error} again={maintenance.refetch} />
      {maintenance.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing is announced. Announce a stop before it begins, and it does not count against the promise.
        </Text>
      )}
      {maintenance.data && maintenance.data.length > 0 && (
        <div className="scroll-box">
          <Table verticalSpacing={5} aria-label="Announced maintenance">
            <Table.Tbody>
              {maintenance.data.map(item => (
                <Table.Tr key={item.id}>
                  <Table.Td>{fullTime(item.from)}</Table.Td>
                  <Table.Td>{fullTime(item.to)}</Table.Td>
                  <Table.Td>{item.reason}</Table.Td>
                  <Table.Td ta="right">
                    {item.cancelledAt !== null && <Tag>cancelled</Tag>}
                    {item.cancelledAt === null && Date.parse(item.from) > nowMs && mayManage && (
                      <ActionIcon variant="subtle" color="gray" aria-label={`Cancel ${item.reason}`} onClick={() => cancel.mutate(item.id)}>
                        <IconTrash size={16} />
                      </ActionIcon>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {isAnnouncing && <AnnounceModal onClose={() => setIsAnnouncing(false)} />}
    </Paper>
  )
}

/** Months, maintenance, probes. */
export function UptimePage() {
  const uptime = useQuery(uptimeQuery)
  if (uptime.isPending) return <PageLoader />
  return (
    <div className="page page-narrow">
      <PageHead
        title="Uptime"
        note="Whether this platform was there, measured by its own heartbeat and by probes from outside. Each customer’s page holds it against their promise."
      />
      <ProblemAlert error={uptime.error} again={uptime.refetch} />
      {uptime.data && (
        <Stack gap="md">
          <UptimeMonths months={uptime.data.months} timeZone={uptime.data.timeZone} />
          <MaintenanceCard />
          <Paper p="md" component="section" aria-label="Probes from outside">
            <Title order={2} size="h4" mb="sm">
              Probes from outside
            </Title>
            {uptime.data.probes.length === 0 ? (
              <Text size="sm" c="dimmed">
                No probe reports yet. Run{' '}
                <span className="mono">npm run kioskeeper -- probe --url {window.location.origin} --name NAME</span> on another machine,
                where your customers’ way to the platform begins.
              </Text>
            ) : (
              <ul className="gap-list">
                {uptime.data.probes.map(probe => (
                  <li key={probe.name}>
                    <b>{probe.name}</b> {probe.isUp === false ? <Tag tone="bad">sees it down</Tag> : <Tag tone="good">sees it up</Tag>}{' '}
                    {probe.lastAt && (
                      <span className="quiet">
                        last told <Ago at={probe.lastAt} />
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Paper>
        </Stack>
      )}
    </div>
  )
}
