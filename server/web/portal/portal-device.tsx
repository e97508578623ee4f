/** One device as its customer sees it: whether it serves, since when, what it shows, and what is open about it. */
import { Button, Group, Modal, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconAlertCircle, IconQrcode } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import { QrCode } from '../enrolment/qr-code.tsx'
import { Ago, Since } from '../components/ago.tsx'
import { LinkButton } from '../components/link-button.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PlaceTag, WorkTag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { ConnectionMark, VerdictMark } from '../components/truth-marks.tsx'
import { STATE_MEANS, VERDICT_MEANS } from '../components/truth-words.ts'
import { DeviceServing } from '../serving/device-serving.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { sitesQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { usePortal } from './portal-customer.tsx'
import { TicketLine } from './portal-lines.tsx'
import { ticketsQuery } from './portal-queries.ts'
import { isOpenTicket } from './promise-words.ts'
import '../enrolment/add-device.css'
import '../evidence/evidence.css'

function Truth({ device }: { device: DeviceDetail }) {
  const { customer } = usePortal()
  const sites = useQuery(sitesQuery(customer.id))
  const address = sites.data?.find(({ id }) => id === device.siteId)?.address
  return (
    <Paper p="md" component="section" aria-label="State">
      <Group gap="md" mb="xs">
        <Title order={2} size="h4">
          <VerdictMark verdict={device.verdict} />
        </Title>
        <WorkTag maintenance={device.maintenance} />
        <PlaceTag state={device.state} />
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {VERDICT_MEANS[device.verdict]}, for <Since at={device.verdictSince} />.
        {device.state !== 'active' && ` ${STATE_MEANS[device.state]}.`}
      </Text>
      {device.reasons.length > 0 && (
        <ul style={{ margin: '0 0 12px', paddingLeft: 20, fontSize: 14 }}>
          {device.reasons.map(reason => (
            <li key={reason.signal + reason.since}>
              {reason.text}{' '}
              <span className="quiet">
                for <Since at={reason.since} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <dl className="facts">
        <dt>Place</dt>
        <dd>
          {device.siteName}
          {address && <div className="quiet">{address}</div>}
        </dd>
        <dt>Connection</dt>
        <dd>
          <ConnectionMark connection={device.connection} />
        </dd>
        <dt>Last heard</dt>
        <dd>{device.lastSeenAt ? <Ago at={device.lastSeenAt} /> : 'never'}</dd>
      </dl>
    </Paper>
  )
}

function Picture({ picture }: { picture: NonNullable<DeviceDetail['picture']> }) {
  return (
    <Paper p="md" component="section" aria-label="Screen">
      <Title order={2} size="h4" mb="xs">
        Screen
      </Title>
      <img src={picture.url} alt={`What the screen showed on ${fullTime(picture.at)}`} className="screen-picture" />
      <Text size="xs" c="dimmed" mt={4}>
        <Ago at={picture.at} />
      </Text>
    </Paper>
  )
}

/** A label for the device itself: whoever scans it reports this one. */
function ReportLabel({ device, onClose }: { device: DeviceDetail; onClose: () => void }) {
  const address = `${window.location.origin}/report/${device.id}`
  return (
    <Modal opened onClose={onClose} title="Label to report a fault">
      <Stack align="center" gap="sm">
        <div className="portal-label">
          <QrCode text={address} label={`Address to report a fault of ${device.name} as a QR code`} />
        </div>
        <Text size="sm" ta="center">
          Stick it on {device.name}. Whoever of you scans it gets the report with this device filled in.
        </Text>
        <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
          {address}
        </Text>
        <Button variant="default" onClick={() => window.print()} className="no-print">
          Print
        </Button>
      </Stack>
    </Modal>
  )
}

/** No internals: what a person in the shop can see and needs. */
export function PortalDevice({ id }: { id: string }) {
  const { customer } = usePortal()
  const [isLabel, setIsLabel] = useState(false)
  const query = useQuery({ queryKey: keys.device(id), queryFn: ({ signal }) => callApi<DeviceDetail>('GET', `/devices/${id}`, { signal }) })
  const tickets = useQuery(ticketsQuery(customer.id))
  if (query.isPending) return <PageLoader />
  const device = query.data
  const open = (tickets.data ?? []).filter(ticket => ticket.deviceId === id && isOpenTicket(ticket))
  const crumbs = [{ to: '/devices', name: 'Devices' }]
  if (!device)
    return (
      <>
        <PageHead title="Device" crumbs={crumbs} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </>
    )
  return (
    <>
      <PageHead
        title={device.name}
        crumbs={crumbs}
        actions={
          <>
            <Button variant="default" leftSection={<IconQrcode size={17} aria-hidden />} onClick={() => setIsLabel(true)}>
              Label
            </Button>
            <LinkButton to={`/report/${device.id}`} leftSection={<IconAlertCircle size={17} aria-hidden />}>
              Report a fault
            </LinkButton>
          </>
        }
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Stack gap="md">
          <Truth device={device} />
          {open.length > 0 && (
            <Paper p="md" component="section" aria-label="Open tickets">
              <Title order={2} size="h4" mb="xs">
                Open tickets
              </Title>
              <ul className="portal-list">
                {open.map(ticket => (
                  <li key={ticket.id}>
                    <TicketLine ticket={ticket} timeZone={customer.timeZone} />
                  </li>
                ))}
              </ul>
            </Paper>
          )}
        </Stack>
        <Stack gap="md">
          {device.picture && <Picture picture={device.picture} />}
          <DeviceServing deviceId={device.id} />
        </Stack>
      </SimpleGrid>
      {isLabel && <ReportLabel device={device} onClose={() => setIsLabel(false)} />}
    </>
  )
}
