/** One device: how it is, what happened, what is done about it. */
import { Alert, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import { callApi } from '../api/api-client.ts'
import { profilesQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PlaceTag } from '../components/tags.tsx'
import { STATE_MEANS } from '../components/truth-words.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { DisplayChainCard, PeripheralsCard } from '../hardware/hardware-cards.tsx'
import { DeviceServing } from '../serving/device-serving.tsx'
import { DeviceActions } from './device-actions.tsx'
import { DeviceCharts } from './device-charts.tsx'
import { DeviceInventory } from './device-inventory.tsx'
import { DeviceScreen } from './device-screen.tsx'
import { DeviceTickets } from './device-tickets.tsx'
import { DeviceTimeline } from './device-timeline.tsx'
import { DeviceTruths } from './device-truths.tsx'
import './devices.css'

/** Between two looks at the numbers while the page is open; changes of state come by themselves. */
const LIVE_MS = 10_000

/** Three truths, measurements, timeline, tickets, inventory. */
export function DevicePage({ id }: { id: string }) {
  const query = useQuery({
    queryKey: keys.device(id),
    queryFn: ({ signal }) => callApi<DeviceDetail>('GET', `/devices/${id}`, { signal }),
    refetchInterval: LIVE_MS,
  })
  const profiles = useQuery(profilesQuery)
  const mayChange = useMay('desk')
  const device = query.data
  if (query.isPending) return <PageLoader />
  if (!device) {
    return (
      <div className="page">
        <PageHead title="Device" crumbs={[{ to: '/', name: 'Fleet' }]} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  }
  const profile = profiles.data?.find(item => item.id === device.profileId)
  return (
    <div className="page">
      <PageHead
        title={device.name}
        crumbs={[{ to: '/', name: 'Fleet' }]}
        beside={<PlaceTag state={device.state} isAlways />}
        note={
          <Group gap={10}>
            <Link href={`/?siteId=${device.siteId}&customerId=${device.customerId}`}>{device.siteName}</Link>
            <Link href={`/customers/${device.customerId}`}>{device.customerName}</Link>
            <span>{profile ? <Link href={`/profiles/${profile.id}`}>{profile.name}</Link> : 'No profile'}</span>
            {device.model && <span>{device.model}</span>}
            <span className="mono">{device.hostname}</span>
          </Group>
        }
        actions={mayChange && <DeviceActions device={device} />}
      />
      {device.state !== 'active' && device.state !== 'additional' && (
        <Alert
          color="yellow"
          variant="outline"
          mb="md"
          title={device.state === 'waiting' ? 'Waits for a place in the plan' : device.state === 'retired' ? 'Retired' : 'Not covered'}
        >
          {STATE_MEANS[device.state]}.{' '}
          {device.state === 'waiting' && <Link href={`/customers/${device.customerId}`}>See the plan of {device.customerName}</Link>}
        </Alert>
      )}
      {!device.agentSupport.supported && (
        <Alert color="yellow" variant="outline" mb="md" title="The version of its agent is not supported">
          {device.agentSupport.why}
        </Alert>
      )}
      {device.maintenance && (
        <Alert color="yellow" variant="outline" mb="md" title="Work is planned on it">
          {device.maintenance.reason}, until {new Date(device.maintenance.until).toLocaleString()}. Faults are shown, but call nobody before
          that.
        </Alert>
      )}
      <DeviceTruths device={device} />
      <div className="device-columns">
        <Stack gap="md" miw={0}>
          <DisplayChainCard device={device} profile={profile ?? null} />
          <DeviceCharts device={device} />
          <DeviceTimeline deviceId={id} />
        </Stack>
        <Stack gap="md" miw={0}>
          <DeviceTickets deviceId={id} />
          <DeviceScreen device={device} />
          <DeviceServing deviceId={id} />
          <PeripheralsCard device={device} profile={profile ?? null} />
          <DeviceInventory inventory={device.inventory} />
        </Stack>
      </div>
    </div>
  )
}
