/** A customer's devices by site. */
import { Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconDeviceDesktop } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { VERDICT_ORDER } from '../components/truth-words.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { DeviceLine } from './portal-lines.tsx'
import { usePortal } from './portal-customer.tsx'
import { devicesQuery } from './portal-queries.ts'

/** From here on a list wants a search. */
const MANY = 8

/** Worst first within each site. */
export function PortalDevices() {
  const { customer } = usePortal()
  const devices = useQuery(devicesQuery(customer.id))
  const [q, setQ] = useState('')
  if (devices.isPending) return <PageLoader />
  const all = devices.data ?? []
  const wanted = q.trim().toLowerCase()
  const shown = all.filter(({ name, siteName }) => `${name} ${siteName}`.toLowerCase().includes(wanted))
  const sites = Map.groupBy(
    shown.toSorted(
      (one, other) =>
        one.siteName.localeCompare(other.siteName) ||
        VERDICT_ORDER.indexOf(one.verdict) - VERDICT_ORDER.indexOf(other.verdict) ||
        one.name.localeCompare(other.name),
    ),
    device => device.siteName,
  )
  return (
    <>
      <PageHead title="Devices" />
      <ProblemAlert error={devices.error} again={devices.refetch} />
      {all.length === 0 && !devices.isError && (
        <NothingHere icon={<IconDeviceDesktop />} title="No devices yet">
          They appear here by themselves once they are installed.
        </NothingHere>
      )}
      {all.length > MANY && (
        <TextInput aria-label="Find" placeholder="Name or place" mb="md" value={q} onChange={event => setQ(event.currentTarget.value)} />
      )}
      <Stack gap="md">
        {[...sites].map(([site, items]) => (
          <Paper key={site} p="md" component="section" aria-label={site}>
            <Title order={2} size="h4" mb={4}>
              {site}
            </Title>
            <ul className="portal-list">
              {items.map(device => (
                <li key={device.id}>
                  <DeviceLine device={device} />
                </li>
              ))}
            </ul>
          </Paper>
        ))}
        {all.length > 0 && shown.length === 0 && (
          <Text size="sm" c="dimmed">
            No device is called that.
          </Text>
        )}
      </Stack>
    </>
  )
}
